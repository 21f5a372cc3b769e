"""Limits on what products measure, read from a folded text: "under 2 kg", 三公升以上, "30 to 50 ml", 至少 4 人."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.search.measures import canonical_unit, unit_pattern
from catalog.search.numbers import NUMBER, number
from catalog.search.understood import MeasureRange

# (attribute, value as filters take it) -> (number, canonical unit).
Measured = Mapping[tuple[str, str], tuple[float, str]]

# What a unit is in the smallest of its kind; a unit that is not here is a kind of its own. An ounce is of both kinds.
_KINDS: Mapping[str, Mapping[str, float]] = {
    "mass": {"mg": 0.001, "g": 1, "kg": 1_000, "lb": 453.592, "oz": 28.3495},
    "volume": {"ml": 1, "cl": 10, "l": 1_000, "gal": 3_785.41, "qt": 946.353, "oz": 29.5735},
    "length": {"mm": 1, "cm": 10, "m": 1_000, "km": 1_000_000, "in": 25.4, "ft": 304.8, "yd": 914.4},
    "storage": {"kb": 1, "mb": 1_000, "gb": 1_000_000, "tb": 1_000_000_000},
    "power": {"w": 1, "kw": 1_000},
    "frequency": {"hz": 1, "mhz": 1_000_000, "ghz": 1_000_000_000},
}
_NAMED_ONLY = frozenset({"length"})  # of anything: how long, how thick, how waterproof; it has to be said of what
_SLACK = 1e-6  # of a number: 1.1 kg are 1100 g
# Of money, or of whom it is for.
_NO_LIMIT = frozenset({"pound", "pounds", "man", "men"})

_SIGN = r"(?:-|−|minus\s|零下\s?|负)"
_UNIT = rf"(?:{unit_pattern()})(?![a-z0-9]|['’]s)"
_MEASURE = rf"(?P<number>{_SIGN}?{NUMBER})[\s-]?(?P<unit>{_UNIT})"
_MAX_BEFORE = (
    r"(?:(?<![a-z])(?:under|below|within|less than|fewer than|lighter than|smaller than|shorter than|lower than"
    r"|(?:no|not) (?:more|heavier|bigger|larger|longer) than|not (?:over|above)|at most|up to|max(?:imum)?(?: of)?)"
    r"|<=?|≤|不要?超过|不(?:大|高|多|重)于|低于|少于|小于|轻于|短于|最多|最大|最重|不到)\s?"
)
_MAX_AFTER = (
    r"\s?(?:(?:or|and) (?:less|fewer|under|below|lighter|smaller|shorter)|max(?:imum)?(?![a-z])|at most|以下|以内|之内"
    r"|内(?=的|\s|$)|不到)"
)
_MIN_BEFORE = (
    r"(?:(?<![a-z])(?:over|above|more than|at least|heavier than|bigger than|larger than|longer than|higher than"
    r"|(?:no|not) (?:less|fewer|smaller|lighter) than|min(?:imum)?(?: of)?)"
    r"|>=?|≥|(?<!不)(?<!不要)超过|不(?:低|少|小)于|大于|高于|多于|重于|长于|至少|最少|最小|起码)\s?"
)
_MIN_AFTER = r"\s?(?:(?:or|and) (?:more|over|above|larger|bigger|longer|up)|\+|以上|起)"
_BETWEEN = re.compile(
    rf"(?:(?:between|from)\s|介于)?\s?(?P<low>{_SIGN}?{NUMBER})[\s-]?(?:(?:{unit_pattern()})(?![a-z]))?"
    rf"\s?(?:~|to|and|到|至|和)\s?{_MEASURE}(?:之间)?"
)
_MAX = (re.compile(_MAX_BEFORE + _MEASURE), re.compile(_MEASURE + _MAX_AFTER))
_MIN = (re.compile(_MIN_BEFORE + _MEASURE), re.compile(_MEASURE + _MIN_AFTER))


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it was said: where, and in which unit; both ends inclusive."""

    start: int
    end: int
    unit: str
    minimum: float | None = None
    maximum: float | None = None


