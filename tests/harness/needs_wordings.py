"""The same needs in other words: the fixed phrases of a templated need replaced, what is wanted left as it stands.

A templated need reads "Find me A, B KIND with C for D with color: V, and size: W, and price lower than 50.00 dollars";
one that a person wrote has only the last phrase. Every wording says all of it otherwise: how the wish begins, how an
option is named (before the value, after it, in brackets, not at all), how the limit is put, and where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_BEGIN = re.compile(r"^find me ", re.IGNORECASE)
_LIMIT = re.compile(r",? and price lower than (\d+(?:\.\d+)?) dollars\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say the fixed phrases."""

    name: str
    begin: str
    having: str  # instead of the "with" before features
    purpose: str  # instead of the "for" before what it is for
    option: str  # {0} the option's name, {1} its value
    limit: str  # {0} the amount as it is written, {1} without a ".00"
    order: str = "{begin}{wish}{options}{limit}"


WORDINGS: tuple[Wording, ...] = (
    Wording(
        name="asks",
        begin="Hi! Do you sell ",
        having=" that come with ",
        purpose=" suitable for ",
        option="; the {0} should be {1}",
        limit=". Nothing over ${0} please.",
    ),
    Wording(
        name="tells",
        begin="I'm after ",
        having=" featuring ",
        purpose=", to be used for ",
        option=", {1} as the {0}",
        limit=" - my budget is {0} USD at most",
    ),
    Wording(
        name="short",
        begin="need ",
        having=" having ",
        purpose=" meant for ",
        option=", in {1} ({0})",
        limit=", I can spend up to {0} bucks",
    ),
    Wording(
        name="polite",
        begin="Could you help me find ",
        having=" that includes ",
        purpose=" good for ",
        option=" in {1}",
        limit="? I'm hoping to spend less than ${1}.",
    ),
    Wording(
        name="purse first",
        begin="Looking for ",
        having=" which have ",
        purpose=" I could use for ",
        option=", {0} {1}",
        limit="I've got {1} dollars to spend. ",
        order="{limit}{begin}{wish}{options}",
    ),
    Wording(name="keywords", begin="", having=" ", purpose=" ", option=" {1}", limit=" under {1}"),
    Wording(
        name="what is there",
        begin="What do you have in the way of ",
        having=" and ",
        purpose=", mostly for ",
        option=" ({0} {1})",
        limit="? It can't cost more than {1} dollars",
    ),
    Wording(
        name="mixed",
        begin="我想找",
        having="，要有 ",
        purpose="，用在 ",
        option="，{0} 要 {1}",
        limit="，{1} 美元以內",
    ),
    # Written before the rules were, and read once they were done.
    Wording(
        name="counter",
        begin="Good afternoon, I was wondering if you carry ",
        having=" that also have ",
        purpose=" intended for ",
        option=", preferably in {1} for the {0}",
        limit="? I wouldn't want to pay more than ${1}.",
    ),
    Wording(
        name="forum",
        begin="I'm trying to track down ",
        having=" offering ",
        purpose=" which I'd use for ",
        option=", {0} {1}",
        limit="With no more than {1} dollars to spend, ",
        order="{limit}{begin}{wish}{options}",
    ),
    Wording(
        name="texting",
        begin="anyone know where i can get ",
        having=" that has ",
        purpose=" i can use for ",
        option=" / {1} {0}",
        limit=" / has to cost less than {1} usd",
    ),
    Wording(
        name="gift",
        begin="Would you help me pick out ",
        having=" plus ",
        purpose=" which is right for ",
        option=". {0} would have to be {1}",
        limit=". We set ourselves a ceiling of {1} dollars",
    ),
)


def reworded(text: str, wording: Wording, option_names: Sequence[str]) -> str:
    """Return a need with its fixed phrases in `wording`; `option_names` are all names of options the catalog knows."""
    limit = _LIMIT.search(text)
    wish = _LIMIT.sub("", text)
    wish, options = _without_options(wish, option_names)
    begin = ""
    if _BEGIN.match(wish):
        begin = wording.begin
        wish = _first(_BEGIN.sub("", wish), " for ", wording.purpose)
        wish = _first(wish, " with ", wording.having)
    said = "".join(wording.option.format(name, value) for name, value in options)
    amount = limit[1] if limit else ""
    capped = wording.limit.format(amount, amount.removesuffix(".00")) if limit else ""
    return wording.order.format(begin=begin, wish=wish, options=said, limit=capped)


def wordings(option_names: Sequence[str], chosen: Sequence[Wording] = WORDINGS) -> dict[str, Callable[[str], str]]:
    """Return {name of the wording: what puts a need into it}."""

    def put(wording: Wording) -> Callable[[str], str]:
        return lambda text: reworded(text, wording, option_names)

    return {wording.name: put(wording) for wording in chosen}


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
