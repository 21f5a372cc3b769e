"""What every search engine must do; an adapter is done when it passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.search.embedded import EmbeddedSearch
from catalog.search.fingerprints import fingerprint
from catalog.search.ports import ProductDocument, ProductQuery, SearchBackend, SearchRules
from catalog.search.query_rules import BadQuery
from catalog.search.understood import Agreement, Conditions, MeasureRange, PriceRange

SHOP, OTHER_SHOP = 1, 2


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.engine)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchBackend]:
    if request.param == "embedded":
        yield EmbeddedSearch(tmp_path / "search.sqlite3")
    else:
        yield request.getfixturevalue("elasticsearch")


def document(product_id: int, title: str, **fields: Any) -> ProductDocument:
    return ProductDocument(product_id=product_id, merchant_id=fields.pop("merchant_id", SHOP), title=title, **fields)


def fill(engine: SearchBackend, *documents: ProductDocument, version: int = 1) -> None:
    engine.index((each, version) for each in documents)


def found(engine: SearchBackend, text: str = "", **fields: Any) -> list[int]:
    query = ProductQuery(**{"merchant_id": SHOP, "text": text, **fields})
    return [hit.product_id for hit in engine.search(query).hits]


def beauty(engine: SearchBackend) -> None:
    """Four products that differ in everything one can filter by."""
    fill(
        engine,
        document(
            1,
            "Clear gel\n清透凝膠",
            category_path="skincare/cleanser",
            brand="Riceleaf",
            attributes={"skin_types": ["oily", "sensitive"], "free_from": ["fragrance"]},
            prices={"TWD": 48_000, "USD": 15_50},
            creator_ids=(7,),
        ),
        document(
            2,
            "Cloud cream",
            category_path="skincare/moisturiser",
            brand="Cloudwork",
            attributes={"skin_types": ["dry"], "key_ingredients": ["ceramide", "fragrance"]},
            prices={"TWD": 108_000, "USD": 34_00},
            in_stock=False,
        ),
        document(
            3,
            "Skincare tool",
            category_path="skincare-tools",
            brand="Riceleaf",
            attributes={"skin_types": ["oily"]},
            prices={"TWD": 20_000},
            creator_ids=(7, 8),
        ),
        document(4, "Not sold", category_path="skincare", is_for_sale=False),
    )


def test_an_empty_query_lists_everything_by_title(engine: SearchBackend) -> None:
    fill(engine, document(1, "Toner"), document(2, "Balm"), document(3, "cleanser"))

    page = engine.search(ProductQuery(merchant_id=SHOP))

    assert [hit.product_id for hit in page.hits] == [2, 3, 1]
    assert page.total == 3


def test_a_title_outweighs_a_description_and_an_attribute(engine: SearchBackend) -> None:
    filler = "a plain thing for every day with nothing else to say of it"
    fill(
        engine,
        document(1, filler, description=f"niacinamide {filler}"),
        document(2, f"niacinamide {filler}", description=filler),
        document(3, filler, attribute_text=f"niacinamide {filler}"),
        *(document(10 + n, f"other {n}", description=filler) for n in range(20)),
    )

    assert found(engine, "niacinamide")[0] == 2
    assert sorted(found(engine, "niacinamide")) == [1, 2, 3]


def test_brand_model_sku_and_category_are_searched(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Printer", brand="Brother"),
        document(2, "Toner", model="TN-2110"),
        document(3, "Drum", skus=("DR2100",)),
        document(4, "Cable", category="Accessories\n配件"),
    )

    assert [found(engine, text) for text in ("brother", "tn-2110", "dr2100", "配件")] == [[1], [2], [3], [4]]


def test_words_match_in_any_form_case_width_and_accent(engine: SearchBackend) -> None:
    fill(engine, document(1, "Moisturising crème"))

    for text in ("moisturises", "MOISTURISING", "ｍｏｉｓｔｕｒｉｓｉｎｇ", "creme", "Crème"):
        assert found(engine, text) == [1], text


def test_all_words_come_before_some_words(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Gaming mouse"),
        document(2, "Mouse pad"),
        document(3, "Gaming mouse pad"),
        document(4, "Gaming chair"),
    )

    assert found(engine, "gaming mouse pad")[0] == 3
    assert sorted(found(engine, "gaming mouse pad")) == [1, 2, 3, 4]


def test_products_with_all_words_stand_alone_when_there_are_enough(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"gaming mouse {n}") for n in range(1, 12)), document(99, "gaming chair"))

    page = engine.search(ProductQuery(merchant_id=SHOP, text="gaming mouse", limit=50))

    assert page.total == 11
    assert 99 not in [hit.product_id for hit in page.hits]


def test_function_words_do_not_match_but_alone_they_do(engine: SearchBackend) -> None:
    fill(engine, document(1, "The Ordinary"), document(2, "Serum for redness"))

    assert found(engine, "something for the redness") == [2]
    assert found(engine, "the") == [1]


@pytest.mark.parametrize("query", ["菸鹼醯胺精華", "烟碱酰胺精华", "精華", "精华"])
@pytest.mark.parametrize("title", ["3 號菸鹼醯胺精華", "3 号烟碱酰胺精华"])
def test_chinese_is_found_in_either_script(engine: SearchBackend, title: str, query: str) -> None:
    fill(engine, document(1, title), document(2, "雲朵修護乳霜"))

    assert found(engine, query) == [1]


def test_a_single_character_is_found_and_a_shared_one_is_not_enough(engine: SearchBackend) -> None:
    fill(engine, document(1, "舒緩泛紅精華"), document(2, "漱口水"))

    assert found(engine, "紅") == [1]
    assert found(engine, "口紅") == []


def test_chinese_and_latin_in_one_query(engine: SearchBackend) -> None:
    fill(engine, document(1, "紙感防曬乳 SPF 50"), document(2, "防曬帽"), document(3, "Sun stick SPF 30"))

    assert found(engine, "SPF防晒")[0] == 1
    assert found(engine, "A 醇") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"category_path": "skincare"}, [1, 2, 4]),
        ({"category_path": "skincare/cleanser"}, [1]),
        ({"category_path": "/skincare/"}, [1, 2, 4]),
        ({"brands": ("riceleaf",)}, [1, 3]),
        ({"brands": ("Riceleaf", "Cloudwork")}, [1, 2, 3]),
        ({"attributes": {"skin_types": ["oily", "dry"]}}, [1, 2, 3]),
        ({"attributes": {"skin_types": ["oily"], "free_from": ["fragrance"]}}, [1]),
        ({"attributes": {"skin_types": []}}, [1, 2, 3, 4]),
        ({"excluded_attributes": {"key_ingredients": ["fragrance"]}}, [1, 3, 4]),
        ({"product_ids": (2, 4, 99)}, [2, 4]),
        ({"product_ids": ()}, []),
        ({"excluded_product_ids": (2, 4)}, [1, 3]),
        ({"creator_id": 7}, [1, 3]),
        ({"in_stock_only": True}, [1, 3, 4]),
        ({"for_sale_only": True}, [1, 2, 3]),
        ({"currency": "TWD", "price_min": 48_000}, [1, 2]),
        ({"currency": "TWD", "price_max": 48_000}, [1, 3]),
        ({"currency": "USD", "price_min": 1, "price_max": 20_00}, [1]),
        ({"currency": "EUR", "price_max": 10**30}, []),
        ({"creator_id": 7, "attributes": {"skin_types": ["sensitive"]}, "currency": "USD", "price_max": 99_00}, [1]),
    ],
)
def test_filters(engine: SearchBackend, fields: Mapping[str, Any], expected: list[int]) -> None:
    beauty(engine)

    page = engine.search(ProductQuery(merchant_id=SHOP, **fields))

    assert sorted(hit.product_id for hit in page.hits) == expected
    assert page.total == len(expected)


def test_filters_hold_for_a_text_search_too(engine: SearchBackend) -> None:
    beauty(engine)

    assert found(engine, "cream gel", in_stock_only=True) == [1]


def test_merchants_are_apart(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"), document(2, "Serum", merchant_id=OTHER_SHOP))

    assert found(engine, "serum") == [1]
    assert found(engine, "serum", product_ids=(2,)) == []
    assert engine.suggest(SHOP, "ser") == ["Serum"]
    assert engine.product_ids(OTHER_SHOP) == {2}
    assert engine.explain(ProductQuery(merchant_id=SHOP, text="serum"), 2).score == 0


def test_facets_count_what_matches(engine: SearchBackend) -> None:
    beauty(engine)

    facets = engine.search(
        ProductQuery(
            merchant_id=SHOP,
            currency="TWD",
            for_sale_only=True,
            limit=1,
            facets=("category", "brand", "price", "in_stock", "skin_types", "unknown"),
        )
    ).facets

    assert facets == {
        "category": {"skincare-tools": 1, "skincare/cleanser": 1, "skincare/moisturiser": 1},
        "brand": {"Riceleaf": 2, "Cloudwork": 1},
        "price": {"20000-40000": 1, "40000-60000": 1, "100000-120000": 1},
        "in_stock": {"true": 2, "false": 1},
        "skin_types": {"oily": 2, "dry": 1, "sensitive": 1},
        "unknown": {},
    }


def test_facets_keep_the_merchants_spelling_and_filter_in_any(engine: SearchBackend) -> None:
    fill(engine, document(1, "Cap", attributes={"Colour": ["Dark Blue"]}))

    page = engine.search(ProductQuery(merchant_id=SHOP, attributes={"Colour": ["dark blue"]}, facets=("Colour",)))

    assert page.facets == {"Colour": {"Dark Blue": 1}}


@pytest.mark.parametrize(
    ("sort", "expected"), [("price", [3, 1, 2, 4]), ("-price", [2, 1, 3, 4]), ("title", [1, 2, 4, 3])]
)
def test_sort(engine: SearchBackend, sort: str, expected: list[int]) -> None:
    beauty(engine)

    assert found(engine, sort=sort, currency="TWD") == expected


def test_pages_follow_each_other(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Serum number {n}") for n in range(1, 8)))
    pages = [engine.search(ProductQuery(merchant_id=SHOP, text="serum", limit=3, offset=n)) for n in (0, 3, 6, 9)]

    assert sorted(hit.product_id for page in pages for hit in page.hits) == [1, 2, 3, 4, 5, 6, 7]
    assert [len(page.hits) for page in pages] == [3, 3, 1, 0]
    assert {page.total for page in pages} == {7}


def test_suggestions_complete_titles_brands_and_categories(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Rice Water Toner\n米水化妝水", brand="Riceleaf", category="Toner\n化妝水"),
        document(2, "Plain Rice Mask", brand="Riceleaf", category="Mask\n面膜"),
    )

    assert engine.suggest(SHOP, "ri") == ["Riceleaf", "Rice Water Toner", "Plain Rice Mask"]
    assert engine.suggest(SHOP, "ri", limit=1) == ["Riceleaf"]
    assert engine.suggest(SHOP, "rice ma") == ["Plain Rice Mask"]
    assert engine.suggest(SHOP, "化妆") == ["化妝水", "米水化妝水"]
    assert engine.suggest(SHOP, "zzz") == []
    assert engine.suggest(SHOP, "  ") == []


def test_an_explanation_adds_up_and_says_what_was_found_where(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Niacinamide serum", description="With niacinamide 5%", attribute_text="serum"),
        document(20, "Gel", description="Goes before a serum"),
        *(document(n, f"Toner {n}") for n in range(2, 9)),
    )
    query = ProductQuery(merchant_id=SHOP, text="niacinamide serum")

    explained = engine.explain(query, 1)

    assert explained.score == pytest.approx(engine.search(query).hits[0].score)
    assert sum(part for _, part in explained.parts) == pytest.approx(explained.score)
    assert explained.parts[0][0] == "words"
    assert explained.place == 1
    assert explained.answered == (("niacinamid", ("title", "description")), ("serum", ("title", "attributes")))
    assert (engine.explain(query, 20).place, engine.explain(query, 20).missing) == (2, ("niacinamid",))
    assert engine.explain(query, 2).parts == ()
    assert engine.explain(replace(query, text=""), 1).parts == ()


def test_misspelt_words_are_answered_as_they_were_meant(engine: SearchBackend) -> None:
    fill(engine, document(1, "Wireless keyboard"), document(2, "Wireless mouse"), document(3, "Cable"))

    page = engine.search(ProductQuery(merchant_id=SHOP, text="wirless keybaord"))

    assert page.hits[0].product_id == 1
    assert page.corrected == "wireless keyboard"
    assert engine.search(ProductQuery(merchant_id=SHOP, text="wireless")).corrected == ""


def test_spelling_is_learned_from_what_is_there_now_and_from_ones_own_shop(engine: SearchBackend) -> None:
    fill(engine, document(1, "Niacinamide"), document(2, "Ceramide", merchant_id=OTHER_SHOP))
    assert engine.search(ProductQuery(merchant_id=SHOP, text="cermide")).total == 0

    fill(engine, document(3, "Ceramide"))
    assert found(engine, "cermide") == [3]
    assert engine.vocabulary(SHOP).counts == {"niacinamide": 1, "ceramide": 1}

    engine.delete(3, merchant_id=SHOP, version=2)
    assert engine.vocabulary(SHOP).counts == {"niacinamide": 1}


def test_measures_are_found_however_they_are_written(engine: SearchBackend) -> None:
    fill(engine, document(1, "Disk 500 GB"), document(2, "Disk 50 cm"), document(3, "精华 50 ml"))

    assert [found(engine, text)[:1] for text in ("500gb", "500 GB", "50毫升", "disk 50cm")] == [[1], [1], [3], [2]]


def test_what_the_words_demand_is_kept_by_every_hit_and_every_count(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Gel one", prices={"TWD": 300, "USD": 10}, attributes={"free_from": ["alcohol", "oil"]}),
        document(2, "Gel two", prices={"TWD": 500, "USD": 17}, attributes={"free_from": ["alcohol"]}),
        document(3, "Gel three", prices={"TWD": 900}, attributes={"key_ingredients": ["retinal"]}),
    )

    def kept(**fields: Any) -> list[int]:
        page = engine.search(ProductQuery(SHOP, "gel", facets=("free_from",), conditions=Conditions(**fields)))
        assert page.total == len(page.hits)
        assert all(count <= page.total for count in page.facets["free_from"].values())
        return sorted(hit.product_id for hit in page.hits)

    assert kept() == [1, 2, 3]
    assert kept(price=PriceRange("", "TWD", 400, 900)) == [2, 3]
    assert kept(price=PriceRange("", "USD", None, 12)) == [1]  # whatever currency the page is in
    assert kept(has=(("free_from", "alcohol"), ("free_from", "oil"))) == [1]  # each of them
    assert kept(lacks=(("key_ingredients", "retinal"), ("free_from", "oil"))) == [2]
    assert found(
        engine, "gel", currency="TWD", price_max=500, conditions=Conditions(lacks=(("free_from", "oil"),))
    ) == [2]


def test_a_limit_is_kept_by_what_states_one_of_its_values(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Tent one", attributes={"weight_g": ["900"]}),
        document(2, "Tent two", attributes={"weight_g": ["2100"]}),
        document(3, "Tent three", attributes={"weight": ["1.5 kg"], "people": ["900"]}),
        document(4, "Tent four"),
    )

    def kept(*values: tuple[str, tuple[str, ...]]) -> list[int]:
        return sorted(found(engine, "tent", conditions=Conditions(measures=(MeasureRange("", "kg", values=values),))))

    assert kept(("weight_g", ("900", "950"))) == [1]
    assert kept(("weight", ("1.5 kg",)), ("weight_g", ("2100",))) == [2, 3]
    assert kept(("weight_g", ())) == kept() == []


def test_each_kind_of_agreement_counts_for_itself(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Serum", description="For skin that is oily or sensitive, and that likes serum"),
        document(2, "Evening serum", attribute_text="oily sensitive"),
        document(3, "Morning serum", attribute_text="oily"),
    )
    stated = tuple(Agreement("attributes", ((term,),), signal="stated") for term in ("oili", "sensit"))

    assert found(engine, "serum", conditions=Conditions(agreeing=stated)) == [2, 3, 1]


def test_what_is_turned_down_is_looked_for_where_a_product_says_what_it_is(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Duck down bag\n羽絨睡袋"),
        document(2, "Fibre bag\n化纖睡袋", description="Warm when wet, unlike down. 不是羽絨。"),
        document(3, "Down-free bag\n無羽絨睡袋"),
        document(4, "Summer bag", category="Down bags"),
        document(5, "Night bag", brand="Down Works"),
    )

    assert sorted(found(engine, "bag", conditions=Conditions(without=(("down",),)))) == [2, 3]
    assert sorted(found(engine, "睡袋", conditions=Conditions(without=(("羽绒",),)))) == [2, 3]
    assert sorted(found(engine, "", conditions=Conditions(without=(("duck", "down"),)))) == [2, 3, 4, 5]


def test_what_agrees_with_the_query_rises(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Wash", description="Takes off water resistant sunscreen"),
        document(2, "Stick", category="Sunscreen", attribute_names="water resistant", brand="Crane"),
    )
    agreeing = (Agreement("category", (("sunscreen",),)), Agreement("brand", (("crane",), ("heron",))))

    assert found(engine, "water resistant sunscreen") == [1, 2]
    assert found(engine, "water resistant sunscreen", conditions=Conditions(agreeing=agreeing)) == [2, 1]


def test_synonyms_find_what_is_called_otherwise(engine: SearchBackend) -> None:
    fill(
        engine, document(1, "Notebook 15"), document(2, "Laptop sleeve"), document(3, "保濕洗面奶"), document(4, "Pen")
    )
    rules = SearchRules(synonyms={"laptop": ["notebook"], "潔面": ["洗面奶"]})

    assert found(engine, "laptop") == [2]
    assert sorted(found(engine, "laptop", rules=rules)) == [1, 2]
    assert found(engine, "洁面", rules=rules) == [3]


def test_pinned_products_stand_first_whatever_their_text_and_only_within_filters(engine: SearchBackend) -> None:
    fill(
        engine,
        document(1, "Serum", brand="A"),
        document(2, "Serum two", brand="A"),
        document(3, "Balm", brand="A"),
        document(4, "Mask", brand="B"),
    )
    rules = SearchRules(pinned=(3, 2, 4))

    page = engine.search(ProductQuery(merchant_id=SHOP, text="serum", brands=("A",), rules=rules, facets=("brand",)))

    assert [hit.product_id for hit in page.hits] == [3, 2, 1]
    assert (page.total, page.facets["brand"]) == (3, {"A": 3})
    pages = [found(engine, "serum", rules=rules, limit=1, offset=n) for n in range(4)]
    assert pages == [[3], [2], [4], [1]]


def test_boosted_products_rise_and_hidden_ones_are_not_found(engine: SearchBackend) -> None:
    fill(engine, document(1, "Rich night cream"), document(2, "Cream"), document(3, "Cream for hands"))
    query = ProductQuery(merchant_id=SHOP, text="cream")
    last = engine.search(query).hits[-1].product_id

    rules = SearchRules(boosts={last: 3.0})
    assert engine.search(replace(query, rules=rules)).hits[0].product_id == last
    assert "boosted" in engine.explain(replace(query, rules=rules), last).rules
    hidden = engine.search(replace(query, rules=SearchRules(hidden=(last,))))
    assert last not in [hit.product_id for hit in hidden.hits]
    assert hidden.total == 2


def test_popularity_and_stock_settle_what_is_else_equal(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum", in_stock=False), document(2, "Serum"), document(3, "Serum", popularity=0.9))

    assert found(engine, "serum") == [3, 2, 1]


def test_traditional_and_simplified_are_ranked_alike(engine: SearchBackend) -> None:
    fill(
        engine,
        *(document(n, f"{name}精華液 {n}") for n, name in enumerate(("保濕", "修護", "舒緩", "亮白", "控油"), 1)),
    )

    for traditional, simplified in (
        ("保濕精華液", "保湿精华液"),
        ("舒緩", "舒缓"),
        ("亮白 serum 精華", "亮白 serum 精华"),
    ):
        assert found(engine, traditional) == found(engine, simplified) != []


def test_pages_go_on_below_the_first_hundred(engine: SearchBackend) -> None:
    fill(engine, *(document(n, f"Serum {'cream ' * (n % 7)}{n}") for n in range(1, 151)))
    offsets = range(0, 150, 30)
    pages = [engine.search(ProductQuery(merchant_id=SHOP, text="serum", limit=30, offset=n)) for n in offsets]
    hits = [hit for page in pages for hit in page.hits]

    assert sorted(hit.product_id for hit in hits) == list(range(1, 151))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_writing_again_replaces(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum", attributes={"skin_types": ["oily"]}, prices={"TWD": 1}, creator_ids=(7,)))
    fill(engine, document(1, "Balm", prices={"USD": 2}), version=2)

    assert found(engine, "serum") == []
    assert found(engine, "balm") == [1]
    assert found(engine, attributes={"skin_types": ["oily"]}) == []
    assert found(engine, currency="TWD", price_max=10) == []
    assert found(engine, creator_id=7) == []


def test_an_older_version_is_ignored_and_the_same_is_not(engine: SearchBackend) -> None:
    fill(engine, document(1, "New"), version=5)
    fill(engine, document(1, "Old"), version=4)
    assert found(engine, "new") == [1]

    fill(engine, document(1, "Same"), version=5)
    assert found(engine, "same") == [1]


def test_the_newest_of_one_batch_wins_in_any_order(engine: SearchBackend) -> None:
    assert engine.index([(document(1, "New"), 5), (document(1, "Old"), 4), (document(2, "Two"), 1)]) == 3

    assert found(engine, "new") == [1]
    assert engine.product_ids(SHOP) == {1, 2}


def test_a_removal_is_remembered(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"), version=3)
    engine.delete(1, merchant_id=SHOP, version=7)
    fill(engine, document(1, "Serum"), version=6)
    assert found(engine) == []

    fill(engine, document(1, "Serum"), version=8)
    assert found(engine) == [1]

    engine.delete(1, merchant_id=SHOP, version=7)
    assert found(engine) == [1]


def test_a_removal_may_come_before_its_product(engine: SearchBackend) -> None:
    engine.delete(1, merchant_id=SHOP, version=7)
    fill(engine, document(1, "Serum"), version=6)

    assert engine.product_ids(SHOP) == set()


def test_another_merchants_removal_changes_nothing(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"), version=3)
    engine.delete(1, merchant_id=OTHER_SHOP, version=9)
    fill(engine, document(1, "Balm"), version=4)

    assert found(engine, "balm") == [1]
    assert engine.product_ids(OTHER_SHOP) == set()


def test_fingerprints_tell_what_stands_in_the_index(engine: SearchBackend) -> None:
    serum, balm = document(1, "Serum", creator_ids=(8, 7)), document(2, "Balm", merchant_id=OTHER_SHOP)
    fill(engine, serum, balm, document(3, "Gone"))
    engine.delete(3, merchant_id=SHOP, version=2)

    assert engine.fingerprints(SHOP) == {1: fingerprint(replace(serum, creator_ids=(7, 8)))}
    assert engine.fingerprints(SHOP)[1] != fingerprint(replace(serum, title="Serum 2"))
    assert engine.fingerprints(OTHER_SHOP) == {2: fingerprint(balm)}


def test_what_is_written_while_rebuilding_is_there_afterwards(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"), document(2, "Balm"), document(3, "Mask"), version=5)

    with engine.rebuilding() as target:
        fill(target, document(1, "Serum"), version=5)
        fill(engine, document(1, "Serum new"), document(4, "Toner"), version=6)
        engine.delete(2, merchant_id=SHOP, version=6)
        fill(target, document(1, "Serum"), document(2, "Balm"), document(3, "Mask"), version=5)
        assert found(engine, "serum new") == [1]
        assert found(engine) == [3, 1, 4]

    assert found(engine) == [3, 1, 4]
    assert found(engine, "serum new") == [1]


def test_clear_forgets_one_merchant_and_its_versions(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"), document(2, "Serum", merchant_id=OTHER_SHOP), version=9)
    engine.clear(SHOP)

    assert engine.product_ids(SHOP) == set()
    assert engine.product_ids(OTHER_SHOP) == {2}
    fill(engine, document(1, "Serum"), version=1)
    assert found(engine) == [1]


ODD = [
    '"',
    "'; DROP TABLE documents; --",
    "serum AND OR NOT NEAR(",
    "title: serum*",
    "^serum {x} -y +z",
    "a" * 1_000,
    "serum " * 200,
    " ".join(f"w{n}" for n in range(300)),
    "精華" * 500,
    "🧴✨",
    "serum\x00gel",
    "\ud800",
    "...!?",
    "_",
    "%",
    "\u202eserum",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_text_never_fails(engine: SearchBackend, text: str) -> None:
    fill(engine, document(1, "Serum"), document(2, text, description=text, brand=text, attributes={text: [text]}))
    query = ProductQuery(
        merchant_id=SHOP, text=text, brands=(text,), category_path=text, attributes={text: [text]}, facets=(text,)
    )

    assert engine.search(query).total in (0, 1)
    assert engine.search(ProductQuery(merchant_id=SHOP, text=text)).total in (0, 1, 2)
    engine.suggest(SHOP, text)
    engine.explain(ProductQuery(merchant_id=SHOP, text=text), 1)


def test_text_without_words_finds_nothing(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"))

    assert found(engine, "🧴") == []
    assert found(engine, "   ") == [1]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**30}, "offset"),
        ({"sort": "oldest"}, "sort"),
        ({"price_max": 5}, "currency"),
        ({"sort": "price"}, "currency"),
        ({"facets": ("price",)}, "currency"),
    ],
)
def test_a_query_out_of_range_is_refused_by_name(engine: SearchBackend, fields: Mapping[str, Any], named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        engine.search(ProductQuery(merchant_id=SHOP, **fields))
