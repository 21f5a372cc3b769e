from __future__ import annotations

import pytest

from catalog.search.analysis import TERMS_MAX
from catalog.search.reading import Reading, read
from catalog.search.spelling import correction, distance
from catalog.search.vocabulary import Vocabulary

WORDS = {
    "wireless": 40,
    "keyboard": 60,
    "mouse": 50,
    "pad": 30,
    "mousepad": 3,
    "toilet": 90,
    "toliet": 1,
    "battery": 70,
    "batteries": 20,
    "faucet": 80,
    "kitchen": 50,
    "stainless": 45,
    "steel": 45,
    "redness": 5,
    "cat": 10,
}
CATALOG = Vocabulary(WORDS, 200)
NOTHING = Vocabulary({}, 0)


def first_terms(reading: Reading) -> list[tuple[str, ...]]:
    return [slot.terms for slot in reading.slots]


def test_a_query_is_words_pairs_and_characters_once() -> None:
    reading = read("精華 Gel gel 精華", NOTHING)

    assert first_terms(reading) == [("gel",), ("精华",)]
    assert reading.characters == ("精", "华")


def test_function_words_are_dropped_unless_they_are_all_there_is() -> None:
    assert first_terms(read("something for the redness", CATALOG)) == [("red",)]
    assert first_terms(read("the", CATALOG)) == [("the",)]
    assert read("有沒有精華嗎", NOTHING).characters == ("精", "华")
    assert not read("有沒有", NOTHING).is_empty


def test_a_lone_letter_counts_beside_chinese_only() -> None:
    assert first_terms(read("A 醇", NOTHING)) == [("a",), ("醇",)]
    assert first_terms(read("a serum", NOTHING)) == [("serum",)]


def test_a_long_query_is_cut() -> None:
    assert len(read(" ".join(f"w{n}" for n in range(300)), NOTHING).slots) == TERMS_MAX


@pytest.mark.parametrize("text", ["", "  ", "...", "🧴", "\ud800", "_"])
def test_a_query_without_words_is_empty(text: str) -> None:
    assert read(text, CATALOG).is_empty


def test_a_measure_is_asked_for_with_its_unit_and_less_as_a_number() -> None:
    (slot,) = read("500 GB", NOTHING).slots

    assert [choice.terms for choice in slot.choices] == [("500gb",), ("500",)]
    assert slot.choices[1].weight < 1


def test_a_compound_is_asked_for_in_parts_or_as_one_word() -> None:
    (slot,) = read("TN-2110", NOTHING).slots

    assert [choice.terms for choice in slot.choices] == [("tn", "2110"), ("tn2110",)]


def test_two_words_that_the_catalog_writes_as_one_are_found_either_way() -> None:
    mouse, pad = read("mouse pad", CATALOG).slots

    assert [choice.terms for choice in mouse.choices] == [("mous",), ("mousepad",)]
    assert [choice.terms for choice in pad.choices] == [("pad",), ("mousepad",)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wirless keybord", "wireless keyboard"),
        ("kitchne fuacet", "kitchen faucet"),
        ("stainlesssteel", "stainless steel"),
        ("baterys", "battery"),
    ],
)
def test_a_misspelt_query_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert read(typed, CATALOG).corrected == meant
    assert first_terms(read(typed, CATALOG))[0] == first_terms(read(meant, CATALOG))[0]


@pytest.mark.parametrize("typed", ["tn2110", "kx-100", "2110", "cta", "zzzzzz", "keyboards", "精华"])
def test_skus_numbers_short_words_and_known_forms_are_left_as_they_are(typed: str) -> None:
    assert read(typed, CATALOG).corrected == ""


def test_a_rare_word_like_a_common_one_may_mean_either() -> None:
    (slot,) = read("toliet", CATALOG).slots

    assert [choice.terms for choice in slot.choices] == [("toliet",), ("toilet",)]
    assert read("toliet", CATALOG).corrected == ""


def test_a_common_word_is_never_corrected() -> None:
    assert correction("batteries", CATALOG) is None


@pytest.mark.parametrize(
    ("word", "other", "cost"),
    [
        ("mouse", "mouse", 0),
        ("muose", "mouse", 0.7),
        ("mousse", "mouse", 0.5),
        ("mause", "mouse", 0.8),
        ("mose", "mouse", 1),
    ],
)
def test_slips_of_the_hand_cost_less_than_other_letters(word: str, other: str, cost: float) -> None:
    assert distance(word, other) == pytest.approx(cost)


def test_synonyms_are_other_ways_to_say_a_thing() -> None:
    wash, rest = read("控油潔面", NOTHING, {"潔面": ["洗面奶"]}).slots
    laptop, bag = read("laptop bag", NOTHING, {"laptop": ["notebook computer"]}).slots[::-1]

    assert [choice.terms for choice in wash.choices] == [("洁面",), ("洗面", "面奶")]
    assert rest.terms == ("控油",)
    assert [choice.terms for choice in laptop.choices] == [("laptop",), ("notebook", "comput")]
    assert bag.terms == ("bag",)


def test_a_synonym_is_a_whole_word() -> None:
    assert first_terms(read("laptops", NOTHING, {"lap": ["knee"]})) == [("laptop",)]
