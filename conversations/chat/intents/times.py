"""Days and times of day that a shopper says, in English and Chinese, on folded text."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIGITS = {"零": 0, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_WEEKDAY_EN = re.compile(
    r"\b(?:(?P<next>next) )?(?P<day>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
)
_WEEKDAY_ZH = re.compile(r"(?P<next>下个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_DATE_EN = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{'|'.join(_MONTHS)})[a-z]*|(?P<m2>{'|'.join(_MONTHS)})[a-z]* (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)\b"
)
_DATE_ZH = re.compile(r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?")
_DATE_ISO = re.compile(r"(?<!\d)(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)")
_DATE_SLASH = re.compile(r"(?<![\d/.])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/])")
_NEAR = (
    (re.compile(r"\bday after tomorrow\b|后天"), 2),
    (re.compile(r"\btomorrow\b|明天|明日"), 1),
    (re.compile(r"\btoday\b|\btonight\b|今天|今日|今晚"), 0),
)
_CLOCK = re.compile(r"(?<![\d:.$])(?P<h>[01]?\d|2[0-3])[:：](?P<m>[0-5]\d)(?: ?(?P<half>[ap])\.?m\b)?")
_CLOCK_EN = re.compile(r"(?<![\d:.$])(?P<h>1[0-2]|0?[1-9]) ?(?P<half>[ap])\.?m\b")
_CLOCK_AT = re.compile(r"\bat (?P<h>1\d|2[0-3]|[1-9])(?: o'?clock)?\b(?![:：.%\d])|\b(?P<h2>1[0-2]|[1-9]) o'?clock\b")
_CLOCK_ZH = re.compile(
    r"(?P<h>\d{1,2}|十[一二]?|[一二两三四五六七八九])点(?!儿|的|吗)(?:(?P<half>半)|(?P<q>一刻)|(?P<m>[0-5]?\d)分?)?"
)
_LATE = re.compile(r"\b(?:afternoon|evening|tonight)\b|下午|傍晚|晚上|今晚")
_EARLY = re.compile(r"\bmorning\b|早上|上午|早晨")


@dataclass(frozen=True, slots=True)
class SaidTime:
    """What was said of a time. `hours` are what the hour may mean on a 24-hour clock; `half` is "am" or "pm" alone."""

    day: date | None = None
    hours: tuple[int, ...] = ()
    minute: int = 0
    half: str = ""

    @property
    def is_something(self) -> bool:
        """Whether any time was said."""
        return self.day is not None or bool(self.hours) or bool(self.half)

    def fits(self, at: datetime) -> bool:
        """Whether a time of the merchant's clock is what was said."""
        if self.day is not None and at.date() != self.day:
            return False
        if self.hours:
            return at.hour in self.hours and at.minute == self.minute
        return not self.half or (at.hour >= 12) == (self.half == "pm")


def said_time(folded: str, *, today: date) -> SaidTime:
    """Return the day and the time of day in a text, as seen from `today`."""
    half = "pm" if _LATE.search(folded) else "am" if _EARLY.search(folded) else ""
    hours, minute = _clock(folded, half)
    return SaidTime(day=_day(folded, today), hours=hours, minute=minute, half=half)


def fitting(said: SaidTime, times: Sequence[datetime]) -> list[int]:
    """Return the places of the times that fit; all of the first day when only a time of day was said."""
    found = [place for place, at in enumerate(times) if said.fits(at)]
    if said.day is None and found:
        first = times[found[0]].date()
        found = [place for place in found if times[place].date() == first]
    return found


def _day(folded: str, today: date) -> date | None:
    for pattern, ahead in _NEAR:
        if pattern.search(folded):
            return today + timedelta(days=ahead)
    return _dated(folded, today) or _weekday(folded, today)


def _dated(folded: str, today: date) -> date | None:
    if found := _DATE_ISO.search(folded):
        return _date(int(found["y"]), int(found["m"]), int(found["d"]))
    if found := _DATE_EN.search(folded):
        month = _MONTHS.index(found["m1"] or found["m2"]) + 1
        return _coming(today, month, int(found["d1"] or found["d2"]))
    found = _DATE_ZH.search(folded) or _DATE_SLASH.search(folded)
    return _coming(today, int(found["m"]), int(found["d"])) if found else None


def _weekday(folded: str, today: date) -> date | None:
    """Return the next such day; "next Thursday" (下周四) is the one of the week that begins on the coming Monday."""
    if found := _WEEKDAY_EN.search(folded):
        number = next(place for place, name in enumerate(_DAYS_EN) if name.startswith(found["day"][:3]))
    elif found := _WEEKDAY_ZH.search(folded):
        number = "一二三四五六日".index(found["day"].replace("天", "日"))
    else:
        return None
    if found["next"]:
        return today + timedelta(days=7 - today.weekday() + number)
    return today + timedelta(days=(number - today.weekday()) % 7)


def _coming(today: date, month: int, day: int) -> date | None:
    """Return that day of this year, of the next when it is long past."""
    found = _date(today.year, month, day)
    return _date(today.year + 1, month, day) if found and found < today - timedelta(days=1) else found


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(folded: str, half: str) -> tuple[tuple[int, ...], int]:
    if found := _CLOCK.search(folded):
        return _hours(int(found["h"]), f"{found['half']}m" if found["half"] else half), int(found["m"])
    if found := _CLOCK_EN.search(folded):
        return _hours(int(found["h"]), f"{found['half']}m"), 0
    if found := _CLOCK_AT.search(folded):
        return _hours(int(found["h"] or found["h2"]), half), 0
    if found := _CLOCK_ZH.search(folded):
        minute = 30 if found["half"] else 15 if found["q"] else int(found["m"] or 0)
        return _hours(_number(found["h"]), half), minute
    return (), 0


def _hours(hour: int, half: str) -> tuple[int, ...]:
    if hour > 12 or hour == 0:
        return (hour % 24,)
    if half:
        return (hour % 12 + (12 if half == "pm" else 0),)
    return (hour, hour + 12) if hour < 12 else (12,)


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    return sum(_DIGITS[each] for each in text)
