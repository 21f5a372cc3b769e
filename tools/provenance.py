"""Where the values of a write come from: the shopper's own words, his own form, or what this session has shown him.

A text that somebody planted is neither, whatever it asks for: a catalog text, a review, another person's comment and a
document are read by the model, but no value of theirs passes here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from catalog.confirmations.log import shown_in
from catalog.orders.countries import country_code
from catalog.orders.desk.errors import NotConfirmed
from catalog.orders.desk.planning import ADDRESS_FIELDS
from catalog.orders.models import Order, OrderAddress, ShopperAddress
from tools.context import ToolContext

SAID, SHOWN, FORM, KEPT, CLOSED = "said", "shown", "form", "kept", "closed_list"
_EDGES = r"(?<![0-9a-z])", r"(?![0-9a-z])"


def traced(ctx: ToolContext, *, order: Order, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return where each value comes from. Call inside the shop.

    Raises: NotConfirmed naming the value that comes from nowhere the shopper knows.
    """
    words = [_folded(text) for text in ctx.words.said()]
    shown = shown_in(session=ctx.session, shopper_id=ctx.shopper_id)
    found: dict[str, str] = {}
    for name, value in arguments.items():
        if name in ADDRESS_FIELDS:
            continue
        if name == "reason":
            found[name] = CLOSED  # two sentences of ours; the desk refuses any other
            continue
        for each in value if isinstance(value, list | tuple) else [value]:
            found[name] = _source_of_id(str(each), words, shown) if each else KEPT
            if not found[name]:
                raise NotConfirmed(what=each)
    if set(ADDRESS_FIELDS) & set(arguments):
        found |= _traced_address(ctx, order, arguments, words)
    return found


def _source_of_id(value: str, words: Iterable[str], shown: frozenset[str]) -> str:
    if value in shown or f"#{value}" in shown:
        return SHOWN
    return SAID if _is_said(value.removeprefix("#"), words) else ""


def _traced_address(ctx: ToolContext, order: Order, arguments: Mapping[str, Any], words: list[str]) -> dict[str, str]:
    """Trace every part of an address; a part that stays as it is needs no source."""
    form = ShopperAddress.objects.filter(shopper_id=ctx.shopper_id).first()
    now = OrderAddress.objects.filter(order=order).first()
    found: dict[str, str] = {}
    for name in ADDRESS_FIELDS:
        value = str(arguments.get(name) or "")
        source = _source_of_part(name, value, words, form, now)
        if not source:
            raise NotConfirmed(what=_("Address: %(value)s") % {"value": value})
        found[name] = source
    return found


def _source_of_part(
    name: str, value: str, words: list[str], form: ShopperAddress | None, now: OrderAddress | None
) -> str:
    if not value:
        return CLOSED
    if _is_said(value, words):
        return SAID
    if form is not None and _same(name, value, getattr(form, name)):
        return FORM
    # Only what says little by itself may stay: a street that stays belongs to a city that stays.
    if name in ("country", "state") and now is not None and _same(name, value, getattr(now, name)):
        return KEPT
    return ""


def _same(name: str, one: str, other: str) -> bool:
    if name == "country":
        return country_code(one) == country_code(other)
    return _folded(one) == _folded(other)


def _is_said(value: str, words: Iterable[str]) -> bool:
    """Return whether the shopper wrote `value`, as words of its own, whatever the case, width and spacing."""
    wanted = _folded(value)
    pattern = re.compile(re.escape(wanted).join(_EDGES))
    return bool(wanted) and any(pattern.search(text) for text in words)


def _folded(text: str) -> str:
    """Return letters and digits in one case and width, everything else as one space."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", plain).strip()
