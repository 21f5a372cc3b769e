from __future__ import annotations

from dataclasses import replace

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.search import chinese_spelling
from catalog.search.lexicon import Lexicon, Named, Substance, gathered, phrase_of
from catalog.search.understanding import Read, understand
from catalog.search.understood import OTHER_CURRENCY, Agreement, Excluded, MeasureRange, PriceRange, Recognised

NAMES = {
    "Paper Crane": Named("brand", "Paper Crane"),
    "sunscreen": Named("category", "skincare/sunscreen"),
    "防曬": Named("category", "skincare/sunscreen"),
    "睡袋": Named("category", "camp/sleeping-bags"),
    "cleanser": Named("category", "skincare/cleanser"),
    "化妝水": Named("category", "skincare/toner"),
    "oily skin": Named("attribute", "oily", "skin_types"),
}
ALCOHOL = Substance("alcohol", is_stated=True, held=(("contains_alcohol", "true"),))
RETINAL = Substance(held=(("key_ingredients", "retinal"),))
SUBSTANCES = {
    "alcohol": ALCOHOL,
    "酒精": ALCOHOL,
    "fragrance": Substance("fragrance", is_stated=True),
    "香精": Substance("fragrance", is_stated=True),
    "retinal": RETINAL,
    "snow": Substance(suited=(("activity", "snow"),)),
}
WORDS = frozenset(
    [
        "paper",
        "crane",
        "sunscreen",
        "cleanser",
        "foaming",
        "tent",
        "sleeping",
        "bag",
        "serum",
        "oily",
        "skin",
        "night",
        "for",
    ]
)
CHINESE = ["防晒", "睡袋", "羽绒", "头灯", "化妆水", "烟酰胺", "精华", "帐篷"]
LEXICON = Lexicon(
    names=gathered(NAMES.items()),
    substances={phrase_of(name): substance for name, substance in SUBSTANCES.items()},
    currencies=frozenset({"TWD", "USD"}),
    warnings=frozenset({("avoid_in_pregnancy", "true")}),
    chinese=chinese_spelling.learned(CHINESE, []),
    is_whole=True,
)


def read(text: str, *, currency: str = "TWD", corrects: bool = True) -> Read:
    return understand(text, LEXICON, currency=currency, knows=WORDS.__contains__, corrects=corrects)


def test_a_price_leaves_the_words_and_becomes_a_condition() -> None:
    found = read("Sunscreen under 300")

    assert found.text == "sunscreen"
    assert found.conditions.price == PriceRange("under 300", "TWD", None, 300_00)
    assert found.understood.price == found.conditions.price


@pytest.mark.parametrize(
    ("text", "currency", "price"),
    [
        ("under 20", "USD", PriceRange("under 20", "USD", None, 20_00)),
        ("under $300", "TWD", PriceRange("under $300", "TWD", None, 300_00)),  # here a dollar is a Taiwan dollar
        ("under 20 usd", "TWD", PriceRange("under 20 usd", "USD", None, 20_00)),
        ("1000元以內", "TWD", PriceRange("1000元以內", "TWD", None, 1_000_00)),
    ],
)
def test_the_currency_is_the_one_named_or_the_one_shown(text: str, currency: str, price: PriceRange) -> None:
    assert read(text, currency=currency).conditions.price == price


def test_a_currency_that_the_shop_does_not_quote_limits_nothing_and_is_told() -> None:
    found = read("sunscreen under 20 euros")

    assert found.conditions.price is None
    assert found.understood.relaxed == (OTHER_CURRENCY,)


