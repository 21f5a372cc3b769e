"""The texts of a product that are searched: which there are, what each counts, their terms as engines store them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, islice

from catalog.search.analysis import token_terms, token_words, tokens
from catalog.search.ports import ProductDocument

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


@dataclass(frozen=True, slots=True)
class Analysed:
    """A product's texts as engines store them.

    `terms` are {text: its terms in order} in the order of WEIGHTS; `spelled` is each word and number of the product
    once, as it is written: what spelling and rarity are learned from.
    """

    terms: Mapping[str, list[str]]
    spelled: list[str]


def analysed(document: ProductDocument) -> Analysed:
    """Return the terms and the words of a product; each of its texts is taken apart once."""
    pieces = {
        "title": tokens(document.title),
        "description": tokens(document.description),
        "category": tokens(document.category),
        "brand": tokens(" ".join((document.brand, document.model, *document.skus))),
        "attributes": tokens(document.attribute_text),
        "names": tokens(document.attribute_names),
    }
    terms = {name: list(islice(chain.from_iterable(map(token_terms, pieces[name])), TERMS_MAX)) for name in WEIGHTS}
    # No SKUs: they would be offered as corrections.
    short = (pieces["title"], pieces["category"], tokens(document.brand), tokens(document.model), pieces["names"])
    spelled = dict.fromkeys(word for each in short for token in each for word in token_words(token))
    for name in ("description", "attributes"):
        spelled.update(dict.fromkeys(islice(chain.from_iterable(map(token_words, pieces[name])), TERMS_MAX)))
    return Analysed(terms, list(spelled))
