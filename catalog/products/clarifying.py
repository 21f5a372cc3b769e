"""The one question worth asking before a recommendation: whose answers would bring up different products."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.products.needs import Needs
from catalog.products.ranking import Match
from catalog.products.reasons import values
from catalog.products.vocabulary import names
from catalog.products.wishes import singular, wish_of
from catalog.search.analysis import fold

_LOOKED_AT = 20  # the best matches
_TELLING_ENOUGH = 4  # a wish of so many words says what is wanted
_KNOWN_ENOUGH = 2  # typed needs
_SPREAD = 3  # the dearest of them costs so many times the cheapest
_SHARE_MIN, _SHARE_MAX = 0.15, 0.7  # an answer is worth offering when so many of the matches have it
_ANSWERS_MAX = 4
_NEVER_ASKED = frozenset({"conflicts_with", "avoid_in_pregnancy", "free_from", "key_ingredients", "features"})
_WORD = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: an attribute, `budget`, an option's name or `kind`, with the answers that lead apart."""

    about: str
    answers: tuple[str, ...] = ()


def question(
    matches: Sequence[Match], needs: Needs, *, has_asked: bool = False, has_shown: bool = False
) -> Question | None:
    """Return the question to ask now, or None: never a second one, none after products were shown or without effect."""
    best = list(matches[:_LOOKED_AT])
    if has_asked or has_shown or len(best) < _ANSWERS_MAX or _says_enough(needs):
        return None
    by_attribute = _of_attributes(best, needs)
    if by_attribute:
        return by_attribute
    prices = [match.shown.price.minor for match in best if match.shown.price]
    if prices and not needs.budget_max and max(prices) >= _SPREAD * max(1, min(prices)):
        return Question("budget")
    return _of_words(best, needs)


def _says_enough(needs: Needs) -> bool:
    typed = sum(
        bool(each) for each in (needs.skin_types, needs.concerns, needs.activities, needs.budget_max, needs.avoid)
    )
    return typed >= _KNOWN_ENOUGH or len(wish_of(needs.messages).telling) >= _TELLING_ENOUGH


def _of_attributes(best: Sequence[Match], needs: Needs) -> Question | None:
    """Return the question about what is stated of most matches and divides them most evenly."""
    known = {"skin_types": needs.skin_types, "concerns": needs.concerns, "activity": needs.activities}
    said = fold("\n".join(needs.messages))
    found: dict[str, Mapping[str, int]] = {}
    for name in dict.fromkeys(name for match in best for name in match.product.attributes):
        if name in _NEVER_ASKED or known.get(name) or _was_said(name, best, said):
            continue
        counts: dict[str, int] = {}
        for match in best:
            for value in values(match.product, name):
                counts[value] = counts.get(value, 0) + 1
        if answers := _dividing(counts, len(best)):
            found[name] = answers
    if not found:
        return None
    name = max(found, key=lambda each: (sum(found[each].values()), -len(found[each])))
    return Question(name, tuple(sorted(found[name], key=lambda value: -found[name][value])[:_ANSWERS_MAX]))


def _was_said(attribute: str, best: Sequence[Match], said: str) -> bool:
    """Whether a folded text names a value of the attribute already: "for two people"."""
    spoken = {
        fold(name) for match in best for value in values(match.product, attribute) for name in names(attribute, value)
    }
    return any(name in said for name in spoken if len(name) > 1)


def _of_words(best: Sequence[Match], needs: Needs) -> Question | None:
    """Return what tells the matches apart where the data hold nothing but titles."""
    said = set(wish_of(needs.messages).terms)
    counts: dict[str, int] = {}
    for match in best:
        for word in {singular(word) for word in _WORD.findall(match.product.title.lower())} - said:
            counts[word] = counts.get(word, 0) + 1
    answers = _dividing(counts, len(best))
    return Question("kind", tuple(sorted(answers, key=lambda word: -answers[word])[:_ANSWERS_MAX])) if answers else None


def _dividing(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Return the values that some matches have and some have not; nothing when fewer than two do."""
    kept = {value: count for value, count in counts.items() if _SHARE_MIN <= count / total <= _SHARE_MAX}
    return kept if len(kept) > 1 else {}
