"""Whether a shopper's words name a thing by its title."""

from __future__ import annotations

from catalog.search.analysis import query_terms

_WORD_CHARS_MIN = 3  # "no" and "ml" name nothing


def shared_words(title: str, said: str) -> frozenset[str]:
    """Return what `said` has of a title: words, and pairs of neighbouring Chinese characters."""
    there, heard = query_terms(title), query_terms(said)
    words = {word for word in there.words if len(word) >= _WORD_CHARS_MIN} & set(heard.words)
    return frozenset(words | (set(there.pairs) & set(heard.pairs)))


def is_named(title: str, said: str) -> bool:
    """Whether `said` has a word, or two neighbouring Chinese characters, of a title."""
    return bool(shared_words(title, said))
