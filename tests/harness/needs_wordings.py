"""The same needs in other words: the fixed phrases of a templated need replaced, what is wanted left as it stands.

A templated need reads "Find me A, B KIND with C for D with color: V, and size: W, and price lower than 50.00 dollars";
one that a person wrote has only the last phrase. Every wording says all of it otherwise: how the wish begins, how an
option is named (before the value, after it, in brackets), how the limit is put.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_BEGIN = re.compile(r"^find me ", re.IGNORECASE)
_LIMIT = re.compile(r",? and price lower than (\d+(?:\.\d+)?) dollars\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say the fixed phrases. `{0}` is what is wanted, an amount, or an option's name and `{1}` its value."""

    name: str
    begin: str
    having: str  # instead of the "with" before features
    purpose: str  # instead of the "for" before what it is for
    option: str
    limit: str


WORDINGS: tuple[Wording, ...] = (
    Wording(
        name="asks",
        begin="Hi! Do you sell {0}",
        having=" that come with ",
        purpose=" suitable for ",
        option="; the {0} should be {1}",
        limit=". Nothing over ${0} please.",
    ),
    Wording(
        name="tells",
        begin="I'm after {0}",
        having=" featuring ",
        purpose=", to be used for ",
        option=", {1} as the {0}",
        limit=" - my budget is {0} USD at most",
    ),
    Wording(
        name="short",
        begin="need {0}",
        having=" having ",
        purpose=" meant for ",
        option=", in {1} ({0})",
        limit=", I can spend up to {0} bucks",
    ),
)


def reworded(text: str, wording: Wording, option_names: Sequence[str]) -> str:
    """Return a need with its fixed phrases in `wording`; `option_names` are all names of options the catalog knows."""
    limit = _LIMIT.search(text)
    wish = _LIMIT.sub("", text)
    wish, options = _without_options(wish, option_names)
    if _BEGIN.match(wish):
        wish = _BEGIN.sub("", wish)
        wish = _first(wish, " for ", wording.purpose)
        wish = wording.begin.format(_first(wish, " with ", wording.having))
    said = "".join(wording.option.format(name, value) for name, value in options)
    return wish + said + (wording.limit.format(limit[1]) if limit else "")


def wordings(option_names: Sequence[str]) -> dict[str, Callable[[str], str]]:
    """Return {name of the wording: what puts a need into it}."""

    def put(wording: Wording) -> Callable[[str], str]:
        return lambda text: reworded(text, wording, option_names)

    return {wording.name: put(wording) for wording in WORDINGS}


def _without_options(wish: str, option_names: Sequence[str]) -> tuple[str, list[tuple[str, str]]]:
    """Split "with color: red, and size: medium" off the end."""
    names = "|".join(sorted(map(re.escape, option_names), key=len, reverse=True))
    if not names:
        return wish, []
    first = re.search(rf" with (?=(?:{names}): )", wish)
    if not first:
        return wish, []
    pairs = re.split(rf", and (?=(?:{names}): )", wish[first.end() :])
    options = [(name, value) for name, _, value in (pair.partition(": ") for pair in pairs)]
    return wish[: first.start()], options


def _first(text: str, old: str, new: str) -> str:
    return text.replace(old, new, 1)
