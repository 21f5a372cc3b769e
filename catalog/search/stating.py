"""How a product states what it is without, so that a search can tell it from one that does not say."""

from __future__ import annotations

from catalog.search.stemming import stem

FREE_FROM = "free_from"  # the attribute


def stated(value: str) -> str:
    """Return the word for a value of `free_from`, among the words of a product's attributes: "fragrance-free"."""
    return f"{value.replace('_', '-').replace(' ', '-')}-free"


def stating_term(value: str) -> str:
    """Return the term that finds that word."""
    return stem(stated(value).replace("-", "").lower())
