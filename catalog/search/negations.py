"""What a query does not want: "without alcohol", "fragrance-free", "不含香精的", "非羽絨"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.search.analysis import STOP_WORDS, is_chinese
from catalog.search.lexicon import Lexicon, Substance, Unit

_FILLER = r"(?:(?:any|added|the|a|an|all|of|from|contain(?:ing|s)?|with)\s+)*"
# Said for sure: whatever follows is not wanted, whether the catalog knows it or not.
_SURE = re.compile(
    rf"(?<![a-z])(?:without|does ?n[o']?t contain|do(?:es)? not contain|not containing|free (?:of|from)|except(?: for)?"
    rf"|other than|avoid(?:ing)?|do(?: not|n.?t) want)\s+{_FILLER}"
    r"|不含有?|不添加|无添加|不要有?|不加|没有加?|没加|不带|不想要|除了|避开|排除"
)
# Also part of names ("no-show socks", "无线"): they count before what the catalog knows.
_MAYBE = re.compile(
    rf"(?<![a-z])(?:no|non|not|zero)[\s-]+{_FILLER}|(?P<front>非|无)|免|零(?![下度])|(?<![\d.])0(?=[\u4e00-\u9fff])|不是"
)
# Whom or what it is not for.
_FOR = re.compile(
    rf"(?<![a-z])(?:not|n't|isn't) (?:suited |suitable |made |meant )?(?:for|in)\s+{_FILLER}"
    r"|不适合|不是给"
)
_AFTER = re.compile(r"[\s-]?free(?![a-z])")
_AND = re.compile(rf"\s?(?:,|/|、|，|和|与|或|及|跟|以及|and|or|nor|&)\s?(?:(?:no|without)\s+|不含|无)?{_FILLER}")
_ENDS = re.compile(r"的|[,，、;；/+]|\s")
_UNKNOWN_MAX = 6  # Chinese characters that are taken for what is not wanted when nothing tells where it ends


@dataclass(frozen=True, slots=True)
class Negation:
    """What is not wanted; `start` to `end` with the word for no. `substance` None: the catalog has no name for it."""

    start: int
    end: int
    place: int  # where `what` begins
    what: str
    substance: Substance | None
    is_for: bool = False  # it is about whom or what it is for


def negations_in(folded: str, units: Sequence[Unit], lexicon: Lexicon) -> list[Negation]:
    """Return everything a folded query turns down, in order; no two overlap."""
    found = [*_before(folded, units, lexicon), *_after(folded, units, lexicon)]
    kept: list[Negation] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _before(folded: str, units: Sequence[Unit], lexicon: Lexicon) -> Iterator[Negation]:
    """Yield what follows a word that says no, and what is joined to it by "and"."""
    for pattern in (_FOR, _SURE, _MAYBE):
        for marker in pattern.finditer(folded):
            first = _known(folded, units, lexicon, marker.start(), marker.end(), is_for=pattern is _FOR)
            if first is None and pattern is not _MAYBE:
                first = _unknown(folded, units, lexicon, marker.start(), marker.end())
            elif first is None and pattern is _MAYBE and marker["front"]:
                first = _in_front_of_a_name(folded, units, lexicon, marker.start(), marker.end())
            if first:
                yield first
                yield from _joined(folded, units, lexicon, first)


def _after(folded: str, units: Sequence[Unit], lexicon: Lexicon) -> Iterator[Negation]:
    """Yield what stands before "-free"."""
    for marker in _AFTER.finditer(folded):
        end = next((n for n, unit in enumerate(units) if unit.end == marker.start()), -1)
        for start in range(max(0, end - 2), end + 1) if end >= 0 else ():
            length, substance = lexicon.substance_at(units, start)
            if substance and start + length == end + 1 and (substance.stated or substance.held):
                place = units[start].start
                yield Negation(place, marker.end(), place, folded[place : marker.start()], substance)
                break


def _joined(folded: str, units: Sequence[Unit], lexicon: Lexicon, first: Negation) -> Iterator[Negation]:
    last = first
    while joint := _AND.match(folded, last.end):
        following = _known(folded, units, lexicon, last.end, joint.end(), is_for=first.is_for)
        if following is None or following.substance is None:
            return
        yield following
        last = following


def _known(
    folded: str, units: Sequence[Unit], lexicon: Lexicon, start: int, place: int, *, is_for: bool
) -> Negation | None:
    first = next((n for n, unit in enumerate(units) if unit.start == place), None)
    if first is None:
        return None
    length, substance = lexicon.substance_at(units, first)
    if substance is None or not (substance.suited if is_for else substance.stated or substance.held):
        return None
    end = units[first + length - 1].end
    return Negation(start, end, place, folded[place:end], substance, is_for)


def _unknown(folded: str, units: Sequence[Unit], lexicon: Lexicon, start: int, place: int) -> Negation | None:
    """Return the word that follows; Chinese up to what ends it, or to a name of the catalog."""
    first = next((n for n, unit in enumerate(units) if unit.start >= place), None)
    if first is None or units[first].term in STOP_WORDS:
        return None
    length, _ = lexicon.named_at(units, first)
    if length or not is_chinese(units[first].term):
        begin, end = units[first].start, units[first + max(1, length) - 1].end
        return Negation(start, end, begin, folded[begin:end], None)
    named = _in_front_of_a_name(folded, units, lexicon, start, place)
    if named:
        return named
    ends = _ENDS.search(folded, place)
    end = min(ends.start() if ends else len(folded), place + _UNKNOWN_MAX)
    return Negation(start, end, place, folded[place:end], None) if end > place else None


def _in_front_of_a_name(
    folded: str, units: Sequence[Unit], lexicon: Lexicon, start: int, place: int
) -> Negation | None:
    """Return a Chinese word of the catalog that ends where a category begins, or the text: 羽绒 in 非羽绒睡袋."""
    first = next((n for n, unit in enumerate(units) if unit.start == place), None)
    for ahead in range(2, 5) if first is not None else ():
        if first is None or first + ahead > len(units) or not is_chinese(units[first + ahead - 1].term):
            return None
        what = folded[place : units[first + ahead - 1].end]
        follows_name = any(named.kind == "category" for named in lexicon.named_at(units, first + ahead)[1])
        is_last = first + ahead == len(units) or units[first + ahead].start > units[first + ahead - 1].end
        known = [what[i : i + 2] in lexicon.chinese.pairs for i in range(len(what) - 1)]
        if (follows_name or is_last) and all(known):
            return Negation(start, place + len(what), place, what, None)
    return None
