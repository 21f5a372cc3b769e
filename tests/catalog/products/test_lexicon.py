from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from catalog.accounts.models import Brand, Merchant
from catalog.outbox.worker import drain
from catalog.products.finding import find
from catalog.products.lexicon import learned
from catalog.products.models import Category, Product
from catalog.products.thesaurus import other_words
from catalog.products.understanding import understood_query
from catalog.search.lexicon import Named, phrase_of
from catalog.search.ports import ProductQuery
from catalog.search.understood import UNSTATED
from tests.factories import make_product

pytestmark = pytest.mark.django_db


def sold(merchant: Merchant, title: str, amount: int = 100_00, **fields: Any) -> int:
    number = Product.objects.count() + 1
    fields = {"slug": f"product-{number}", "external_id": f"product-{number}", **fields}
    return make_product(merchant, title=title, prices={"TWD": amount}, **fields).pk


def found(merchant: Merchant, text: str, **fields: Any) -> list[int]:
    query = ProductQuery(merchant_id=merchant.pk, text=text, **fields)
    return [view.product_id for view in find(query=query, language="en").products]


def test_names_are_those_of_the_merchants_own_catalog(in_scope: Merchant) -> None:
    category = Category.objects.create(
        merchant=in_scope, slug="boots", path="wear/boots", names={"en": "Boots and shoes", "zh-hant": "鞋靴"}
    )
    product = Product.objects.get(pk=sold(in_scope, "Mud Walker 泥地行者"))
    product.brand = Brand.objects.create(merchant=in_scope, name="Loop Eleven")
    product.category = category
    product.attributes = {"kind": "boots", "fill": "650FP_duck_down", "contains_alcohol": True}
    product.save()

    lexicon = learned()

    boots = Named("category", "wear/boots")
    assert lexicon.names[phrase_of("loop eleven")] == (Named("brand", "Loop Eleven"),)
    assert boots in lexicon.names[phrase_of("Boots")]
    assert lexicon.names[phrase_of("鞋靴")] == lexicon.names[phrase_of("shoes")][:1] == (boots,)
    assert Named("attribute", "boots", "kind") in lexicon.names[phrase_of("登山鞋")]
    assert lexicon.substances[phrase_of("down")].held == (("fill", "650FP_duck_down"),)
    assert lexicon.substances[phrase_of("酒精")].held == (("contains_alcohol", "true"),)
    assert lexicon.chinese.has("行者")
    assert lexicon.is_whole


def test_a_change_is_known_to_the_next_search_and_nothing_is_read_for_the_ones_after(in_scope: Merchant) -> None:
    sold(in_scope, "Quiet toner", attributes={"free_from": ["alcohol"]})
    drain()
    query = ProductQuery(merchant_id=in_scope.pk, text="toner without linen", currency="TWD")
    assert understood_query(query)[0].conditions.lacks == ()

    sold(in_scope, "Linen toner", attributes={"material": "linen"})
    drain()

    assert understood_query(query)[0].conditions.lacks == (("material", "linen"),)
    with CaptureQueriesContext(connection) as asked:
        understood_query(query)
    assert len(asked) == 0


def test_a_large_catalog_is_searched_before_its_names_are_learned(in_scope: Merchant, settings: Settings) -> None:
    settings.SEARCH_VOCABULARY_SMALL = 0
    quiet = sold(in_scope, "Quiet toner", amount=10_00)
    sold(in_scope, "Dear toner", amount=900_00)
    drain()

    assert found(in_scope, "toner under 100", currency="TWD") == [quiet]


