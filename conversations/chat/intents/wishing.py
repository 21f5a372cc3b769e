"""Whether a message says what somebody would like to have, however it is put: by frames of wishing, not by phrases."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Callable

from catalog.products.wish_frames import FRAME
from catalog.products.wishes import wish_of

TELLING_ENOUGH = 5  # so many words that describe something are a wish also when other rules found a word of theirs
# Work to be done by the double, whatever it is about.
_TASK = re.compile(
    r"(?<![a-z])(?:write|compose|generate|create|draft|code|translate|solve|calculate)(?![a-z])|homework|(?:写|作|编|生成|翻).{0,6}(?:作文|诗|首歌|歌词|故事|代码|程式|程序|论文|报告|情书|信|简历|履历|演讲|小说)|翻译"
)
# Asks for a fact of the world, not for a thing.
_FACT = re.compile(
    r"^(?:\W|(?:hey|hi|so|and|ok|please|do you know|tell me|can you tell me) )*(?:what(?:'s| is| are| was| time)|who|when|why|how(?! about))(?![a-z])|(?:如何|怎么样|怎样|几点|几度|是谁|为什么|多高|多远|几岁)"
)


def has_frame(text: str) -> bool:
    """Whether a folded `text` wishes for something, by how it is put."""
    return bool(FRAME.search(text))


def describes(text: str) -> bool:
    """Whether a folded `text` has so many words that tell of a product that it is about one."""
    return len(wish_of([text]).telling) >= TELLING_ENOUGH


def asks_for_thing(text: str) -> bool:
    """Whether a folded `text` wishes for something it names."""
    return has_frame(text) and bool(wish_of([text]).telling)


def asks_for_fact(text: str) -> bool:
    """Whether a folded `text` asks what, who, when or how something is, and wishes for nothing."""
    return bool(_FACT.search(text)) and not has_frame(text)


def is_for_sale(text: str, sells: Callable[[str], bool] | None) -> bool:
    """Whether the shop has what a folded `text` speaks of; unknown shops have nothing in particular."""
    return sells is not None and not (asks_for_fact(text) or _TASK.search(text)) and sells(text)
