"""What a shopper's messages say about a product: weighted terms, without the words of talk.

Terms are words in the singular and pairs of Chinese characters. Nothing here knows a shop: what a word is worth is
decided by the products it is looked for in (`agreement.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from catalog.products.spending import without_limits
from catalog.products.wish_frames import FRAME
from catalog.search.analysis import fold, query_terms, text_terms

_FILE = Path(__file__).with_name("talk_words.txt")
_CLAUSE = re.compile(r"[.;!?\n。；！？]+(?=\s|$)|[。；！？]| but |但是?|不过")
# "Any price will do, as long as it's good": nothing of it describes the product.
_INDIFFERENT = re.compile(
    r"\b(?:any|whatever|anything)\b.*\b(?:fine|ok(?:ay)?|do|does|works?|acceptable|good|normal)\b|doesn'?t matter"
    r"|(?:don'?t|do not) (?:mind|care)|not a concern|as long as|no preference|can be anything"
    r"|都行|都可以|随便|没关系|不限|无所谓"
)
_AGAINST = re.compile(
    r"(?:\bexcept\b|\bother than\b|\binstead of\b|\bdislike\b|\bhate\b|\bnot? (?:a fan of|into|from|by)\b"
    r"|\b(?:don'?t|do not) (?:like|want)\b|不喜欢|讨厌|不想要|除了)(?P<what>[^,，]{1,60})"
)
# What hurt once is turned down too: "retinol stings", A 醇會刺痛.
_HURT = re.compile(
    r"(?P<what>[a-z]+(?: [a-z])?) (?:(?:always|really|just|also) )*"
    r"(?:stings?|burns?|irritates?|breaks me out|dries me out)(?![a-z])"
    r"|(?P<what2>[a-z\u4e00-\u9fff][^,，\s]{0,5}?)(?:都?会|总是|让我)(?:刺痛|刺激|发红|泛红|脱皮|起疹)"
)
_IS_LATIN = re.compile(r"[a-z0-9]+")
_PLURAL_IES, _PLURAL_ES = re.compile(r"[^aeiou]ies$"), re.compile(r"(?:ch|sh|x|ss|z)es$")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said, as terms with weights; `against` are terms of what was turned down."""

    terms: Mapping[str, float] = field(default_factory=dict)
    against: frozenset[str] = frozenset()

    @property
    def telling(self) -> tuple[str, ...]:
        """The terms that describe a product, heaviest first."""
        full = [term for term, weight in self.terms.items() if weight >= 1]
        return tuple(sorted(full, key=lambda term: -self.terms[term]))


def wish_of(messages: Sequence[str]) -> Wish:
    """Return what a shopper's messages, oldest first, say of the product; how it began and the newest count most."""
    read = [_read(message) for message in messages]
    told = [(terms, against) for terms, against in read if any(weight >= 1 for weight in terms.values())]
    weights: dict[str, float] = {}
    for place, (terms, _) in enumerate(told):
        is_end = place in (0, len(told) - 1)
        factor = settings.WISH_END_WEIGHT if is_end and len(told) > 1 else 1.0
        for term, weight in terms.items():
            weights[term] = max(weights.get(term, 0.0), weight * factor)
    # What was wanted again later is not turned down any more.
    against: set[str] = set()
    for terms, turned_down in read:
        against = (against | turned_down) - {term for term, weight in terms.items() if weight >= 1}
    return Wish({term: weight for term, weight in weights.items() if term not in against}, frozenset(against))


def terms_of(text: str) -> tuple[str, ...]:
    """Return the terms of a product's text, repeats and all."""
    found = text_terms(text)
    return (*map(singular, found.words), *found.pairs, *found.characters)


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """Return an English word without its plural; other words as they are."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if _PLURAL_IES.search(word):
        return f"{word[:-3]}y"
    if _PLURAL_ES.search(word):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


@lru_cache(maxsize=2_000)
def _read(message: str) -> tuple[Mapping[str, float], frozenset[str]]:
    """Return the terms of one message with their weights, and what it turns down."""
    weights: dict[str, float] = {}
    against: set[str] = set()
    words, phrases = _talk()
    for clause in filter(str.strip, _CLAUSE.split(without_limits(fold(message)))):
        for match in _AGAINST.finditer(clause):
            against.update(_query(phrases.sub(" ", match["what"])))
        for match in _HURT.finditer(clause):
            against.update(_query(phrases.sub(" ", match["what"] or match["what2"])))
        is_indifferent = bool(_INDIFFERENT.search(clause))
        for term in _query(phrases.sub(" ", FRAME.sub(" ", clause))):
            is_talk = is_indifferent or term in words
            weights[term] = max(weights.get(term, 0.0), settings.WISH_TALK_WEIGHT if is_talk else 1.0)
    telling = {term for term in against if term not in words}
    return {term: weight for term, weight in weights.items() if term not in telling}, frozenset(telling)


def _query(text: str) -> Iterable[str]:
    found = query_terms(text)
    characters = found.characters if not found.pairs else ()
    return (*map(singular, found.words), *found.pairs, *characters)


@lru_cache(maxsize=1)
def _talk() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the words of talk, and a pattern for those written without spaces."""
    lines = [line.strip() for line in _FILE.read_text(encoding="utf-8").splitlines()]
    said = [line for line in lines if line and not line.startswith("#")]
    latin = frozenset(singular(word) for word in said if _IS_LATIN.fullmatch(word))
    chinese = sorted((word for word in said if not _IS_LATIN.fullmatch(word)), key=len, reverse=True)
    return latin, re.compile("|".join(map(re.escape, chinese)))
