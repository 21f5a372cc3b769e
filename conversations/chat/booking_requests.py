"""What a shopper wants of an appointment, gathered over several turns; kept in the trace of each turn."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from conversations.chat.intents import Reading
from conversations.chat.intents.folding import fold
from conversations.chat.intents.slots import ordinals_in
from conversations.chat.intents.times import said_time
from conversations.chat.order_requests import is_unclear_no

BookingAct = Literal["book", "move", "cancel", "list"]
SAID_CHARS_MAX = 400
INTENT = "booking"
# What is dangerous or plainly something else is never an appointment.
_NEVER = ("injection", "health", "handoff", "is_bot", "discount", "checkout", "cart_show", "cart_remove")
_THING_EN = r"(?:appointments?|bookings?|(?:time )?slots?|sessions?|consultations?|class(?:es)?|lessons?|workshops?)"
_THING_ZH = r"(?:预约|约好?的|咨询|课程?|时段|诊断)"
_ACTS: tuple[tuple[BookingAct, re.Pattern[str]], ...] = (
    (
        "cancel",
        re.compile(
            rf"\b(?:cancel|call off|drop)\b.{{0,40}}\b{_THING_EN}\b|取消.{{0,8}}{_THING_ZH}|{_THING_ZH}.{{0,8}}(?:取消|不去了)"
        ),
    ),
    (
        "move",
        re.compile(
            rf"\b(?:move|reschedule|postpone|shift|change)\b.{{0,40}}\b{_THING_EN}\b|\breschedule\b|改期|改约|(?:改|换|延|调).{{0,6}}(?:预约|时段|时间)|{_THING_ZH}.{{0,8}}(?:改|换|延|调)"
        ),
    ),
    (
        "list",
        re.compile(
            rf"\b(?:show|see|list|what are|when(?:'s| is| are)) (?:me )?my (?:next |upcoming )?{_THING_EN}\b|^my (?:next |upcoming )?{_THING_EN}[?.! ]*$|我的预约|我约(?:了|的是)|我的?(?:咨询|课).{{0,4}}(?:什么时候|几点|哪天)|预约.{{0,4}}(?:什么时候|几点|哪天)"
        ),
    ),
    (
        "book",
        re.compile(
            rf"^(?!.*\b(?:flight|hotel|taxi|uber|table|train|ticket)\b).*(?:\b(?:book|reserve|schedule|make|get|sign up for)\b.{{0,30}}\b{_THING_EN}\b|\b(?:book|reserve|schedule) (?:an?|the|my|it|this|that|me|in|one|for)\b|\b(?:free|available|open) (?:times?|slots?|appointments?|spots?)\b|\b(?:what|which) (?:times?|days?)\b.{{0,30}}\b(?:free|open|available|have|got)\b|\bwhen (?:can|could) i (?:come|book|have)\b|\bappointments?\b)"
            r"|^(?!.*(?:房|机票|餐|车票)).*(?:预约|可以约|能约|想约|要约|约个|约一|约时间|(?:有|哪些|什么)(?:空的?|可约的?)?时段|空档|什么时候有空|哪天有空|报名)"
        ),
    ),
)
_ONLY_TIME_CHARS = 60


@dataclass(frozen=True, slots=True)
class Booking:
    """What is wanted so far. `said` is what the shopper wrote for it; `waits` tells that a time was asked for."""

    act: BookingAct
    said: str = ""
    product_id: int = 0
    order_number: str = ""
    waits: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as a turn's trace keeps it."""
        return {name: value for name, value in asdict(self).items() if value}


def booking_from(stored: Any) -> Booking | None:
    """Return what a trace keeps; None when it keeps nothing."""
    if not isinstance(stored, Mapping) or "act" not in stored:
        return None
    known = {name: value for name, value in stored.items() if name in Booking.__dataclass_fields__}
    return Booking(**known)


def booking_of(reading: Reading, text: str, before: Booking | None, *, today: date) -> Booking | None:
    """Return what this message wants of an appointment: something new, the time that was asked for, or nothing."""
    if reading.intent in _NEVER:
        return None
    folded = fold(text)
    act = next((name for name, pattern in _ACTS if pattern.search(folded)), None)
    if before is not None and before.waits and act in (None, before.act) and _says_a_time(folded, today):
        return replace(before, said=text[:SAID_CHARS_MAX], waits=False)
    if act is None and before is not None and before.act == "cancel" and is_unclear_no(text, "order.cancel"):
        return before  # a bare "cancel" is neither yes nor no to a cancellation: it is asked again
    if act is None:
        return None
    number = str(reading.slots.get("order_number", ""))
    return Booking(act, said=text[:SAID_CHARS_MAX], order_number=number)


def _says_a_time(folded: str, today: date) -> bool:
    is_short = len(folded) <= _ONLY_TIME_CHARS
    return is_short and (said_time(folded, today=today).is_something or bool(ordinals_in(folded)))
