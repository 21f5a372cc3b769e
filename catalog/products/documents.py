"""What the search index holds of a product: its row and everything around it as one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from catalog.languages import SIMPLIFIED, TRADITIONAL
from catalog.products.models import Offer, Product, ProductStatus, Shelf, Variant
from catalog.products.popularity import popularity_of
from catalog.products.prices import live_rows, price_now
from catalog.products.vocabulary import is_listed, names
from catalog.search.ports import ProductDocument
from catalog.search.stating import FREE_FROM, stated

# What these name is what a product is not for: who looks for retinol must not find what clashes with it.
_WARNINGS = frozenset({"conflicts_with", "avoid_in_pregnancy"})
_UNITS = frozenset({"ml", "l", "g", "kg", "mm", "cm"})
_SPOKEN_UNITS = {"spf": "spf {}", "people": "{} person", "lumens": "{} lm", "comfort_c": "{} °c"}


def documents(product_ids: Sequence[int]) -> list[ProductDocument]:
    """Return the documents of those products that shoppers may find; a few queries however many."""
    rows: QuerySet[Product] = Product.objects.filter(pk__in=product_ids, status=ProductStatus.ACTIVE)
    skus, counted, options = _variant_facts(product_ids)
    prices = _prices(product_ids)
    creators = _creators(product_ids)
    popular = popularity_of(product_ids)
    return [
        _document(
            product,
            (skus[product.pk], tuple(options[product.pk])),
            counted[product.pk],
            prices[product.pk],
            creators[product.pk],
            popularity=popular.get(product.pk, 0.0),
        )
        for product in rows.select_related("brand", "category")
    ]


def _document(
    product: Product,
    variants: tuple[Sequence[str], Sequence[str]],
    in_stock: bool,
    prices: Mapping[str, int],
    creator_ids: Sequence[int],
    *,
    popularity: float,
) -> ProductDocument:
    skus, options = variants
    values = attribute_values(product.attributes)
    is_external = bool(product.external_url)
    return ProductDocument(
        product_id=product.pk,
        merchant_id=product.merchant_id,
        title=_texts(product.titles, product.title),
        description=_texts(product.descriptions),
        category=_texts(product.category.names) if product.category else "",
        category_path=product.category.path if product.category else "",
        brand=product.brand.name if product.brand else "",
        model=product.model_number,
        skus=tuple(skus),
        attributes=values,
        attribute_text=_words_of_attributes(values, (*product.tags, *options)),
        attribute_names=_attribute_names(values),
        prices=dict(prices),
        in_stock=is_external or in_stock,
        is_for_sale=is_external or bool(prices),
        creator_ids=tuple(creator_ids),
        popularity=popularity,
    )


def attribute_values(attributes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return a product's attributes as lists of text, for filters and facets; yes is "true", empty ones are dropped."""
    found: dict[str, list[str]] = {}
    for name, value in attributes.items():
        texts = [attribute_text(each) for each in (value if isinstance(value, list) else [value])]
        if kept := [text for text in texts if text]:
            found[name] = kept
    return found


def attribute_text(value: object) -> str:
    """Return one value of an attribute as filters take it; "" for none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _words_of_attributes(values: Mapping[str, Sequence[str]], tags: Sequence[object]) -> str:
    words = [_spoken(name, each) for name, given in values.items() for each in given if name not in _WARNINGS]
    told = (name for name, given in values.items() if is_listed("said", name) and any(map(_says_yes, given)))
    words += [stated(value) for value in values.get(FREE_FROM, ())]
    words += [spoken for name in told for spoken in names("said", name)]
    return " ".join([*filter(None, words), *map(str, tags)])


def _attribute_names(values: Mapping[str, Sequence[str]]) -> str:
    """Return the names of what a product is said to have: who looks for "waterproof" or "keyboard" means those too."""
    told = [name for name, given in values.items() if name not in _WARNINGS and any(map(_says_yes, given))]
    return " ".join(name.replace("_", " ") for name in told)


def _says_yes(value: str) -> bool:
    return value not in ("false", "0")


def _spoken(name: str, value: str) -> str:
    """Return the words that find a value: its names, or a number with its unit ("30 ml", "spf 50").

    A bare number or yes says nothing without its name: "7" from a package's height must not be found as "iPhone 7".
    """
    if value in ("true", "false"):
        return ""
    if any(character.isalpha() for character in value):
        return " ".join(names(name, value))
    unit = name.rpartition("_")[2]
    return _SPOKEN_UNITS.get(name, f"{{}} {unit}" if unit in _UNITS else "").format(value)


def _texts(texts: Mapping[str, str], own: str = "") -> str:
    """Return the texts in every language, a line each; Simplified is left to folding when Traditional is there."""
    kept = {language: text for language, text in texts.items() if language != SIMPLIFIED or not texts.get(TRADITIONAL)}
    return "\n".join(dict.fromkeys(text for text in (own, *kept.values()) if text))


def _variant_facts(
    product_ids: Sequence[int],
) -> tuple[defaultdict[int, list[str]], defaultdict[int, bool], defaultdict[int, dict[str, None]]]:
    """Return SKUs, whether any is in stock, and the values of options ("red", "30 ml"), by product."""
    skus: defaultdict[int, list[str]] = defaultdict(list)
    in_stock: defaultdict[int, bool] = defaultdict(bool)
    values: defaultdict[int, dict[str, None]] = defaultdict(dict)
    rows = Variant.objects.filter(product_id__in=product_ids).values_list(
        "product_id", "sku", "options", "stock__is_tracked", "stock__on_hand", "stock__reserved"
    )
    for product_id, sku, options, is_tracked, on_hand, reserved in rows:
        skus[product_id].append(sku)
        values[product_id] |= dict.fromkeys(map(str, options.values()))
        in_stock[product_id] |= not is_tracked or on_hand > reserved
    return skus, in_stock, values


def _prices(product_ids: Sequence[int]) -> defaultdict[int, dict[str, int]]:
    """Return the lowest price of each product by currency at this moment; a boundary of a live price indexes again."""
    lowest: defaultdict[int, dict[str, int]] = defaultdict(dict)
    live, now = live_rows(product_ids), timezone.now()
    rows = Offer.objects.filter(variant__product_id__in=product_ids).values_list(
        "variant__product_id", "variant_id", "currency", "amount_minor"
    )
    for product_id, variant_id, currency, amount in rows:
        price = price_now(amount, None, currency, live.get(variant_id, ()), at=now).price.minor
        lowest[product_id][currency] = min(price, lowest[product_id].get(currency, price))
    return lowest


def _creators(product_ids: Sequence[int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for product_id, creator_id in Shelf.objects.filter(product_id__in=product_ids).values_list(
        "product_id", "creator_id"
    ):
        found[product_id].append(creator_id)
    return found
