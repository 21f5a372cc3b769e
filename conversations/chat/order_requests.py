"""What a shopper wants done with an order, gathered over several turns; kept in the trace of each turn."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from conversations.chat.intents import Reading
from conversations.chat.intents.folding import fold
from conversations.chat.intents.rules_orders import DESK_INTENTS, cancel_reason, is_last

SAID_CHARS_MAX = 800
STATUS = "order_status"
# Plainly something else than the answer to a question of the desk.
_ANOTHER_SUBJECT = (
    "injection", "health", "handoff", "is_bot", "policy_returns", "policy_other", "policy_shipping", "discount",
    "cart_show", "cart_remove", "checkout", "bye", "thanks", "greet", "routine", "content", "compare", "compatible",
)  # fmt: skip
_ITEMS_ASKED = ("items", "option")
_BARE_CANCEL = re.compile(
    r"(?:please )?cancel(?: (?:it|that|this)(?: one| order)?)?(?: please)?|(?:请)?(?:帮我)?(?:把)?(?:它|这笔|那笔|这单|那单|这个)?取消(?:它|掉|这笔|那笔|这单|那单)?(?:吧|谢谢)?"
)
_ONLY_NUMBER = re.compile(
    r"(?:it'?s |the |my |是|就)?(?:order |订单 ?|第?)?(?:number |no\.? ?)?#?\s?[a-z]{0,4}-?\d{3,12}(?: please|吧|号|这笔|那笔)?"
)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is wanted so far. `said` is everything the shopper wrote for it; `asked` what he was asked last."""

    intent: str
    order_number: str = ""
    is_last: bool = False
    reason: str = ""
    said: str = ""
    asked: str = ""  # order | reason | items | option | method | address | confirm | ""

    def to_json(self) -> dict[str, Any]:
        """Return it as a turn's trace keeps it."""
        return {name: value for name, value in asdict(self).items() if value}


def request_from(stored: Any) -> OrderRequest | None:
    """Return the request a trace keeps; None when it keeps none."""
    if not isinstance(stored, Mapping) or "intent" not in stored:
        return None
    known = {name: value for name, value in stored.items() if name in OrderRequest.__dataclass_fields__}
    return OrderRequest(**known)


def request_of(reading: Reading, text: str, before: OrderRequest | None) -> OrderRequest | None:
    """Return what this message wants of the order desk: something new, more of what was begun, or nothing."""
    if before is not None and _goes_on(reading, text, before):
        return _joined(reading, text, before)
    if before is not None and before.order_number and _is_bare_cancel(text):
        return replace(_new(reading, text), intent="order_cancel", order_number=before.order_number)
    if reading.intent not in (*DESK_INTENTS, STATUS):
        return None
    request = _new(reading, text)
    if before is not None and _means_the_same(request, before):
        request = replace(request, order_number=before.order_number)
    return request


def is_unclear_no(text: str, operation: str) -> bool:
    """Whether a bare "cancel" was said while a cancellation waits for a yes: it could mean either."""
    return operation == "order.cancel" and _is_bare_cancel(text)


def _new(reading: Reading, text: str) -> OrderRequest:
    folded = fold(text)
    return OrderRequest(
        intent=reading.intent,
        order_number=str(reading.slots.get("order_number", "")),
        is_last=is_last(folded),
        reason=cancel_reason(folded),
        said=text[:SAID_CHARS_MAX],
    )


def _joined(reading: Reading, text: str, before: OrderRequest) -> OrderRequest:
    """Add an answer to what was asked."""
    folded = fold(text)
    number = str(reading.slots.get("order_number", "")) or before.order_number
    said = f"{before.said}\n{text}"[-SAID_CHARS_MAX:]
    last = before.is_last or is_last(folded) or (before.asked == "order" and reading.slots.get("ordinal") == -1)
    return replace(
        before,
        order_number=number,
        is_last=last and not number,
        reason=cancel_reason(folded) or before.reason,
        said=said,
        asked="",
    )


def _goes_on(reading: Reading, text: str, before: OrderRequest) -> bool:
    """Whether this message is an answer to what was asked."""
    if before.intent == STATUS or not before.asked:
        return False
    if before.asked == "confirm" or _is_bare_cancel(text):
        return before.intent == "order_cancel" and _is_bare_cancel(text)
    if _answers_in_place(text, before):
        return True
    return reading.intent not in ("deny", "affirm", *_ANOTHER_SUBJECT) and not _begins_anew(reading, text, before)


def _begins_anew(reading: Reading, text: str, before: OrderRequest) -> bool:
    """Whether this message asks the desk for something else."""
    if reading.intent in DESK_INTENTS:
        is_about_items = before.asked in _ITEMS_ASKED and "order_number" not in reading.slots
        return reading.intent != before.intent and not is_about_items
    return reading.intent == STATUS and not _ONLY_NUMBER.fullmatch(fold(text).strip(" .!?。！？"))


def _answers_in_place(text: str, before: OrderRequest) -> bool:
    """Whether the text says just what was asked: a number, a reason."""
    folded = fold(text).strip(" .!?。！？")
    if before.asked == "order":
        return bool(_ONLY_NUMBER.fullmatch(folded)) or is_last(folded)
    return before.asked == "reason" and bool(cancel_reason(folded))


def _is_bare_cancel(text: str) -> bool:
    return bool(_BARE_CANCEL.fullmatch(fold(text).strip(" .!。！")))


def _means_the_same(request: OrderRequest, before: OrderRequest) -> bool:
    """Whether a request without a number is about the order that was told of just before."""
    says_which = request.order_number or request.is_last
    return before.intent == STATUS and request.intent not in (STATUS, "order_list") and not says_which