def limits_in(folded: str) -> list[Limit]:
    """Return the limits that a folded text tells, in order; no two overlap."""
    if not re.search(r"[\d一二两三四五六七八九十百千]", folded):
        return []
    found: list[Limit] = []
    for each in sorted(_said(folded), key=lambda limit: (limit.start, -limit.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def within(limit: Limit, typed: str, folded: str, measured: Measured) -> MeasureRange | None:
    """Return a limit with the attribute values that keep it; None when nothing is told of products in such a unit.

    What the text names by an attribute's own name ("waterproof") is looked at alone.
    """
    alike: dict[str, list[str]] = {}
    told: dict[str, None] = {}
    for (name, value), (size, unit) in measured.items():
        if (scale := _scale(limit.unit, unit)) and _may_be(name, unit, limit.unit, folded):
            told[name] = None
            if _keeps(limit, size * scale):
                alike.setdefault(name, []).append(value)
    meant = [name for name in told if _is_named(name, folded)] or list(told)
    if not meant:
        return None
    values = tuple((name, tuple(sorted(alike.get(name, ())))) for name in sorted(meant))
    return MeasureRange(typed, limit.unit, limit.minimum, limit.maximum, values)


def measured_in(name: str, value: str) -> tuple[float, str] | None:
    """Return the number and the unit of an attribute's value: 2 of `weight_kg`, "1.2 kg" of `weight`."""
    found = _VALUE.fullmatch(value.strip().lower())
    if not found:
        return None
    unit = found["unit"] or ("deg" if name.endswith("_c") else name.rpartition("_")[2])
    canonical = canonical_unit(unit)
    return (float(found["number"]), canonical) if canonical else None


_VALUE = re.compile(rf"(?P<number>-?\d+(?:\.\d+)?)\s?(?P<unit>{unit_pattern()})?")


def _said(folded: str) -> Iterator[Limit]:
    for match in _BETWEEN.finditer(folded):
        low, high = _number(match["low"]), _number(match["number"])
        if low is not None and high is not None and low < high:
            yield from _limit(match, low, high)
    for patterns, is_least in ((_MAX, False), (_MIN, True)):
        for match in (each for pattern in patterns for each in pattern.finditer(folded)):
            value = _number(match["number"])
            if value is not None:
                yield from _limit(match, value if is_least else None, None if is_least else value)


def _limit(match: re.Match[str], minimum: float | None, maximum: float | None) -> Iterator[Limit]:
    unit = canonical_unit(match["unit"])
    if unit and match["unit"] not in _NO_LIMIT:
        yield Limit(match.start(), match.end(), unit, minimum, maximum)


def _number(written: str) -> float | None:
    sign = re.match(_SIGN, written)
    value = number(written[sign.end() :] if sign else written)
    return -value if sign and value is not None else value


def _scale(said: str, stated: str) -> float | None:
    """Return by what a stated number is to be multiplied to stand in the unit that was said."""
    if said == stated:
        return 1.0
    kind = next((units for units in _KINDS.values() if said in units and stated in units), None)
    return kind[stated] / kind[said] if kind else None


def _may_be(name: str, stated: str, said: str, folded: str) -> bool:
    is_of_anything = any(stated in _KINDS[kind] for kind in _NAMED_ONLY)
    return not is_of_anything or stated == said or _is_named(name, folded)


def _is_named(name: str, folded: str) -> bool:
    words: Sequence[str] = [word for word in name.lower().split("_") if len(word) > 2]
    return any(re.search(rf"(?<![a-z]){re.escape(word)}", folded) for word in words)


def _keeps(limit: Limit, size: float) -> bool:
    slack = abs(size) * _SLACK
    above = limit.minimum is None or size >= limit.minimum - slack
    return above and (limit.maximum is None or size <= limit.maximum + slack)
