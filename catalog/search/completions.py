"""Which labels complete what a shopper has typed; the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.search.analysis import fold, prefix_terms

CANDIDATES = 50  # products whose labels are looked at


def completions(prefix: str, rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the texts that complete `prefix`; `rows` are (brand, categories, titles) of products, best first.

    Those that begin with it come first; brands, categories, then titles.
    """
    pieces, start = prefix_terms(prefix), fold(prefix).strip()
    ranked: dict[str, tuple[tuple[bool, int], str]] = {}
    for row in rows:
        for kind, texts in enumerate(row):
            for text in texts.splitlines():
                folded = fold(text)
                if folded not in ranked and all(piece in folded for piece in pieces):
                    ranked[folded] = ((not folded.startswith(start), kind), text)
    return [text for _, text in sorted(ranked.values(), key=lambda entry: entry[0])]
