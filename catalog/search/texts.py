"""The texts of a product that are searched: which there are, what each counts, their terms as engines store them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from catalog.search.analysis import is_chinese, words
from catalog.search.ports import ProductDocument
from catalog.search.stretches import Columns, known_stretches, stretches, unrepeated

# What a term counts by where it stands, in one BM25 over all texts (docs/search.md tells how they were found).
WEIGHTS: Mapping[str, float] = {
    "title": 10,
    "description": 4,
    "category": 6,
    "brand": 10,
    "attributes": 2,
    "names": 1,
}
TERMS_MAX = 400  # of one text: the rest of an essay finds nothing and would cost every search


class Terms(NamedTuple):
    """The terms of one text, a space between: all in order, and each kind by itself."""

    every: str
    words: str
    pairs: str
    characters: str


@dataclass(frozen=True, slots=True)
class Analysed:
    """A product's texts as engines store them.

    `terms` are {text: its terms} in the order of WEIGHTS; `spelled` is each word and number of the product once, as it
    is written: what spelling and rarity are learned from; `typed` what a half-typed query could ask for, in order.
    """

    terms: Mapping[str, Terms]
    spelled: list[str]
    typed: str


def analysed(document: ProductDocument) -> Analysed:
    """Return the terms and the words of a product; each of its texts is taken apart once."""
    found = {
        "title": stretches(document.title),
        "description": stretches(document.description),
        "category": known_stretches(document.category),
        "brand": unrepeated(" ".join((document.brand, document.model, *document.skus))),
        "attributes": stretches(document.attribute_text),
        "names": known_stretches(document.attribute_names),
    }
    typed = [" ".join(filter(None, found[name].typed)) for name in ("title", "category", "brand")]
    known = {"category": _known_terms(document.category), "names": _known_terms(document.attribute_names)}
    terms = {name: known.get(name) or _terms(found[name]) for name in WEIGHTS}
    return Analysed(terms, _spelled(document, found), " ".join(typed))


def _spelled(document: ProductDocument, found: Mapping[str, Columns]) -> list[str]:
    """Return the words of a product, each once; no SKUs: they would be offered as corrections."""
    title, category, names = (chain.from_iterable(found[name].spelled) for name in ("title", "category", "names"))
    brand = chain.from_iterable(known_stretches(document.brand).spelled)
    long = (islice(chain.from_iterable(found[name].spelled), TERMS_MAX) for name in ("description", "attributes"))
    return list(dict.fromkeys(chain(title, category, brand, words(document.model), names, *long)))


@lru_cache(maxsize=4_096)
def _known_terms(text: str) -> Terms:
    return _terms(known_stretches(text))


def _terms(found: Columns) -> Terms:
    every = " ".join(filter(None, found.terms))
    if every.count(" ") >= TERMS_MAX:
        return _cut(every.split(" ")[:TERMS_MAX])
    if every.isascii():
        return Terms(every, every, "", "")
    return Terms(every, *(" ".join(filter(None, each)) for each in (found.words, found.pairs, found.characters)))


def _cut(terms: Sequence[str]) -> Terms:
    """Return the terms of a text that was cut: of its last piece some may be gone."""
    kinds = [(term, len(term) if is_chinese(term) else 0) for term in terms]
    latin, characters = (" ".join([term for term, kind in kinds if kind == wanted]) for wanted in (0, 1))
    return Terms(" ".join(terms), latin, " ".join([term for term, kind in kinds if kind > 1]), characters)