def test_what_is_stated_to_be_absent_is_asked_for_and_doubted_only_where_nothing_states_it(in_scope: Merchant) -> None:
    stating = sold(in_scope, "Calm toner", attributes={"free_from": ["alcohol"]})
    silent = sold(in_scope, "Plain toner", attributes={"kind": "toner"})
    with_it = sold(in_scope, "Sharp toner", attributes={"contains_alcohol": True})
    scented = sold(in_scope, "Rose mist", attributes={"key_ingredients": ["fragrance"], "free_from": ["alcohol"]})
    drain()

    assert found(in_scope, "toner without alcohol", currency="TWD") == [stating]
    assert silent not in found(in_scope, "alcohol-free toner", currency="TWD")
    query = ProductQuery(merchant_id=in_scope.pk, text="mist without fragrance", currency="TWD")
    assert [view.product_id for view in find(query=query, language="en").products] == []
    assert with_it != scented


def test_nothing_that_states_it_is_told(in_scope: Merchant) -> None:
    sold(in_scope, "Other serum", attributes={"free_from": ["fragrance"]})
    plain = sold(in_scope, "Plain mist", attributes={"kind": "mist"})
    sold(in_scope, "Rose mist", attributes={"key_ingredients": ["fragrance"]})
    drain()

    page = find(
        query=ProductQuery(merchant_id=in_scope.pk, text="mist without fragrance", currency="TWD"), language="en"
    )

    assert [view.product_id for view in page.products] == [plain]
    assert UNSTATED in page.understood.relaxed


def test_other_words_hold_only_for_words_that_no_product_has(in_scope: Merchant) -> None:
    sold(in_scope, "Hot flask 保溫壺")
    lexicon = learned()
    knows = {"hot", "flask"}.__contains__

    assert other_words("thermos", lexicon, knows) == {"thermos": ["hot flask", "保温壶"]}
    assert other_words("保溫杯", lexicon, knows) == {"保温杯": ["hot flask", "保温壶"]}
    assert other_words("hot flask", lexicon, knows) == {}
    assert other_words("umbrella", lexicon, knows) == {}


def test_a_word_that_is_only_mentioned_or_stands_apart_is_looked_for_by_other_words_too(in_scope: Merchant) -> None:
    sold(in_scope, "Head Lamp 400")
    sold(in_scope, "Night Walk", descriptions={"en": "Bring a headlamp."})
    sold(in_scope, "Sit Pad", descriptions={"en": "Not for sleeping."})
    sold(in_scope, "Foam sleeping mat")
    lexicon = learned()
    known = {"headlamp", "head", "lamp", "sleeping", "mat", "pad"}

    assert "head lamp" in other_words("headlamp", lexicon, known.__contains__)["headlamp"]
    assert "sleeping mat" in other_words("sleeping pad", lexicon, known.__contains__)["sleeping pad"]
    assert other_words("head lamp", lexicon, known.__contains__) == {}


def test_a_misspelt_word_finds_what_the_word_meant_finds(in_scope: Merchant) -> None:
    lamp = sold(in_scope, "Head Lamp 400")
    walk = sold(in_scope, "Night Walk", descriptions={"en": "Bring a headlamp."})
    drain()

    assert found(in_scope, "headlamp") == found(in_scope, "hedlamp") == [lamp, walk]


def test_chinese_for_what_is_good_against_a_concern_finds_what_is_stated(in_scope: Merchant) -> None:
    serum = sold(in_scope, "Quiet serum", titles={"zh-hant": "安靜精華"}, attributes={"concerns": ["acne"]})
    other = sold(in_scope, "Mark serum", titles={"zh-hant": "印子精華"}, attributes={"concerns": ["dark_spots"]})
    drain()

    assert learned().names[phrase_of("抗痘")] == (Named("attribute", "acne", "concerns"),)
    assert found(in_scope, "祛痘精華") == [serum, other]


def test_what_products_measure_is_learned(in_scope: Merchant) -> None:
    sold(in_scope, "Tent", attributes={"weight_g": 1690, "waterproof": True, "length": "2.1 m", "r_value": 2})

    assert learned().measured == {("weight_g", "1690"): (1690.0, "g"), ("length", "2.1 m"): (2.1, "m")}