@pytest.mark.parametrize(
    ("text", "left", "said"),
    [
        ("cleanser without alcohol", "cleanser", Excluded("without alcohol", "alcohol")),
        ("no alcohol cleanser", "cleanser", Excluded("no alcohol", "alcohol")),
        ("alcohol-free cleanser", "cleanser", Excluded("alcohol-free", "alcohol")),
        ("alcohol free cleanser", "cleanser", Excluded("alcohol free", "alcohol")),
        ("不含酒精的化妝水", "化妆水", Excluded("不含酒精", "酒精")),
        ("無酒精化妝水", "化妆水", Excluded("無酒精", "酒精")),
        ("化妝水 不要酒精", "化妆水", Excluded("不要酒精", "酒精")),
    ],
)
def test_what_must_be_stated_to_be_absent_becomes_a_filter(text: str, left: str, said: Excluded) -> None:
    found = read(text)

    assert (found.text, found.understood.excluded) == (left, (said,))
    assert found.conditions.has == (("free_from", "alcohol"),)
    assert found.conditions.without == ()
    assert found.conditions.unstated.lacks == (("contains_alcohol", "true"),)


def test_several_things_are_turned_down_together() -> None:
    found = read("cleanser without alcohol or fragrance")

    assert found.conditions.has == (("free_from", "alcohol"), ("free_from", "fragrance"))
    assert [each.what for each in found.understood.excluded] == ["alcohol", "fragrance"]
    assert read("不含酒精和香精的化妝水").conditions.has == found.conditions.has


def test_where_nobody_states_it_what_is_said_to_have_it_is_left_out() -> None:
    found = read("night serum without retinal")

    assert found.text == "night serum"
    assert found.conditions.lacks == (("key_ingredients", "retinal"),)
    assert found.conditions.without == (("retin",),)


def test_what_it_is_not_for_is_another_question_than_what_it_is_without() -> None:
    assert read("tent, not for snow").conditions.lacks == (("activity", "snow"),)
    assert read("tent no snow").conditions.lacks == ()


@pytest.mark.parametrize(
    "text", ["no 7 serum", "no-show socks", "hands-free", "無線", "free sunscreen", "not bad tent"]
)
def test_a_name_that_sounds_like_a_no_is_a_name(text: str) -> None:
    found = read(text, corrects=False)

    assert found.understood.excluded == ()
    assert found.text == text


def test_chinese_that_the_catalog_has_is_turned_down_before_the_kind_of_thing() -> None:
    found = read("非羽絨睡袋")

    assert found.text == "睡袋"
    assert found.understood.excluded == (Excluded("非羽絨", "羽絨"),)
    assert found.conditions.without == (("羽绒",),)


def test_brands_categories_and_attributes_are_recognised_and_raise_what_agrees() -> None:
    found = read("Paper Crane sunscreen for oily skin")

    assert found.text == "Paper Crane sunscreen for oily skin"
    assert found.understood.brands == (Recognised("Paper Crane", "Paper Crane"),)
    assert found.understood.category == Recognised("sunscreen", "skincare/sunscreen")
    assert found.understood.attributes == (Recognised("oily skin", "oily", "skin_types"),)
    assert found.conditions.agreeing == (
        Agreement("brand", (("paper", "crane"),)),
        Agreement("category", (("sunscreen",),)),
        Agreement("attributes", (("oili",),), 0.33, "stated"),
    )


def test_a_measure_raises_what_states_it_more_than_a_value_does() -> None:
    stated = [each for each in read("50ml sunscreen for oily skin").conditions.agreeing if each.signal == "stated"]

    assert [(each.ways, each.weight) for each in stated] == [((("oili",),), 0.33), ((("50ml",),), 1.0)]


def test_a_chinese_query_may_be_a_title_in_short_unless_it_names_a_kind_of_thing() -> None:
    named = [each for each in read("頭燈袋").conditions.agreeing if each.signal == "named"]

    assert named == [Agreement("title", (("头灯", "袋"), ("灯袋", "头")), signal="named")]
    assert not [each for each in read("化妝水").conditions.agreeing if each.signal == "named"]


