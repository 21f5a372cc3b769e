"""A ProductQuery as the embedded index's SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from catalog.search.analysis import fold, is_chinese, prefix_terms, storable
from catalog.search.exclusion import TEXTS, denials
from catalog.search.ordering import is_below
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import within_64_bits
from catalog.search.reading import Reading, Slot
from catalog.search.texts import WEIGHTS
from catalog.search.understood import Conditions

# One bm25() over weighted columns behaves like BM25F, which beats summing a BM25 per field (docs/search.md).
RANK = f"bm25(texts, {', '.join(str(weight) for weight in WEIGHTS.values())})"
_AMOUNT = "COALESCE((SELECT amount FROM prices p WHERE p.product_id = d.product_id AND p.currency = ?), {missing})"


@dataclass(slots=True)
class Filter:
    """Conditions on `documents d`, with their parameters in order."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)

    def add(self, condition: str, *parameters: object) -> None:
        """Add one condition; all of them must hold."""
        self.conditions.append(condition)
        self.parameters.extend(parameters)

    def also(self, condition: str, *parameters: object) -> Filter:
        """Return these conditions and one more."""
        return Filter([*self.conditions, condition], [*self.parameters, *parameters])

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
        _add_price(found, query.currency, query.price_min, query.price_max)
    if query.category_path:
        path = storable(query.category_path).strip("/")
        # "0" is the character after "/": everything below the path, by the index order of text.
        found.add(
            "(d.category_path = ? OR (d.category_path > ? AND d.category_path < ?))", path, f"{path}/", f"{path}0"
        )
    if query.brands:
        found.add(_within("d.brand_key", len(query.brands)), *(fold(brand) for brand in query.brands))
    if query.text.strip():  # of the products that hold the words each is looked up
        _add_attributes(found, query.attributes, "EXISTS")
    else:
        _add_listed(found, query.attributes)
    _add_attributes(found, query.excluded_attributes, "NOT EXISTS")
    _add_conditions(found, query.conditions)
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


@dataclass(frozen=True, slots=True)
class Order:
    """Every order but by score: by one value, then by product id, both of which a cursor may continue."""

    value: str
    parameters: tuple[object, ...] = ()
    is_descending: bool = False

    @property
    def sql(self) -> str:
        """The ORDER BY clause; `value` is selected under the name `sorted_by`."""
        return f"sorted_by {'DESC' if self.is_descending else 'ASC'}, d.product_id"

    def after(self, key: Sequence[int | str]) -> tuple[str, list[object]]:
        """Return the condition, with its parameters, of everything that follows (value, product id)."""
        beyond = "<" if self.is_descending else ">"
        condition = f"({self.value} {beyond} ? OR ({self.value} = ? AND d.product_id > ?))"
        return condition, [*self.parameters, key[0], *self.parameters, key[0], key[1]]


def order_of(query: ProductQuery) -> Order:
    """Return the order of a query; without text, relevance is by title. A product without a price comes last."""
    if is_below(query):
        return Order("d.product_id")
    if query.sort == "price":
        return Order(_AMOUNT.format(missing=2**63 - 1), (query.currency,))
    if query.sort == "-price":
        return Order(_AMOUNT.format(missing=-1), (query.currency,), is_descending=True)
    return Order("-d.product_id") if query.sort == "newest" else Order("d.title_key")


def _add_conditions(found: Filter, conditions: Conditions) -> None:
    """Add what the words of the query demand."""
    if conditions.price:
        _add_price(found, conditions.price.currency, conditions.price.minimum, conditions.price.maximum)
    for measure in conditions.measures:
        kept = [(storable(name), json.dumps([*map(fold, values)])) for name, values in measure.values]
        any_of = " OR ".join(["(a.name = ? AND a.value IN (SELECT value FROM json_each(?)))"] * len(kept)) or "0"
        found.add(
            f"EXISTS (SELECT 1 FROM attributes a WHERE a.product_id = d.product_id AND ({any_of}))",
            *chain.from_iterable(kept),
        )
    for name, value in conditions.has:
        _add_attributes(found, {name: [value]}, "EXISTS")
    for name, value in conditions.lacks:
        _add_attributes(found, {name: [value]}, "NOT EXISTS")
    for terms in conditions.without:
        said = " AND ".join(map(_quoted, terms))
        found.add(
            "d.product_id NOT IN (SELECT rowid FROM texts WHERE texts MATCH ?)",
            f"({{{' '.join(TEXTS)}}} : ({said})) NOT (title : {_any(denials(terms))})",
        )


def _add_price(found: Filter, currency: str, lowest: int | None, highest: int | None) -> None:
    found.add(
        "EXISTS (SELECT 1 FROM prices p WHERE p.product_id = d.product_id AND p.currency = ?"
        " AND p.amount BETWEEN ? AND ?)",
        currency,
        within_64_bits(lowest or 0),
        within_64_bits(highest),
    )


def _add_attributes(found: Filter, wanted: Mapping[str, Sequence[str]], exists: str) -> None:
    for name, values in wanted.items():
        if values:
            found.add(
                f"{exists} (SELECT 1 FROM attributes a WHERE a.product_id = d.product_id AND a.name = ?"
                f" AND {_within('a.value', len(values))})",
                storable(name),
                *(fold(value) for value in values),
            )


def _add_listed(found: Filter, wanted: Mapping[str, Sequence[str]]) -> None:
    """Add attributes where nothing else narrows: begin at the products listed under the values, not at all products."""
    for name, values in wanted.items():
        if values:
            found.add(
                f"d.product_id IN (SELECT a.product_id FROM attributes a WHERE a.name = ?"
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
