"""A promotion code in the shopper's own words, for the model that works without a key."""

from __future__ import annotations

import re

_WRITTEN = r"(?P<code>[A-Za-z0-9][A-Za-z0-9_-]{2,39})"
_SAID = (
    re.compile(
        rf"\b(?:promo(?:tion)?|discount|coupon|voucher)?\s*code\s*(?:is|:|=)?\s*[\"“']?{_WRITTEN}", re.IGNORECASE
    ),
    re.compile(
        rf"(?:優惠碼|优惠码|折扣碼|折扣码|優惠代碼|优惠代码|代碼|代码|折價券|折价券|序號|序号)(?:是|为|為|:|：)?\s*{_WRITTEN}"
    ),
)
_WORDS = frozenset(["the", "for", "and", "any", "you", "that", "this", "does", "work", "have", "can", "not", "now"])
_GONE = re.compile(r"\b(?:remove|delete|take out|drop|without)\b|移除|刪除|删除|取消|拿掉|不要用", re.IGNORECASE)


def entered_code(text: str) -> str:
    """Return the code that a message names ("use code SPRING10", "優惠碼 SPRING10"); empty when there is none.

    A code has a digit or is written in capitals: "the code for shipping" names none.
    """
    for said in _SAID:
        found = said.search(text)
        if found is None:
            continue
        code = found["code"]
        if code.lower() not in _WORDS and (code.isupper() or any(letter.isdigit() for letter in code)):
            return code
    return ""


def takes_code_out(text: str) -> bool:
    """Return whether the message asks to take the code out."""
    return _GONE.search(text) is not None
