"""A shopper's search, understood with what the merchant's catalog teaches; alike for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from catalog.languages import TRADITIONAL, to_traditional
from catalog.products.lexicon import lexicon_of
from catalog.products.thesaurus import is_listed_word, other_words
from catalog.products.vocabulary import names
from catalog.search.analysis import fold, is_chinese
from catalog.search.backend import backend
from catalog.search.lexicon import Lexicon, phrase_of
from catalog.search.ports import ProductQuery, SearchPage
from catalog.search.spelling import correction
from catalog.search.stemming import stem
from catalog.search.understanding import understand
from catalog.search.understood import SOME_WORDS, UNSTATED, Recognised, Understood
from catalog.search.vocabulary import Vocabulary


def understood_query(query: ProductQuery) -> tuple[ProductQuery, Understood]:
    """Return the query as engines are to be asked, and what was understood of its words.

    Its `text` is what is left to find products by; prices and what is not wanted stand in `conditions`.
    Raises: SearchUnavailable.
    """
    if not query.text.strip():
        return query, Understood()
    lexicon, vocabulary = lexicon_of(query.merchant_id), backend().vocabulary(query.merchant_id)
    own = frozenset(chain.from_iterable(map(phrase_of, query.rules.synonyms)))
    read = understand(
        query.text,
        lexicon,
        currency=query.currency,
        knows=vocabulary.knows,
        spelled=lambda word: word if stem(word) in own or is_listed_word(word) else _meant(word, vocabulary),
        corrects=query.corrects,
    )
    synonyms = {
        **other_words(read.text, lexicon, vocabulary.knows),
        **_names_of_values(read.understood.attributes, lexicon),
        **query.rules.synonyms,
    }
    asked = replace(query, text=read.text, conditions=read.conditions, rules=replace(query.rules, synonyms=synonyms))
    return asked, read.understood


def _names_of_values(recognised: Sequence[Recognised], lexicon: Lexicon) -> dict[str, list[str]]:
    """Return the names of values that a query says in Chinese which stands nowhere in the catalog."""
    said = [(fold(each.typed), each) for each in recognised]
    return {
        typed: list(names(each.name, each.value))
        for typed, each in said
        if is_chinese(typed) and lexicon.is_whole and not lexicon.chinese.knows(typed)
    }


def _meant(word: str, vocabulary: Vocabulary) -> str:
    found = correction(word, vocabulary)
    return " ".join(found.words) if found and found.is_sure else word


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
