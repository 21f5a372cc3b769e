"""What the shopper needs, as tool arguments: added to what the conversation already knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from catalog.money import Money
from catalog.products.needs import Needs
from catalog.products.vocabulary import value_named, word
from tools.context import ToolContext
from tools.search_products import Amount, amount_of
from tools.tool import Arguments


def _as_value(given: object) -> object:
    """Bring "Acne prone" into the vocabulary's spelling, `acne_prone`."""
    return "_".join(given.lower().replace("-", " ").split()) if isinstance(given, str) else given


Value = Annotated[str, Field(min_length=1, max_length=60), BeforeValidator(_as_value)]
_LISTS = ("skin_types", "concerns", "categories", "avoid", "allergies", "activities", "uses")
# What a value of a slot is called when it is said back to the shopper.
_SPOKEN_AS = {
    "skin_types": "skin_types",
    "concerns": "concerns",
    "avoid": "free_from",
    "allergies": "free_from",
    "activities": "activity",
    "uses": "key_ingredients",
}
_VALUES_OF = {**_SPOKEN_AS, "avoid": "key_ingredients", "allergies": "key_ingredients"}
Slot = Literal[
    "text",
    "skin_types",
    "concerns",
    "categories",
    "avoid",
    "allergies",
    "activities",
    "uses",
    "budget_min",
    "budget_max",
]


class NeedsArguments(Arguments):
    """The shopper's needs as heard in this message; what is left empty keeps what was said before."""

    text: str = Field(default="", max_length=200, description="The wish in the shopper's own words.")
    skin_types: tuple[Value, ...] = Field(
        default=(), max_length=5, description="oily, dry, combination, sensitive, normal, acne_prone, mature."
    )
    concerns: tuple[Value, ...] = Field(
        default=(),
        max_length=8,
        description="redness, acne, pores, shine, dehydration, dark_spots, dullness, fine_lines.",
    )
    categories: tuple[Value, ...] = Field(
        default=(), max_length=5, description="Kind of product as the shop calls it: serum, sunscreen, tent, 睡袋."
    )
    avoid: tuple[Value, ...] = Field(
        default=(), max_length=8, description='Ingredients to avoid: fragrance, alcohol; "pregnancy" when that counts.'
    )
    allergies: tuple[Value, ...] = Field(
        default=(), max_length=8, description="What the shopper is allergic to: a hard limit. Never a mere dislike."
    )
    activities: tuple[Value, ...] = Field(default=(), max_length=5, description="hiking, camping, running, travel.")
    uses: tuple[Value, ...] = Field(
        default=(), max_length=8, description="Ingredients the shopper already uses: retinal, vitamin_c."
    )
    budget_min: Amount | None = Field(default=None, description="Lowest price, in the shopper's currency.")
    budget_max: Amount | None = Field(default=None, description="Highest price, in the shopper's currency.")
    forget: tuple[Slot, ...] = Field(
        default=(), max_length=10, description="Names of needs the shopper took back, such as budget_max."
    )


def needs_of(ctx: ToolContext, given: NeedsArguments) -> Needs:
    """Return what the conversation knew, changed by what was heard now."""
    heard: dict[str, object] = {name: _values(name, getattr(given, name)) for name in _LISTS if getattr(given, name)}
    if given.text:
        heard["text"] = given.text
    for name in ("budget_min", "budget_max"):
        amount: Money | None = amount_of(getattr(given, name), ctx.currency)
        if amount is not None:
            heard[name] = amount
    return Needs.from_json(ctx.needs).merge(heard, given.forget)


def _values(name: str, given: Sequence[str]) -> list[str]:
    """Return what was said as values of the vocabulary where it knows the word: "油肌" and "oily skin" are `oily`."""
    attribute = _VALUES_OF.get(name)
    return [(value_named(attribute, said) if attribute else None) or said for said in given]


def heard_in_words(needs: Needs, language: str) -> dict[str, str]:
    """Return {slot: what was understood, in words}; empty slots are left out."""
    heard = {name: _spoken(needs, name, language) for name in _LISTS}
    if needs.budget_min:
        heard["budget_min"] = str(needs.budget_min)
    if needs.budget_max:
        heard["budget_max"] = str(needs.budget_max)
    if needs.text:
        heard["text"] = needs.text
    return {name: words for name, words in heard.items() if words}


def need_line(needs: Needs, language: str) -> str:
    """Return skin, concerns and activities on one line, in the shopper's own words where they are known."""
    parts = [_spoken(needs, name, language) for name in ("skin_types", "concerns", "activities")]
    line = (", " if language == "en" else "、").join(part for part in parts if part)
    return line[:1].upper() + line[1:]


def _spoken(needs: Needs, name: str, language: str) -> str:
    said: list[str] = []
    for value in getattr(needs, name):
        said.append(needs.words.get(value) or word(_SPOKEN_AS.get(name, name), value, language))
    return (", " if language == "en" else "、").join(said)
