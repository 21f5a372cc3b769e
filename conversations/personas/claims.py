"""Words the double must not say: found in a text whatever the case, width or Chinese script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from catalog.languages import to_simplified

_SPACES = re.compile(r"\s+")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    return to_simplified(_SPACES.sub(" ", plain).casefold())


@lru_cache(maxsize=1_000)
def _pattern(claim: str) -> re.Pattern[str] | None:
    folded = _folded(claim).strip()
    if not folded:
        return None
    # Latin words end at a word's end ("best" is not in "bestow"); Chinese has no such ends.
    before = r"(?<![a-z0-9])" if folded[0].isascii() and folded[0].isalnum() else ""
    after = r"(?![a-z0-9])" if folded[-1].isascii() and folded[-1].isalnum() else ""
    return re.compile(before + re.escape(folded) + after)


def claims_in(text: str, claims: Iterable[str]) -> list[str]:
    """Return those of `claims` that `text` makes, in the order given."""
    folded = _folded(text)
    return [claim for claim in claims if (pattern := _pattern(claim)) and pattern.search(folded)]


def every_claim(forbidden: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the forbidden words of all languages, each once: an English "best" is no better in a Chinese reply."""
    return tuple(dict.fromkeys(claim for claims in forbidden.values() for claim in claims))
