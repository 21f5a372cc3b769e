"""The texts of a product that are searched: which there are, what each counts, their terms as engines store them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from catalog.search.analysis import index_terms, words
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


def terms_by_text(document: ProductDocument) -> dict[str, list[str]]:
    """Return {text: its terms in order} in the order of WEIGHTS."""
    texts = {
        "title": document.title,
        "description": document.description,
        "category": document.category,
        "brand": " ".join((document.brand, document.model, *document.skus)),
        "attributes": document.attribute_text,
        "names": document.attribute_names,
    }
    return {name: list(islice(index_terms(texts[name]), TERMS_MAX)) for name in WEIGHTS}


def spelled_words(document: ProductDocument) -> list[str]:
    """Return each word and number of a product once, as it is written: what spelling and rarity are learned from."""
    texts = (document.title, document.category, document.brand, document.model, document.attribute_names)
    long_texts = (document.description, document.attribute_text)
    found = [*(word for text in texts for word in words(text))]
    found += [word for text in long_texts for word in islice(words(text), TERMS_MAX)]
    return list(dict.fromkeys(found))
