"""Pages, facets and filters of every search engine, while products come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog.search.cursors import Cursor, read_cursor, written
from catalog.search.ports import ProductDocument, ProductQuery, SearchBackend, SearchRules
from catalog.search.query_rules import SORTS, BadQuery
from catalog.search.reading import Choice, Reading, Slot
from tests.contracts.test_search import SHOP, document, engine, fill

__all__ = ["engine"]

WORDS = ("gel", "cream", "serum", "oil", "rich", "light", "night", "清透", "保濕", "精華液")
BRANDS, CATEGORIES, SKINS = ("", "Riceleaf", "Cloudwork"), ("", "skincare/gel", "skincare/cream"), ("oily", "dry")
QUERY = ProductQuery(merchant_id=SHOP, currency="TWD")
CAREFULLY = hypothesis_settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

products = st.builds(
    lambda words, **fields: {"title": " ".join(words), **fields},
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    brand=st.sampled_from(BRANDS),
    category_path=st.sampled_from(CATEGORIES),
    attributes=st.lists(st.sampled_from(SKINS), unique=True).map(lambda skins: {"skin_types": skins} if skins else {}),
    prices=st.one_of(st.just({}), st.integers(0, 900).map(lambda amount: {"TWD": amount * 100})),
    in_stock=st.booleans(),
    creator_ids=st.sampled_from([(), (7,)]),
)
shops = st.lists(products, min_size=1, max_size=30)
texts = st.lists(st.sampled_from(WORDS), max_size=2, unique=True).map(" ".join)
filters = st.fixed_dictionaries(
    {},
    optional={
        "brands": st.just(("riceleaf",)),
        "category_path": st.just("skincare"),
        "attributes": st.just({"skin_types": ["oily"]}),
        "excluded_attributes": st.just({"skin_types": ["dry"]}),
        "in_stock_only": st.just(True),
        "price_max": st.integers(0, 90_000),
        "creator_id": st.just(7),
    },
)


def stocked(engine: SearchBackend, shop: Sequence[dict[str, Any]]) -> list[ProductDocument]:
    """Fill the engine with these products and nothing else; ids from 10, in steps of 10."""
    engine.clear()
    found = [document(10 * place, **fields) for place, fields in enumerate(shop, 1)]
    fill(engine, *found)
    return found


def keeps(each: ProductDocument, query: ProductQuery) -> bool:
    """Whether a product keeps every filter of the query, by the plain words of it."""
    price, skins = each.prices.get("TWD"), each.attributes.get("skin_types", [])
    return all(
        (
            not query.brands or each.brand.lower() in query.brands,
            not query.category_path or each.category_path.startswith(f"{query.category_path}/"),
            all(set(skins) & set(wanted) for wanted in query.attributes.values()),
            not any(set(skins) & set(unwanted) for unwanted in query.excluded_attributes.values()),
            not query.in_stock_only or each.in_stock,
            query.price_max is None or (price is not None and price <= query.price_max),
            query.creator_id is None or query.creator_id in each.creator_ids,
        )
    )


@CAREFULLY
@given(shop=shops, text=texts, given_filters=filters)
def test_filters_never_leak_and_facets_equal_counts(
    engine: SearchBackend, shop: list[dict[str, Any]], text: str, given_filters: dict[str, Any]
) -> None:
    catalog = {each.product_id: each for each in stocked(engine, shop)}
    facets = ("brand", "category", "in_stock", "skin_types", "price")
    query = replace(QUERY, text=text, facets=facets, limit=50, **given_filters)

    page = engine.search(query)

    assert all(keeps(catalog[hit.product_id], query) for hit in page.hits)
    assert page.total == len(page.hits)
    if not text:
        assert page.total == sum(keeps(each, query) for each in catalog.values())
    narrower = replace(query, facets=(), match=page.match)
    for brand, count in page.facets["brand"].items():
        assert engine.search(replace(narrower, brands=(brand,))).total == count
    for path, count in page.facets["category"].items():
        assert engine.search(replace(narrower, category_path=path)).total == count
    for skin, count in page.facets["skin_types"].items():
        both = {"skin_types": [skin]} if not query.attributes else None
        assert both is None or engine.search(replace(narrower, attributes=both)).total == count
    assert engine.search(replace(narrower, in_stock_only=True)).total == page.facets["in_stock"].get("true", 0)
    for band, count in page.facets["price"].items():
        low, high = map(int, band.split("-"))
        ceiling = min(high - 1, high if query.price_max is None else query.price_max)
        assert engine.search(replace(narrower, price_min=low, price_max=ceiling)).total == count


visits = st.fixed_dictionaries(
    {
        "text": texts,
        "sort": st.sampled_from(SORTS),
        "limit": st.integers(1, 5),
        "seen_max": st.sampled_from([2, 240]),
        # A product that comes, or the place of one that goes, before each further page.
        "changes": st.lists(st.one_of(products, st.integers(0, 29)), max_size=8),
    }
)


@CAREFULLY
@given(shop=shops, visit=visits)
def test_pages_show_what_stayed_once_however_the_catalog_changes_between_them(
    engine: SearchBackend, settings: Any, shop: list[dict[str, Any]], visit: dict[str, Any]
) -> None:
    settings.SEARCH_CURSOR_SEEN_MAX = visit["seen_max"]
    there = sorted(each.product_id for each in stocked(engine, shop))
    query = replace(QUERY, text=visit["text"], sort=visit["sort"], limit=visit["limit"])
    matching = {hit.product_id for hit in engine.search(replace(query, limit=50)).hits}
    removed: set[int] = set()

    page = engine.search(query)
    shown = [hit.product_id for hit in page.hits]
    pending = list(enumerate(visit["changes"]))
    while page.next is not None:
        if pending:
            place, change = pending.pop(0)
            if isinstance(change, dict):
                fill(engine, document(3 + place + (10 * len(shop) if place % 2 else 0), **change))
            else:
                removed.add(there[change % len(there)])
                engine.delete(there[change % len(there)], merchant_id=SHOP, version=2)
        page = engine.search(replace(query, after=read_cursor(written(page.next, query), query)))
        shown += [hit.product_id for hit in page.hits]

    assert len(shown) == len(set(shown))
    assert matching - removed <= set(shown)


def test_a_page_after_another_counts_the_same_total_and_facets(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Serum {n}", brand="A" if n % 2 else "B") for n in range(1, 30)))
    query = replace(QUERY, text="serum", limit=10, facets=("brand",))

    first = engine.search(query)
    second = engine.search(replace(query, after=first.next))
    third = engine.search(replace(query, after=second.next))

    assert [first.total, second.total, third.total] == [29, 29, 29]
    assert first.facets == second.facets == third.facets == {"brand": {"A": 15, "B": 14}}
    assert [len(page.hits) for page in (first, second, third)] == [10, 10, 9]
    assert third.next is None


def test_pages_by_relevance_go_on_in_the_order_of_one_long_page(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Serum {'cream ' * (n % 5)}") for n in range(1, 41)))
    query = replace(QUERY, text="serum", limit=8)
    whole = [hit.product_id for hit in engine.search(replace(query, limit=40)).hits]

    shown: list[int] = []
    page = engine.search(query)
    while True:
        shown += [hit.product_id for hit in page.hits]
        if page.next is None:
            break
        page = engine.search(replace(query, after=page.next))

    assert shown == whole


def test_a_new_product_does_not_change_how_the_second_page_reads_the_words(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Wireless keyboard {n}") for n in range(1, 5)))
    query = replace(QUERY, text="wirless keybaord", limit=3)
    first = engine.search(query)
    fill(engine, *(document(10 + n, "Wirless keybaord") for n in range(12)))

    second = engine.search(replace(query, after=read_cursor(written(first.next, query), query)))

    assert {hit.product_id for hit in (*first.hits, *second.hits)} >= {1, 2, 3, 4}


def test_the_newest_come_first(engine: SearchBackend) -> None:
    fill(engine, document(3, "A"), document(1, "B"), document(2, "C"))

    page = engine.search(replace(QUERY, sort="newest", limit=2))

    assert [hit.product_id for hit in page.hits] == [3, 2]
    assert [hit.product_id for hit in engine.search(replace(QUERY, sort="newest", after=page.next)).hits] == [1]


def test_words_are_looked_for_as_written_when_the_shopper_insists(engine: SearchBackend) -> None:
    fill(engine, document(1, "Wireless keyboard"), document(2, "Wirless label", brand="Wirless"))
    fill(engine, *(document(n, "Wireless mouse") for n in range(10, 100)))
    query = replace(QUERY, text="keybaord")

    assert engine.search(query).corrected == "keyboard"
    assert engine.search(replace(query, corrects=False)).total == 0


def test_match_says_and_decides_whether_every_word_must_be_there(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Gaming mouse {n}") for n in range(1, 12)), document(99, "Gaming chair"))
    query = replace(QUERY, text="gaming mouse", limit=50)

    assert (engine.search(query).match, engine.search(query).total) == ("every", 11)
    assert engine.search(replace(query, match="some")).total == 12
    few = replace(query, text="gaming chair")
    assert (engine.search(few).match, engine.search(few).total) == ("some", 12)
    assert engine.search(replace(few, match="every")).total == 1
    assert engine.search(QUERY).match == ""


def test_pinned_products_are_on_one_page_only(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Serum {n}") for n in range(1, 8)), document(50, "Balm"))
    query = replace(QUERY, text="serum", limit=3, rules=SearchRules(pinned=(50, 7)))

    first = engine.search(query)
    second = engine.search(replace(query, after=first.next))
    third = engine.search(replace(query, after=second.next))

    assert [hit.product_id for hit in first.hits[:2]] == [50, 7]
    assert sorted(hit.product_id for page in (first, second, third) for hit in page.hits) == [1, 2, 3, 4, 5, 6, 7, 50]


def test_a_cursor_of_another_search_or_hand_is_refused() -> None:
    reading = Reading((Slot((Choice(("serum",)), Choice(("gel", "x"), 0.5))),), ("精",))
    cursor = Cursor("some", reading, (3, 9, 12), (5, 9))
    query = replace(QUERY, text="serum")
    text = written(cursor, query)

    assert read_cursor(text, replace(query, limit=50, facets=("brand",))) == cursor
    for other in (replace(query, text="balm"), replace(query, brands=("A",)), replace(query, sort="price")):
        with pytest.raises(BadQuery, match=r"^cursor: it belongs to another search"):
            read_cursor(text, other)
    for broken in ("", "x", text[:-2], f"{text}a"):
        with pytest.raises(BadQuery, match=r"^cursor: it is not one of this shop"):
            read_cursor(broken, query)


def test_half_typed_words_become_products_brands_and_categories(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Plain Rice Mask", brand="Riceleaf", category="Mask\n面膜", category_path="skincare/mask"),
        document(2, "Rice Water Toner\n米水化妝水", brand="Riceleaf", category="Toner\n化妝水", category_path="toner"),
        document(3, "Toner pads", merchant_id=2),
    )

    found = engine.complete(SHOP, "ri")
    assert (found.product_ids, found.brands, found.category_paths) == ((2, 1), ("Riceleaf",), ())
    assert engine.complete(SHOP, "化妆").category_paths == ("toner",)
    assert engine.complete(SHOP, "ton", limit=1).product_ids == (2,)
    assert engine.complete(SHOP, "zz").product_ids == engine.complete(SHOP, " ").product_ids == ()
