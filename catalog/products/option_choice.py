"""Which variant a shopper's words choose: colour, size and every other option the shop has names for.

Only what was said chooses: an option nobody named stays open, and its price is the lowest. Names and values are the
product's own; `option_words.csv` holds other ways to say the common ones (XL, extra large, 加大).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from catalog.products.selectors import ProductView, VariantView
from catalog.products.spending import without_limits
from catalog.search.analysis import fold

_FILE = Path(__file__).with_name("option_words.csv")
_CJK = "\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(rf"\d+\.\d+|[{_CJK}]|[^\W_{_CJK}]+")
# What an option is called beside its own name.
_CUES = {
    "color": ("colour", "颜色", "色"),
    "colour": ("color", "颜色", "色"),
    "size": ("尺寸", "尺码", "码", "号"),
    "flavor": ("flavour", "口味", "味"),
    "flavour": ("flavor", "口味", "味"),
    "style": ("款式", "款"),
    "颜色": ("color", "colour", "色"),
    "尺寸": ("size", "尺码", "码", "号"),
    "口味": ("flavor", "flavour", "味"),
}
_BETWEEN = frozenset({"is", "be", "should", "as", "the", "in", "a", "an", "of", "是", "要", "为", "的"})
_SAYS_LITTLE = frozenset({"of", "and", "with", "the", "a", "in", "for", "by", "x", "色", "号", "款", "的"})
_BETWEEN_MAX = 3
# Points of one option: named as such, said whole (more for longer values), said in part.
NAMED, WHOLE, EACH_WORD, PART = 1.5, 1.0, 0.3, 0.5
POSSESSED = 0.5  # "men" of "men's shirts" says what kind of shirt before it says which one
_PART_MIN = 0.34  # of a value's words


@dataclass(frozen=True, slots=True)
class Choice:
    """The variant that the words choose. Nothing chosen: no options, no variant, no points."""

    options: Mapping[str, str] = field(default_factory=dict)  # the shop's own names and values
    variant: VariantView | None = None
    points: float = 0.0
    is_exact: bool = True  # whether one variant has all of them

    @property
    def label(self) -> str:
        """The chosen values, `red · medium`."""
        return " · ".join(self.options.values())


@dataclass(frozen=True, slots=True)
class Said:
    """A shopper's words as pieces, for finding option values in them."""

    pieces: tuple[str, ...]
    known: frozenset[str]

    @classmethod
    def of(cls, messages: Sequence[str]) -> Said:
        """Read messages, oldest first."""
        plain = [without_limits(fold(message)) for message in messages]
        pieces = [piece for message in plain for piece in (*_pieces(message), "|")]
        return cls(tuple(pieces), frozenset(pieces))

    def places(self, wanted: tuple[str, ...]) -> list[int]:
        """Return where `wanted` stands together."""
        if not wanted or wanted[0] not in self.known:
            return []
        last = len(self.pieces) - len(wanted)
        return [at for at in range(last + 1) if self.pieces[at : at + len(wanted)] == wanted]


def choose(view: ProductView, said: Said) -> Choice:
    """Return the variant of a product that the words choose: of several the one that is there, then the cheapest."""
    offered = [variant for variant in view.variants if variant.options and variant.price is not None]
    chosen: dict[str, str] = {}
    points = 0.0
    for name, values in _values(offered).items():
        # Of two that were said alike, the one said last.
        best = max(((*_points(value, name, said), value) for value in values), key=lambda each: each[:2])
        if best[0] > 0:
            chosen[name] = best[2]
            points += best[0]
    if not chosen:
        return Choice()
    wanted = set(chosen.items())
    most = max(len(wanted & set(variant.options.items())) for variant in offered)
    fitting = [variant for variant in offered if len(wanted & set(variant.options.items())) == most]
    variant = min(fitting, key=lambda each: (not each.in_stock, each.price.minor if each.price else 0))
    held = {name: value for name, value in chosen.items() if variant.options.get(name) == value}
    return Choice(held, variant, points * most / len(wanted), most == len(wanted))


