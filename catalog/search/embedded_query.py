"""A ProductQuery as the embedded index's SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.search.analysis import fold, is_chinese, prefix_terms, storable
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import within_64_bits
from catalog.search.reading import Reading, Slot
from catalog.search.texts import WEIGHTS

# One bm25() over weighted columns behaves like BM25F, which beats summing a BM25 per field (docs/search.md).
RANK = f"bm25(texts, {', '.join(str(weight) for weight in WEIGHTS.values())})"
_ORDERS = {
    "price": "(SELECT amount FROM prices p WHERE p.product_id = d.product_id AND p.currency = ?) ASC NULLS LAST",
    "-price": "(SELECT amount FROM prices p WHERE p.product_id = d.product_id AND p.currency = ?) DESC NULLS LAST",
    "title": "d.title_key",
}


@dataclass(slots=True)
class Filter:
    """Conditions on `documents d`, with their parameters in order."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)

    def add(self, condition: str, *parameters: object) -> None:
        """Add one condition; all of them must hold."""
        self.conditions.append(condition)
        self.parameters.extend(parameters)

    @property
    def sql(self) -> str:
        """The conditions joined by AND."""
        return " AND ".join(self.conditions)


def match_all(reading: Reading) -> str:
    """Return the FTS5 expression that asks for every slot; single characters of pairs add to the score."""
    return " AND ".join([*map(_slot, reading.slots), *map(_quoted, reading.characters)])


def match_any(reading: Reading) -> str:
    """Return the FTS5 expression that asks for any slot.

    Single characters only add to the score of what holds a pair: alone they would find 口 in "mouth" for "lipstick".
    """
    pairs = [slot for slot in reading.slots if is_chinese(slot.terms[0]) and len(slot.terms[0]) > 1]
    choices = [_slot(slot) for slot in reading.slots if slot not in pairs]
    if pairs:
        characters = f" AND {_any(reading.characters)}" if reading.characters else ""
        choices.append(f"(({' OR '.join(map(_slot, pairs))}){characters})")
    return " OR ".join(choices)


def match_prefix(text: str) -> str:
    """Return the FTS5 expression for a half-typed query over titles, categories and makers; empty for nothing."""
    pieces = [_quoted(piece) for piece in prefix_terms(text)]
    return f"{' AND '.join(pieces)}*" if pieces else ""


def filter_of(query: ProductQuery) -> Filter:
    """Return the conditions of everything but the text."""
    found = Filter()
    found.add("d.merchant_id = ?", query.merchant_id)
    if query.price_min is not None or query.price_max is not None:
        found.add(
            "EXISTS (SELECT 1 FROM prices p WHERE p.product_id = d.product_id AND p.currency = ?"
            " AND p.amount BETWEEN ? AND ?)",
            query.currency,
            within_64_bits(query.price_min or 0),
            within_64_bits(query.price_max),
        )
    if query.category_path:
        path = storable(query.category_path).strip("/")
        # "0" is the character after "/": everything below the path, by the index order of text.
        found.add(
            "(d.category_path = ? OR (d.category_path > ? AND d.category_path < ?))", path, f"{path}/", f"{path}0"
        )
    if query.brands:
        found.add(_within("d.brand_key", len(query.brands)), *(fold(brand) for brand in query.brands))
    _add_attributes(found, query.attributes, "EXISTS")
    _add_attributes(found, query.excluded_attributes, "NOT EXISTS")
    if query.product_ids is not None:
        found.add("d.product_id IN (SELECT value FROM json_each(?))", json.dumps(query.product_ids))
    if query.excluded_product_ids:
        found.add("d.product_id NOT IN (SELECT value FROM json_each(?))", json.dumps(query.excluded_product_ids))
    if query.creator_id is not None:
        found.add(
            "EXISTS (SELECT 1 FROM creators c WHERE c.product_id = d.product_id AND c.creator_id = ?)", query.creator_id
        )
    if query.in_stock_only:
        found.add("d.in_stock")
    if query.for_sale_only:
        found.add("d.is_for_sale")
    return found


def order_of(query: ProductQuery) -> tuple[str, list[object]]:
    """Return the ORDER BY clause of every order but by score, and its parameters; without text, by title."""
    if query.sort == "relevance":
        return "d.title_key", []
    return _ORDERS[query.sort], [query.currency] if "price" in query.sort else []


def _add_attributes(found: Filter, wanted: Mapping[str, Sequence[str]], exists: str) -> None:
    for name, values in wanted.items():
        if values:
            found.add(
                f"{exists} (SELECT 1 FROM attributes a WHERE a.product_id = d.product_id AND a.name = ?"
                f" AND {_within('a.value', len(values))})",
                storable(name),
                *(fold(value) for value in values),
            )


def _within(column: str, count: int) -> str:
    return f"{column} IN ({', '.join('?' * count)})"


def _slot(slot: Slot) -> str:
    choices = [" AND ".join(map(_quoted, choice.terms)) for choice in slot.choices]
    return (
        choices[0]
        if len(choices) == 1 and len(slot.terms) == 1
        else f"({' OR '.join(f'({each})' for each in choices)})"
    )


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _any(terms: Sequence[str]) -> str:
    return f"({' OR '.join(map(_quoted, terms))})"
