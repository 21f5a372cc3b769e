from __future__ import annotations

import json

import pytest

from catalog.money import Money
from catalog.products.needs import Needs

FULL = Needs(
    text="serum",
    skin_types=("oily", "sensitive"),
    concerns=("redness",),
    categories=("serum",),
    avoid=("fragrance",),
    activities=("hiking",),
    uses=("retinal",),
    budget_min=Money(100, "TWD"),
    budget_max=Money(900, "TWD"),
    quantity=2,
    is_pregnant=True,
    words={"oily": "大油田"},
)


@pytest.mark.parametrize("needs", [Needs(), FULL, Needs(budget_max=Money(5, "USD")), Needs(words={"oily": "油肌"})])
def test_needs_survive_json(needs: Needs) -> None:
    assert Needs.from_json(json.loads(json.dumps(needs.to_json()))) == needs


def test_only_filled_slots_are_written() -> None:
    assert Needs().to_json() == {}
    assert Needs().is_empty
    assert Needs(skin_types=("dry",)).to_json() == {"skin_types": ["dry"]}


def test_unknown_slots_are_ignored_and_single_values_become_lists() -> None:
    assert Needs.from_json({"mood": "good", "concerns": "acne", "avoid": ["a", "a"]}) == Needs(
        concerns=("acne",), avoid=("a",)
    )


def test_merge_replaces_clears_and_remembers_words() -> None:
    merged = FULL.merge(
        {"skin_types": ["dry"], "budget_max": Money(500, "TWD"), "words": {"dry": "乾到脫皮"}},
        clear=("concerns", "budget_min"),
    )

    assert (merged.skin_types, merged.concerns) == (("dry",), ())
    assert (merged.budget_min, merged.budget_max) == (None, Money(500, "TWD"))
    assert merged.words == {"oily": "大油田", "dry": "乾到脫皮"}
    assert merged.activities == ("hiking",)


def test_pregnancy_may_be_said_as_something_to_avoid() -> None:
    assert Needs(avoid=("pregnancy",)).for_pregnancy
    assert not Needs(avoid=("alcohol",)).for_pregnancy
