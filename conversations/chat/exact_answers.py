"""A yes or a no that leaves no doubt: only these, word for word, answer a proposal without the button."""
# ruff: noqa: E501 (sentences and patterns read better whole)

from __future__ import annotations

from conversations.chat.intents.folding import fold

_YES = frozenset(
    fold(text)
    for text in (
        "yes", "yes please", "yes, please", "confirm", "i confirm", "yes, confirm", "place order", "place the order",
        "yes, place the order", "是", "是的", "對", "好", "好的", "可以", "確認", "確定", "我確認", "確認下單", "下單", "同意",
    )
)  # fmt: skip
_NO = frozenset(
    fold(text)
    for text in ("no", "no thanks", "cancel", "keep shopping", "不", "不要", "不用", "不是", "取消", "先不要", "不確認")
)


def exact_answer(text: str) -> bool | None:
    """Return True for a plain yes, False for a plain no, None for everything else."""
    said = fold(text).strip(" .!。！~")
    return True if said in _YES else False if said in _NO else None
