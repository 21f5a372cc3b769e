"""The two things that a question like "can I use No. 3 with retinal" names, in the shopper's own words."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re

from catalog.languages import TRADITIONAL, to_traditional
from conversations.chat.intents.folding import fold
from conversations.chat.intents.slots import ordinals_in

THINGS_MAX = 4
_ASKING = re.compile(
    r"(?<![a-z])(?:can|could|may|should|do|does|did|would|will|is|are|it's|i|i'm|you|we|be|to|if|for|me|hi|hello|please|also|still|well|ok|okay|fine|"
    r"alright|safe|bad|possible|use[ds]?|using|wear|worn|mix(?:ed|ing)?|combine[ds]?|layer(?:ed|ing)?|pair|appl(?:y|ied)|put|goes|go|works?|get along|"
    r"play|nicely|together|each other|one another|at the same (?:time|step)|in the same (?:routine|step|evening|night|morning)|alternate|compatible|"
    r"conflicts?|clash(?:es)?|interfere|react|cancel|out|the|my|your|both|on top|in|the same (?:routine|time|step))(?![a-z'])"
    r"|(?<![a-z])an?(?= [a-z])"
    r"|请问|想问|能不能|可不可以|可以不可以|会不会|有没有|是不是|适不适合|能否|可否|可以|适合|一起|同时|一块|一同|在一起|使用|叠加|叠擦|搭配|互相|相互|冲突|相冲|打架|"
    r"相克|互斥|的话|我想|我的|应该|晚上|早上|擦在|[能会用擦涂抹搽敷叠混吗嘛么呢着我你把在再有]|没问题|行不行|好不好|[?？!！.。]+(?=\s|$)"
)
_BETWEEN = re.compile(
    r"(?<![a-z])(?:with|and|plus|or|over|under|of|alongside|against)(?![a-z])|[&+/,，、;；]|和|跟|与|同|加上|以及|还有|搭|并"
)
_POINTING = re.compile(
    r"(?<![a-z])(?:it|this|that|them|these|those|they)(?: (?:one|two|ones))?(?![a-z])|(?:这|那)(?:个|款|瓶|支|些|两个|两样|两款|两瓶)?|它们?|两个|两样"
)
_BOTH = re.compile(
    r"(?<![a-z])(?:them|these|those|they|both|the (?:first )?two)(?![a-z])|[这那]?(?:两|些)(?:个|样|款|瓶|支)?|它们"
)


def things_in(text: str, *, language: str) -> tuple[str, ...]:
    """Return what is named on either side of "with", without the words that ask and those that point."""
    bare = _POINTING.sub(" ", _ASKING.sub(" ", fold(text)))
    sides = [" ".join(side.split()).strip(" .-:'\"的") for side in _BETWEEN.split(bare)]
    named = [side for side in sides if side and not ordinals_in(side)]
    if language == TRADITIONAL:
        named = [to_traditional(side) for side in named]
    return tuple(dict.fromkeys(named))[:THINGS_MAX]


def points_at_both(text: str) -> bool:
    """Whether the text points at two things shown: "these two", 這兩個."""
    return bool(_BOTH.search(fold(text)))


def points_at_one(text: str) -> bool:
    """Whether the text points at something shown or looked at: "it", 這個."""
    return bool(_POINTING.search(fold(text)))
