"""Products become documents of the search index: one by one as they change, or all again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.languages import SIMPLIFIED, TRADITIONAL
from catalog.outbox.models import OutboxMessage
from catalog.outbox.subscribers import Event, subscriber
from catalog.products.models import Offer, Product, ProductStatus, Shelf, Variant
from catalog.products.services import TOPIC
from catalog.products.vocabulary import names
from catalog.search.backend import backend
from catalog.search.ports import ProductDocument

_BATCH = 500
# What these name is what a product is not for: who looks for retinol must not find what clashes with it.
_WARNINGS = frozenset({"conflicts_with", "avoid_in_pregnancy"})
_UNITS = frozenset({"ml", "l", "g", "kg", "mm", "cm"})
_SETTLED_AFTER = timedelta(hours=1)  # no transaction stays open that long


@subscriber(lane="index")
def on_product_changed(event: Event) -> None:
    """Write the products that changed into the index as they are now, with the event's id as version."""
    with event.scope():
        product_ids = [int(product_id) for product_id in event.payload["product_ids"]]
        found = documents(product_ids)
        backend().index((document, event.id) for document in found)
        for product_id in set(product_ids) - {document.product_id for document in found}:
            backend().delete(product_id, version=event.id)


def reindex(*, merchant: Merchant | None = None, progress: Callable[[int], object] | None = None) -> int:
    """Write every product of one merchant, or of all, into the index; return how many stand in it now.

    `progress` hears how many products were looked at since it last heard. Products that are no longer sold are removed.
    """
    merchants = [merchant] if merchant else Merchant.objects.all()
    return sum(_reindex_merchant(each, progress or _nobody) for each in merchants)


def products_to_index(*, merchant: Merchant | None = None) -> int:
    """Return how many products `reindex` will look at."""
    merchants = [merchant] if merchant else list(Merchant.objects.all())
    with merchant_scope(merchants):
        return Product.objects.count()


def documents(product_ids: Sequence[int]) -> list[ProductDocument]:
    """Return the documents of those products that shoppers may find; a few queries however many."""
    rows: QuerySet[Product] = Product.objects.filter(pk__in=product_ids, status=ProductStatus.ACTIVE)
    skus, counted = _variant_facts(product_ids)
    prices = _prices(product_ids)
    creators = _creators(product_ids)
    return [
        _document(product, skus[product.pk], counted[product.pk], prices[product.pk], creators[product.pk])
        for product in rows.select_related("brand", "category")
    ]


def _document(
    product: Product, skus: Sequence[str], in_stock: bool, prices: Mapping[str, int], creator_ids: Sequence[int]
) -> ProductDocument:
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
        attribute_text=_attribute_text(values, product.tags),
        prices=dict(prices),
        in_stock=is_external or in_stock,
        is_for_sale=is_external or bool(prices),
        creator_ids=tuple(creator_ids),
    )


def attribute_values(attributes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return a product's attributes as lists of text, for filters and facets; yes is "true", empty ones are dropped."""
    found: dict[str, list[str]] = {}
    for name, value in attributes.items():
        texts = [_text(each) for each in (value if isinstance(value, list) else [value])]
        if kept := [text for text in texts if text]:
            found[name] = kept
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _attribute_text(values: Mapping[str, Sequence[str]], tags: Sequence[object]) -> str:
    words = [_spoken(name, each) for name, given in values.items() for each in given if name not in _WARNINGS]
    return " ".join([*filter(None, words), *map(str, tags)])


def _spoken(name: str, value: str) -> str:
    """Return the words that find a value: its names, or a number with its unit ("30 ml", "spf 50").

    A bare number or yes says nothing without its name: "7" from a package's height must not be found as "iPhone 7".
    """
    if value in ("true", "false"):
        return ""
    if any(character.isalpha() for character in value):
        return " ".join(names(name, value))
    unit = name.rpartition("_")[2]
    return f"spf {value}" if name == "spf" else f"{value} {unit}" if unit in _UNITS else ""


def _texts(texts: Mapping[str, str], own: str = "") -> str:
    """Return the texts in every language, a line each; Simplified is left to folding when Traditional is there."""
    kept = {language: text for language, text in texts.items() if language != SIMPLIFIED or not texts.get(TRADITIONAL)}
    return "\n".join(dict.fromkeys(text for text in (own, *kept.values()) if text))


def _variant_facts(product_ids: Sequence[int]) -> tuple[defaultdict[int, list[str]], defaultdict[int, bool]]:
    skus: defaultdict[int, list[str]] = defaultdict(list)
    in_stock: defaultdict[int, bool] = defaultdict(bool)
    rows = Variant.objects.filter(product_id__in=product_ids).values_list(
        "product_id", "sku", "stock__is_tracked", "stock__on_hand", "stock__reserved"
    )
    for product_id, sku, is_tracked, on_hand, reserved in rows:
        skus[product_id].append(sku)
        in_stock[product_id] |= not is_tracked or on_hand > reserved
    return skus, in_stock


def _prices(product_ids: Sequence[int]) -> defaultdict[int, dict[str, int]]:
    lowest: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = Offer.objects.filter(variant__product_id__in=product_ids).values_list(
        "variant__product_id", "currency", "amount_minor"
    )
    for product_id, currency, amount in rows:
        lowest[product_id][currency] = min(amount, lowest[product_id].get(currency, amount))
    return lowest


def _creators(product_ids: Sequence[int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for product_id, creator_id in Shelf.objects.filter(product_id__in=product_ids).values_list(
        "product_id", "creator_id"
    ):
        found[product_id].append(creator_id)
    return found


def _reindex_merchant(merchant: Merchant, progress: Callable[[int], object]) -> int:
    with merchant_scope(merchant):
        stale = backend().product_ids(merchant.pk)
        stale_versions = _safe_versions(merchant.pk, stale)
        last_id = 0
        while batch := list(_ids_after(last_id)):
            last_id = batch[-1]
            versions = _safe_versions(merchant.pk, batch)  # before the rows are read
            found = documents(batch)
            backend().index((document, versions[document.product_id]) for document in found)
            stale.difference_update(document.product_id for document in found)
            progress(len(batch))
        for product_id in stale:
            backend().delete(product_id, version=stale_versions[product_id])
        return len(backend().product_ids(merchant.pk))


def _ids_after(product_id: int) -> Iterable[int]:
    return Product.objects.filter(pk__gt=product_id).order_by("pk").values_list("pk", flat=True)[:_BATCH]


def _safe_versions(merchant_id: int, product_ids: Iterable[int]) -> dict[int, int]:
    """Return the version under which each product may be written, if it is read after this call.

    It is the newest event of that product that can be seen. Events of one product become visible in the order of their
    ids, so one that is still uncommitted gets a higher version and wins later, whatever other ids have come in between.
    """
    settled_before = timezone.now() - _SETTLED_AFTER
    settled = OutboxMessage.objects.filter(created_at__lt=settled_before).aggregate(newest=Max("id"))["newest"]
    recent = OutboxMessage.objects.filter(topic=TOPIC, merchant_id=merchant_id, created_at__gte=settled_before)
    versions = dict.fromkeys(product_ids, settled or 0)
    for message_id, payload in recent.order_by("id").values_list("id", "payload").iterator():
        for product_id in payload["product_ids"]:
            if product_id in versions:
                versions[product_id] = message_id
    return versions


def _nobody(_: int) -> None:
    """Hear progress and say nothing."""
