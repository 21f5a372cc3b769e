"""A yes or a no that leaves no doubt: only these, word for word, answer a proposal without the button."""
# ruff: noqa: E501 (sentences and patterns read better whole)

from __future__ import annotations

from collections.abc import Mapping

from conversations.chat.intents.folding import fold


def _folded(*texts: str) -> frozenset[str]:
    return frozenset(fold(text) for text in texts)


_YES = _folded(
    "yes", "yes please", "yes, please", "confirm", "i confirm", "yes, confirm", "confirmed",
    "是", "是的", "對", "好", "好的", "可以", "確認", "確定", "我確認", "同意",
)  # fmt: skip
_NO = _folded("no", "no thanks", "不", "不要", "不用", "不是", "先不要", "不確認", "no, thanks", "不用了")
# Says no to anything but a cancellation: there it is the very thing that was asked for, and means neither.
_CANCEL = _folded("cancel", "取消", "cancel it", "取消掉")
# What the buttons of each question say, and what says the same.
_OWN_YES: Mapping[str, frozenset[str]] = {
    "order.place": _folded("place order", "place the order", "yes, place the order", "確認下單", "下單"),
    "order.cancel": _folded(
        "cancel the order", "cancel order", "cancel my order", "yes, cancel it", "yes, cancel the order", "yes cancel it", "取消訂單", "確認取消", "確定取消", "是，取消", "對，取消", "取消這筆訂單",
    ),
    "order.set_address": _folded("change the address", "yes, change the address", "變更地址", "更改地址", "修改地址", "確認變更", "改地址"),
    "order.set_payment": _folded("change the payment", "yes, change the payment", "變更付款方式", "更改付款方式", "改付款方式", "確認變更"),
    "order.modify_items": _folded("change the items", "yes, change the items", "yes, change it", "變更商品", "更改商品", "確認變更"),
    "order.return_items": _folded("ask for the return", "return them", "return it", "yes, return it", "yes, return them", "申請退貨", "確認退貨", "確定退貨"),
    "appointment.move": _folded("move the appointment", "move it", "yes, move it", "更改預約", "確認改期", "改期"),
    "appointment.cancel": _folded("cancel the appointment", "cancel my appointment", "yes, cancel it", "yes cancel it", "取消預約", "確認取消", "確定取消", "是，取消", "對，取消"),
    "order.exchange_items": _folded("ask for the exchange", "exchange them", "exchange it", "yes, exchange it", "申請換貨", "確認換貨", "確定換貨"),
}  # fmt: skip
_OWN_NO: Mapping[str, frozenset[str]] = {
    "order.place": _folded("keep shopping", "繼續逛"),
    "appointment.cancel": _folded("keep the appointment", "keep it", "don't cancel", "do not cancel", "保留預約", "不要取消", "不取消", "先不取消", "不取消了"),
    "order.cancel": _folded("keep the order", "keep order", "keep it", "don't cancel", "do not cancel", "保留訂單", "不要取消", "不取消", "先不取消", "不取消了"),
}  # fmt: skip
_LEAVE = _folded("leave it as it is", "leave it", "維持原樣", "保持不變", "不改了", "不退了", "不換了")


def exact_answer(text: str, *, operation: str = "") -> bool | None:
    """Return True for a plain yes, False for a plain no, None for everything else.

    Args: `operation` is what was proposed: its own verbs count too, and a bare "cancel" does not answer a cancellation.
    """
    said = fold(text).strip(" .!。！~")
    if said in _YES or said in _OWN_YES.get(operation, ()):
        return True
    if said in _NO or said in _OWN_NO.get(operation, ()):
        return False
    if operation in ("order.cancel", "appointment.cancel"):
        return None
    return False if said in _CANCEL or said in _LEAVE else None
