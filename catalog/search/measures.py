"""Numbers and their units, so that "500gb", "500 GB" and "500-GB" are one term, and `4"` is "4 in"."""

from __future__ import annotations

import re

from catalog.search.numbers import number

# Canonical unit -> how shops write it. A unit counts only right after a number.
_WRITTEN = {
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yds yard yards",
    "mm": "mm millimeter millimeters millimetre millimetres 毫米 公厘",
    "cm": "cm centimeter centimeters centimetre centimetres 厘米 公分",
    "m": "m meter meters metre metres",
    "km": "km",
    "g": "g gr gram grams gramme grammes 克 公克",
    "mg": "mg",
    "kg": "kg kgs kilo kilos kilogram kilograms 公斤 千克",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "ml": "ml milliliter milliliters millilitre millilitres 毫升",
    "cl": "cl",
    "l": "l ltr liter liters litre litres 升 公升",
    "gal": "gal gals gallon gallons",
    "qt": "qt quart quarts",
    "kb": "kb",
    "mb": "mb",
    "gb": "gb gig gigs gigabyte gigabytes",
    "tb": "tb terabyte terabytes",
    "v": "v volt volts",
    "w": "w watt watts 瓦",
    "kw": "kw",
    "a": "amp amps ampere amperes",
    "mah": "mah 毫安",
    "hz": "hz",
    "mhz": "mhz",
    "ghz": "ghz",
    "btu": "btu btus",
    "hp": "hp horsepower",
    "rpm": "rpm",
    "psi": "psi",
    "dpi": "dpi",
    "mp": "mp megapixel megapixels",
    "deg": "deg degree degrees °c ℃ 度",
    "person": "person persons people man men 人",
    "lm": "lm lumen lumens 流明",
    "pc": "pcs pieces",
    "pk": "pk",
}
_CANONICAL = {written: unit for unit, spellings in _WRITTEN.items() for written in spellings.split()}
UNITS_IN_CHINESE = tuple(written for written in _CANONICAL if not written.isascii())
_MARKS = {'"': "in", "″": "in", "”": "in", "''": "in", "'": "ft", "′": "ft", "’": "ft"}
_NUMBER = r"\d+/\d+|\d+(?:\.\d+)?"
_UNITS = "|".join(sorted(map(re.escape, _CANONICAL), key=len, reverse=True))
_STARTING = r"\d(?<![a-z\d_.]\d)"  # a number's first digit; looking back from it is quicker than at every letter
# "2 in 1" and "2-in-1" are no inches: a number after "in" makes it a word. A Chinese unit needs no space after it.
_MEASURE = re.compile(rf"({_STARTING}(?:\d*/\d+|\d*(?:\.\d+)?))[\s-]?({_UNITS})\.?(?![a-z0-9])(?!(?<=in)[\s-]?\d)")
_MARKED = re.compile(rf"(?<![a-z\d_.])({_NUMBER})\s?(''|[\"″”'′’])(?![a-z])")
# "No. 7", "#7", "7 號" are one; the number alone is found too.
_NUMBERED = re.compile(r"(?<![a-z])(?:no\.?|nr\.|#)\s?(\d+)(?![\w.,%-])|(?<![\w.])第?\s?(\d+)\s?号(?!码)")
# "SPF50+", "SPF 50": the label stays a word of its own.
_LABELLED = re.compile(r"(?<![a-z])(spf|upf)[\s-]?(\d+)(?:\+|(?![\w.]))")
# A number in words before a unit that is no word of its own ("two in one").
_NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_AS_WORD = rf"(?<![a-z\d])({'|'.join(_NUMBER_WORDS)})"
_LONG_UNITS = "|".join(unit for unit in _UNITS.split("|") if unit.isascii() and unit.isalpha() and len(unit) > 2)
_IN_WORDS = re.compile(rf"{_AS_WORD}[\s-]?({_LONG_UNITS})(?![a-z])")
_COUNTS_IN_WORDS = re.compile(rf"{_AS_WORD}(?:$|[\s-]?(?:{_LONG_UNITS})(?![a-z]))")
_IN_CHINESE = re.compile(
    rf"([一二两三四五六七八九十百千单双]+)({'|'.join(unit for unit in _UNITS.split('|') if not unit.isascii())})"
)
_COUNTS = {"单": 1, "双": 2}
_NUMBERED_IN_CHINESE = re.compile(r"第?([一二三四五六七八九十]+)号(?!码)")
# "-8 °C", "零下 8 度": another measure than 8 °C.
_DEGREES = "|".join(map(re.escape, _WRITTEN["deg"].split()))
_BELOW_ZERO = re.compile(
    rf"(?:(?:^|(?<=[\s(（]))-|−|minus\s|零下\s?|负)(\d+(?:\.\d+)?)[\s-]?(?:{_DEGREES})(?![a-z0-9])"
)
# What any measure needs: a letter or a sign right after a number, or a word or a sign for "number" right before it.
_NEAR_A_NUMBER = re.compile(r"""\d(?:[\s-]?[^\W\d_]|[\s-]?[°℃"″”'′’*×]|,\d)|(?:n[or]\.?|\#|pf)[\s-]?\d""")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)")
# A plain look for what a pattern needs costs a tenth of the pattern, and most texts have none of it.
_TIMES_SIGN, _MARK, _DEGREE = re.compile("[x×*]"), re.compile("[\"″”'′’]"), re.compile("deg|°c|[℃度]")


