"""Products and ingredients by the words people use for them: "No. 3", "3 號", "A 醛", "the retinal serum"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.accounts.models import Merchant
from catalog.products.models import Product
from catalog.products.reasons import values
from catalog.products.selectors import ProductView, product_views, shelf_product_ids
from catalog.products.vocabulary import meanings, name_key, names, value_named, word
from catalog.search.analysis import fold
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery
from tools.context import ToolContext

_HELD_MAX = 30  # products of one ingredient that are looked at
_FOUND_MAX = 20
_CJK = "\u3400-\u4dbf\u4e00-\u9fff"
_ARTICLE = re.compile(r"^(?:an?|the|my|your|this|that) (?=[a-z])", re.IGNORECASE)
_WORDS = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Thing:
    """A product, or an ingredient with the products that hold it."""

    label: str  # in the reader's language
    called: str  # the shortest name, for looking it up in texts
    views: tuple[ProductView, ...]  # for an ingredient those that are made for it first, in the shelf's order
    traits: frozenset[str]  # what other products' `conflicts_with` may name
    names: tuple[str, ...]  # how a text may call it
    is_product: bool = False


def thing_of_product(view: ProductView, said: str = "") -> Thing:
    """Return a product as a thing."""
    traits = frozenset({*values(view, "key_ingredients"), *values(view, "features")})
    return Thing(view.title, said or view.title, (view,), traits, (view.title, said), is_product=True)


def is_kind(said: str) -> bool:
    """Whether `said` names a kind of product and nothing more: "a serum", 防曬."""
    bare = _ARTICLE.sub("", said)
    return value_named("kind", bare) is not None and not _values_named(bare)


def thing_named(merchant: Merchant, ctx: ToolContext, said: str) -> Thing | None:
    """Return what `said` names in this shop, or None. Call inside the shop.

    Raises: SearchUnavailable.
    """
    if is_kind(said):
        return None  # a kind of product is many products
    said = _ARTICLE.sub("", said)
    for spoken in dict.fromkeys((said, _without_kind(said))):
        thing = _ingredient(merchant, ctx, _values_named(spoken)) or _titled(merchant, ctx, spoken)
        if thing is not None:
            return thing
    return _ingredient(merchant, ctx, ingredients_within(said))


def spelled(text: str) -> str:
    """Return `text` as words between spaces, Chinese characters apart: how names are looked for in texts."""
    return f" {' '.join(_WORDS.findall(fold(text)))} "


def mentions(text: str, names: Sequence[str]) -> bool:
    """Whether `text` holds one of these names, as whole words."""
    within = spelled(text)
    return any(spelled(name) in within for name in names if name.strip())


def _ingredient(merchant: Merchant, ctx: ToolContext, found: Sequence[str]) -> Thing | None:
    """Return the thing that these values of `key_ingredients` are; None when the shop's data never name them."""
    if not found:
        return None
    names = tuple(name for spoken in _all_names() if spoken[0] in found for name in spoken[1])
    query = ProductQuery(merchant.pk, attributes={"key_ingredients": found}, limit=_HELD_MAX)
    ids = [hit.product_id for hit in backend().search(query).hits]
    views = product_views(product_ids=ids, language=ctx.language, currency=ctx.currency)
    on_shelf = shelf_product_ids(creator_id=ctx.creator_id)
    places = {product_id: place for place, product_id in enumerate(on_shelf)}
    views.sort(key=lambda view: (not is_made_for(view, found), places.get(view.product_id, len(places))))
    label = word("key_ingredients", found[0], ctx.language)
    return Thing(label, label, tuple(views), frozenset(found), names)


def is_made_for(view: ProductView, traits: Collection[str]) -> bool:
    """Whether a product's first ingredient is one of these: what it says of itself it then says for that one."""
    return bool(set(values(view, "key_ingredients")[:1]) & set(traits))


def _titled(merchant: Merchant, ctx: ToolContext, said: str) -> Thing | None:
    """Return the product whose title, in any language, holds these words together, else all of them."""
    wanted = spelled(said)
    if len(wanted.strip()) < 2:
        return None
    hits = backend().search(ProductQuery(merchant.pk, text=said, limit=_FOUND_MAX)).hits
    ids = [hit.product_id for hit in hits]
    titles = {
        pk: [spelled(each) for each in (title, *by_language.values())]
        for pk, title, by_language in Product.objects.filter(pk__in=ids).values_list("pk", "title", "titles")
    }
    together = [pk for pk in ids if any(wanted in title for title in titles.get(pk, ()))]
    loose = [pk for pk in ids if any(set(wanted.split()) <= set(title.split()) for title in titles.get(pk, ()))]
    for pk in (*together, *(loose if re.fullmatch(r"[\x00-\x7f]+", wanted) else ())):
        views = product_views(product_ids=[pk], language=ctx.language, currency=ctx.currency)
        if views:
            return thing_of_product(views[0], said)
    return None


@lru_cache(maxsize=1)
def _all_names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (value, its names) of every ingredient in the vocabulary."""
    return tuple((spoken[0].replace(" ", "_"), spoken) for spoken in meanings("key_ingredients"))


def _values_named(said: str) -> tuple[str, ...]:
    """Return the values that `said` names; "AHA" names several. The one it is the usual name of comes first."""
    key = name_key(said)
    found = [value for value, spoken in _all_names() if key in map(name_key, spoken)]
    place = {value: [name_key(name) for name in names("key_ingredients", value)].index(key) for value in found}
    return tuple(sorted(found, key=lambda value: (place[value], len(value))))


def ingredients_within(said: str) -> tuple[str, ...]:
    """Return the values of `key_ingredients` whose longest name stands in `said`: "my retinal at night"."""
    within = spelled(said)
    names = [name for _, spoken in _all_names() for name in spoken if spelled(name) in within]
    return _values_named(max(names, key=len)) if names else ()


def _without_kind(said: str) -> str:
    """Return `said` without the kind of product it ends with: "No. 3 serum" is No. 3."""
    text = spelled(said).strip()
    kinds = sorted({spelled(name).strip() for spoken in meanings("kind") for name in spoken}, key=len, reverse=True)
    for kind in kinds:
        if text.endswith(f" {kind}"):
            return text.removesuffix(kind).strip()
    return text
