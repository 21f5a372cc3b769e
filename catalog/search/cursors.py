"""Where the next page of a search goes on: no change of the catalog in between shows a hit twice or skips one.

By price, title or age the next page begins after the last value shown (a keyset). Relevance has no such value: scores
move with every product that comes or goes. There the cursor knows what was shown, and the next page is the best of the
rest; after SEARCH_CURSOR_SEEN_MAX hits the rest follows by product id. How the words were read is frozen with it:
otherwise a new product could change what the second page looks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.core import signing
from pydantic import TypeAdapter, ValidationError

from catalog.search.ports import Match, ProductQuery, SearchRules
from catalog.search.query_rules import BadQuery
from catalog.search.reading import Reading
from catalog.search.understood import Conditions

_SALT = "catalog.search.cursors"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended, and how its words were read.

    `seen` are the products shown by relevance; `key` is (sort value, product id) of the last hit in every other order.
    With both, what was shown by relevance is over and the rest follows by product id.
    """

    match: Match = ""
    reading: Reading | None = None  # how the words were read for the first page
    seen: tuple[int, ...] = ()
    key: tuple[int | str, ...] = ()
    left_out: tuple[str, ...] = ()  # filters that were left out because nothing fitted (catalog.products.relaxing)
    conditions: Conditions = field(default_factory=Conditions)  # what the words demanded


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What a cursor's text holds: for which search it is, and the distances between the sorted ids shown."""

    search: str
    cursor: Cursor
    steps: tuple[int, ...]


_SEALED = TypeAdapter(_Sealed)


def written(cursor: Cursor, query: ProductQuery) -> str:
    """Return the cursor as opaque signed text for an address; it holds for this search only."""
    shown = sorted(cursor.seen)
    steps = tuple(each - before for before, each in zip([0, *shown], shown, strict=False))
    sealed = _Sealed(_mark(query), replace(cursor, seen=()), steps)
    return signing.dumps(_SEALED.dump_python(sealed, mode="json"), salt=_SALT, compress=True)


def read_cursor(text: str, query: ProductQuery) -> Cursor:
    """Return the cursor that `written` wrote.

    Raises: BadQuery when it was not written here, or for another search.
    """
    try:
        sealed = _SEALED.validate_python(signing.loads(text, salt=_SALT))
    except (signing.BadSignature, ValidationError, ValueError) as error:
        raise BadQuery("cursor: it is not one of this shop; leave it out to start with the first page") from error
    if sealed.search != _mark(query):
        raise BadQuery("cursor: it belongs to another search; leave it out when words, filters or order change")
    seen: list[int] = []
    for step in sealed.steps:
        seen.append(step + (seen[-1] if seen else 0))
    return replace(sealed.cursor, seen=tuple(seen))


def after_shown(before: Cursor | None, shown: Sequence[int]) -> Cursor:
    """Return where a page by relevance ended: what was shown so far, and whether the rest follows by product id."""
    seen = (*(before.seen if before else ()), *shown)
    return Cursor(seen=seen, key=(0, 0) if len(seen) >= settings.SEARCH_CURSOR_SEEN_MAX else ())


def _mark(query: ProductQuery) -> str:
    """Return a short mark of everything that decides what is found and in which order."""
    asked = replace(query, after=None, offset=0, limit=1, facets=(), match="", rules=SearchRules())
    return hashlib.blake2s(repr(asked).encode(), digest_size=9).hexdigest()