def with_measures(folded: str) -> str:
    """Return a folded text in which each measure stands as one term after a `=`: "500 gb" becomes "=500gb".

    Numbers in English words count too ("two-person" becomes "=2person"), and what is numbered ("No. 7", "7 號").
    """
    if _IN_WORDS.search(folded):
        folded = _IN_WORDS.sub(lambda found: f"{_NUMBER_WORDS.index(found[1]) + 1} {found[2]}", folded)
    if not _NEAR_A_NUMBER.search(folded):
        return folded
    text = _THOUSANDS.sub("", folded) if "," in folded else folded
    if _TIMES_SIGN.search(text):
        text = _TIMES.sub(" x ", text)
    if _MARK.search(text):
        text = _MARKED.sub(lambda found: f" ={found[1]}{_MARKS[found[2]]} ", text)
    if "no" in text or "号" in text or "#" in text:
        text = _NUMBERED.sub(lambda found: f" ={found[1] or found[2]}no ", text)
    if "pf" in text:
        text = _LABELLED.sub(r" \1 =\2\1 ", text)
    if _DEGREE.search(text):
        text = _BELOW_ZERO.sub(r" =\1degbelow ", text)
    return _MEASURE.sub(lambda found: f" ={found[1]}{_CANONICAL[found[2]]} ", text)


def has_number_words(folded: str) -> bool:
    """Whether a text has a number in English words before a unit: "two person"."""
    return _IN_WORDS.search(folded) is not None


def counts_in_words(folded: str) -> bool:
    """Whether a text has such a number, or ends with one whose unit may come after it: "for two"."""
    return _COUNTS_IN_WORDS.search(folded) is not None


def chinese_measures(folded: str) -> dict[str, str]:
    """Return {as it is written: in digits} of measures such as 三公升 and 雙人: texts may tell them either way."""
    found = {}
    for match in _IN_CHINESE.finditer(folded):
        value = _COUNTS.get(match[1]) or number(match[1])
        if value:
            found[match.group()] = f"{value:g} {_CANONICAL[match[2]]}"
    for match in _NUMBERED_IN_CHINESE.finditer(folded):
        if value := number(match[1]):
            found[match.group()] = f"no {value:g}"
    return found


def canonical_unit(written: str) -> str:
    """Return the one spelling of a unit: "kilograms" is "kg"; "" when it is none."""
    return _CANONICAL.get(written, "")


def unit_pattern() -> str:
    """Return the pattern of every unit as shops write it, longest first."""
    return _UNITS


def number_of(term: str) -> str:
    """Return the number of a measure's term: "500" of "500gb"; the term itself when it is none."""
    found = re.match(_NUMBER, term)
    return found.group() if found else term


def is_measure(folded: str, place: int) -> bool:
    """Whether the number at `place` of a folded text has a unit: "300 ml", "2 TB"."""
    return _MEASURE.match(folded, place) is not None