def test_a_misspelt_word_is_recognised_as_it_was_meant() -> None:
    def spelled(word: str) -> str:
        return {"sunscren": "sunscreen", "lb": "labor"}.get(word, word)

    found = understand("sunscren 5 lb", LEXICON, currency="TWD", knows=WORDS.__contains__, spelled=spelled)

    assert found.understood.category == Recognised("sunscreen", "skincare/sunscreen")
    assert found.understood.corrected == found.text == "sunscreen 5 lb"
    plain = understand("sunscren", LEXICON, currency="TWD", knows=WORDS.__contains__, spelled=spelled, corrects=False)
    assert (plain.text, plain.understood.category) == ("sunscren", None)


def test_a_limit_on_what_is_measured_leaves_the_words_and_one_that_nothing_states_stays() -> None:
    lexicon = replace(LEXICON, measured={("weight_g", "900"): (900.0, "g"), ("weight_g", "2100"): (2100.0, "g")})

    found = understand("Tent under 2 kg under 300", lexicon, currency="TWD", knows=WORDS.__contains__)

    assert found.text == "tent"
    assert found.conditions.measures == found.understood.measures
    assert found.conditions.measures == (MeasureRange("under 2 kg", "kg", None, 2.0, (("weight_g", ("900",)),)),)
    assert found.conditions.price == PriceRange("under 300", "TWD", None, 300_00)
    assert read("tent under 2 kg").conditions.measures == ()
    assert "2 kg" in read("tent under 2 kg").text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("頭登", "头灯"),
        ("煙先胺精華", "烟酰胺精华"),
        ("帳蓬", "帐篷"),
        ("toudeng", "头灯"),
        ("shui dai", "睡袋"),
        ("yanxianan", "烟酰胺"),
    ],
)
def test_chinese_is_read_by_its_sound(written: str, meant: str) -> None:
    assert read(written).understood.corrected == meant
    assert read(written, corrects=False).understood.corrected == ""


@pytest.mark.parametrize("text", ["300毫升化妝水", "精華", "口罩", "sunscreen", "serum", "五十毫升"])
def test_what_is_written_right_stays(text: str) -> None:
    words = chinese_spelling.learned(CHINESE, [], ["毫升"])
    lexicon = Lexicon(chinese=words)

    found = understand(text, lexicon, currency="TWD", knows=WORDS.__contains__)

    assert found.understood.corrected == ""
    assert found.text == text


def test_pregnancy_is_a_condition() -> None:
    for text, left in (("pregnancy safe serum", "serum"), ("孕婦可以用的精華", "精华")):
        found = read(text)

        assert found.text == left
        assert found.conditions.lacks == (("avoid_in_pregnancy", "true"),)
        assert found.understood.attributes[0].name == "avoid_in_pregnancy"


def test_what_was_typed_can_be_taken_out_again() -> None:
    text = "ＳＰＦ５０ 防曬 無酒精 ＮＴ＄３００以下"

    found = read(text)

    assert found.understood.price
    for typed in (found.understood.price.typed, found.understood.excluded[0].typed):
        assert typed in text


def test_a_query_of_conditions_alone_lists_everything_that_keeps_them() -> None:
    assert read("under 300").text == read("無酒精").text == ""


PIECES = st.sampled_from(
    [*NAMES, *SUBSTANCES, "不含", "無", "without", "free", "under", "300", "以內", "元", " ", "的", ",", "頭登"]
)


@settings(deadline=None)  # the first text waits for the conversion tables
@given(st.lists(PIECES, max_size=12).map("".join))
def test_traditional_and_simplified_are_read_alike(text: str) -> None:
    simplified = opencc.OpenCC("t2s").convert(text)

    one, other = read(text), read(simplified)

    assert one.conditions.has == other.conditions.has
    assert one.conditions.lacks == other.conditions.lacks
    assert one.conditions.without == other.conditions.without
    assert phrase_of(one.text) == phrase_of(other.text)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_every_condition_tells_what_was_typed_for_it(text: str) -> None:
    found = read(text)

    assert len(found.understood.excluded) >= bool(found.conditions.has or found.conditions.without)
    assert all(each.typed and each.what for each in found.understood.excluded)
    assert found.conditions.price is None or found.conditions.price.typed