def _values(variants: Sequence[VariantView]) -> dict[str, dict[str, None]]:
    """Return {option: its values in the shop's order}; an option with one value leaves nothing to choose but counts."""
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            values.setdefault(name, {})[str(value)] = None
    return values


def _points(value: str, name: str, said: Said) -> tuple[float, int]:
    """Return how surely a value was named, and where it was said last (-1 when only in part)."""
    points = max((_of_form(form, name, said) for form in _forms(value)), default=(0.0, -1))
    if points[0]:
        return points
    pieces = _pieces(value)
    telling = [piece for piece in pieces if piece not in _SAYS_LITTLE and len(piece) > 1 and not piece.isdecimal()]
    share = sum(piece in said.known for piece in telling) / len(pieces) if pieces else 0.0
    return (PART * share if share >= _PART_MIN else 0.0), -1


def _of_form(pieces: tuple[str, ...], name: str, said: Said) -> tuple[float, int]:
    places = said.places(pieces)
    is_named = any(_is_named(said.pieces, at, len(pieces), name) for at in places)
    # "s" stands in "men's": a lone letter or digit counts only where its option is named.
    is_lone = len(pieces) == 1 and len(pieces[0]) == 1 and pieces[0].isascii()
    if not places or (is_lone and not is_named):
        return 0.0, -1
    is_possessed = all(said.pieces[at + len(pieces)] == "s" for at in places)
    return WHOLE + EACH_WORD * len(pieces) + NAMED * is_named - POSSESSED * is_possessed, places[-1]


def _is_named(pieces: Sequence[str], at: int, length: int, name: str) -> bool:
    """Whether the option's name stands right before or after the value: "color: red", "red as the colour"."""
    cues = _cues(name)
    before = _next_to(pieces[max(0, at - _BETWEEN_MAX - 1) : at][::-1])
    after = _next_to(pieces[at + length : at + length + _BETWEEN_MAX + 1])
    return before in cues or after in cues


def _next_to(pieces: Sequence[str]) -> str:
    return next((piece for piece in pieces if piece not in _BETWEEN), "")


@lru_cache(maxsize=2_000)
def _cues(name: str) -> frozenset[str]:
    own = _pieces(name)
    joined = "".join(own)
    also = [cue for piece in (*own, joined) for cue in _CUES.get(piece, ())]
    return frozenset((*own, *(_pieces(cue)[-1] for cue in also)))


@lru_cache(maxsize=20_000)
def _pieces(text: str) -> tuple[str, ...]:
    """Return the words and single Chinese characters of a text, sizes and colours in one spelling."""
    pieces = tuple(_PIECE.findall(fold(text)))
    spellings, longest = _spellings()
    found: list[str] = []
    at = 0
    while at < len(pieces):
        for length in range(min(longest, len(pieces) - at), 0, -1):
            if spelled := spellings.get(pieces[at : at + length]):
                found.append(spelled)
                at += length
                break
        else:
            found.append(pieces[at])
            at += 1
    return tuple(found)


@lru_cache(maxsize=20_000)
def _forms(value: str) -> tuple[tuple[str, ...], ...]:
    """Return how a value may be said: as it is, and short: S for small, 黑 for black."""
    own = _pieces(value)
    letters = _letters()
    meant = letters.get(own[0], own[0]) if len(own) == 1 else ""
    short = [(letter,) for letter, value in letters.items() if value == meant]
    return tuple(dict.fromkeys(filter(None, (own, (meant,) if meant else (), *short))))


@lru_cache(maxsize=1)
def _spellings() -> tuple[dict[tuple[str, ...], str], int]:
    """Return {words: the value they mean} of all but single letters, and the most words of one."""
    found = {tuple(_PIECE.findall(word)): value for value, word in _listed() if len(word) > 1}
    return found, max(map(len, found))


@lru_cache(maxsize=1)
def _letters() -> dict[str, str]:
    # A lone s, m or l is a size only where a size is spoken of; a lone character may be part of any word.
    return {word: value for value, word in _listed() if len(word) == 1}


def _listed() -> list[tuple[str, str]]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return [(row["value"], word) for row in csv.DictReader(file) for word in row["words"].split("|")]
