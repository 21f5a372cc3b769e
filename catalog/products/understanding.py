"""A shopper's search, understood with what the merchant's catalog teaches; alike for every engine."""

from __future__ import annotations

from dataclasses import replace

from catalog.languages import TRADITIONAL, to_traditional
from catalog.products.lexicon import lexicon_of
from catalog.products.thesaurus import other_words
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery, SearchPage
from catalog.search.understanding import understand
from catalog.search.understood import SOME_WORDS, UNSTATED, Understood


def understood_query(query: ProductQuery) -> tuple[ProductQuery, Understood]:
    """Return the query as engines are to be asked, and what was understood of its words.

    Its `text` is what is left to find products by; prices and what is not wanted stand in `conditions`.
    Raises: SearchUnavailable.
    """
    if not query.text.strip():
        return query, Understood()
    lexicon, knows = lexicon_of(query.merchant_id), backend().vocabulary(query.merchant_id).knows
    read = understand(query.text, lexicon, currency=query.currency, knows=knows, corrects=query.corrects)
    synonyms = {**other_words(read.text, lexicon, knows), **query.rules.synonyms}
    asked = replace(query, text=read.text, conditions=read.conditions, rules=replace(query.rules, synonyms=synonyms))
    return asked, read.understood


def as_answered(understood: Understood, query: ProductQuery, page: SearchPage, language: str) -> Understood:
    """Return what was understood, with what the engine corrected and what the answer left out.

    `query` is the one that was answered. Corrections are in the script of `language`.
    """
    left_out = {SOME_WORDS: page.match == "some", UNSTATED: query.conditions.is_unstated}
    corrected = page.corrected or understood.corrected
    return replace(
        understood,
        corrected=to_traditional(corrected) if language == TRADITIONAL and not corrected.isascii() else corrected,
        relaxed=(*understood.relaxed, *(name for name, holds in left_out.items() if holds)),
    )
