"""Numbers and their units, so that "500gb", "500 GB" and "500-GB" are one term, and `4"` is "4 in"."""

from __future__ import annotations

import re

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
    "deg": "deg degree degrees",
    "pc": "pcs pieces",
    "pk": "pk",
}
_CANONICAL = {written: unit for unit, spellings in _WRITTEN.items() for written in spellings.split()}
_MARKS = {'"': "in", "″": "in", "”": "in", "''": "in", "'": "ft", "′": "ft", "’": "ft"}
_NUMBER = r"\d+/\d+|\d+(?:\.\d+)?"
_UNITS = "|".join(sorted(map(re.escape, _CANONICAL), key=len, reverse=True))
# "2 in 1" and "2-in-1" are no inches: a number after "in" makes it a word. A Chinese unit needs no space after it.
_MEASURE = re.compile(rf"(?<![\w.])({_NUMBER})[\s-]?({_UNITS})\.?(?![a-z0-9])(?!(?<=in)[\s-]?\d)")
_MARKED = re.compile(rf"(?<![\w.])({_NUMBER})\s?(''|[\"″”'′’])(?![a-z])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)")


def with_measures(folded: str) -> str:
    """Return a folded text in which each measure stands as one term after a `=`: "500 gb" becomes "=500gb"."""
    if not any(character.isdigit() for character in folded):
        return folded
    text = _TIMES.sub(" x ", _THOUSANDS.sub("", folded))
    text = _MARKED.sub(lambda found: f" ={found[1]}{_MARKS[found[2]]} ", text)
    return _MEASURE.sub(lambda found: f" ={found[1]}{_CANONICAL[found[2]]} ", text)


def number_of(term: str) -> str:
    """Return the number of a measure's term: "500" of "500gb"; the term itself when it is none."""
    found = re.match(_NUMBER, term)
    return found.group() if found else term
