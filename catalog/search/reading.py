"""How a query is read: which terms it asks for, which other terms will do for each, what was misspelt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.search.analysis import (
    STOP_CHARACTERS,
    STOP_WORDS,
    TERMS_MAX,
    fold,
    is_chinese,
    pairs,
    tokens,
    without_accents,
)
from catalog.search.measures import chinese_measures, number_of
from catalog.search.spelling import correction
from catalog.search.stemming import stem
from catalog.search.vocabulary import Vocabulary

_SILENT = STOP_WORDS | {"x"}  # "4 x 8" is two numbers
_NUMBER_ALONE, _JOINED, _MAYBE_MEANT, _SYNONYM = 0.4, 0.9, 0.6, 0.8  # what another way to say it counts for

Synonyms = Mapping[str, Sequence[str]]  # words -> other words for them


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to say what a slot asks for: all its terms, at a weight of 0 to 1."""

    terms: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing asked for; any choice answers it. The first one is what was typed, or what was surely meant."""

    choices: tuple[Choice, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the terms of the first choice."""
        return self.choices[0].terms


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as engines get it. `characters` only add to the score of what answers a slot of Chinese pairs.

    `corrected` is the query as it was surely meant, empty when nothing was misspelt.
    """

    slots: tuple[Slot, ...] = ()
    characters: tuple[str, ...] = ()
    corrected: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to look for."""
        return not self.slots


def read(text: str, vocabulary: Vocabulary, synonyms: Synonyms | None = None) -> Reading:
    """Return what to look for; function words count only when the query holds nothing else."""
    in_digits = {written: [digits] for written, digits in chinese_measures(fold(text)).items()}
    found, alike = _with_synonyms(text, {**in_digits, **(synonyms or {})})
    found = _telling(found)
    runs = [token for token in found if is_chinese(token)]
    latin = [token for token in found if not is_chinese(token)]
    read_tokens = [_slots_of(token, vocabulary) for token in latin]
    meant = [said for _, said in read_tokens]
    kept = _with_joined([slot for slots, _ in read_tokens for slot in slots], latin, vocabulary) + alike
    kept += [_plain(pair) for pair in _telling_pairs(runs, is_all_there_is=not kept)]
    singles = dict.fromkeys(run for run in runs if len(run) == 1)
    kept += [_plain(character) for character in singles]
    characters = dict.fromkeys(each for run in runs for each in run if each not in STOP_CHARACTERS)
    return Reading(
        slots=tuple(dict.fromkeys(kept))[:TERMS_MAX],
        characters=tuple(characters)[:TERMS_MAX] if len(runs) > len(singles) else (),
        corrected=" ".join(meant + runs) if meant != [token.lstrip("=") for token in latin] else "",
    )


def _with_synonyms(text: str, synonyms: Synonyms) -> tuple[list[str], list[Slot]]:
    """Return the tokens that no synonym is known for, and the slots of those with other words that will do."""
    folded = without_accents(fold(text))
    slots: list[Slot] = []
    for words, others in synonyms.items():
        key = without_accents(fold(words)).strip()
        # A Latin word is found as a whole; Chinese has no spaces to tell words by.
        place = re.search(re.escape(key) if is_chinese(key) else rf"\b{re.escape(key)}\b", folded) if key else None
        if place:
            folded = f"{folded[: place.start()]} {folded[place.end() :]}"
            choices = [Choice(all_terms(key)), *(Choice(all_terms(other), _SYNONYM) for other in others)]
            slots.append(Slot(tuple(choice for choice in choices if choice.terms)))
    return tokens(folded), slots


def all_terms(words: str) -> tuple[str, ...]:
    """Return the terms that a text must hold to say `words`."""
    found: list[str] = []
    for token in tokens(words):
        if is_chinese(token):
            found += pairs(token) if len(token) > 1 else [token]
        elif token[0] == "=":
            found.append(token[1:])
        else:
            found += map(stem, token.split("-"))
    return tuple(dict.fromkeys(found))


def _plain(*terms: str) -> Slot:
    return Slot((Choice(terms),))


def _telling(found: list[str]) -> list[str]:
    """Drop function words, unless there is nothing else."""
    has_runs = any(map(is_chinese, found))
    # Beside Chinese a lone letter is part of a name: "A 醇" is retinol.
    kept = [
        token
        for token in found
        if not (token in _SILENT and not (has_runs and len(token) == 1))
        and not (is_chinese(token) and STOP_CHARACTERS.issuperset(token))
    ]
    return kept or found


def _telling_pairs(runs: list[str], *, is_all_there_is: bool) -> list[str]:
    every = [pair for run in runs for pair in pairs(run)]
    kept = [pair for pair in every if not STOP_CHARACTERS.issuperset(pair)]
    return kept if kept or not is_all_there_is else every


def _slots_of(token: str, vocabulary: Vocabulary) -> tuple[list[Slot], str]:
    """Return the slots of a Latin token (two when a space was missing), and the token as it was meant."""
    if token[0] == "=":
        return [_measure(token[1:], vocabulary)], token[1:]
    if "-" in token:
        parts = tuple(map(stem, token.split("-")))
        return [Slot((Choice(parts), Choice((stem(token.replace("-", "")),))))], token
    typed = Choice((stem(token),))
    meant = correction(token, vocabulary)
    if meant is None:
        return [Slot((typed,))], token
    if meant.is_sure:
        return [_plain(stem(word)) for word in meant.words], " ".join(meant.words)
    return [Slot((typed, Choice(tuple(map(stem, meant.words)), _MAYBE_MEANT)))], token


def _measure(term: str, vocabulary: Vocabulary) -> Slot:
    # "No. 3" is a name where the catalog has it: then another 3 is not meant.
    if term.endswith("no") and vocabulary.knows(term):
        return _plain(term)
    return Slot((Choice((term,)), Choice((number_of(term),), _NUMBER_ALONE)))


def _with_joined(slots: list[Slot], latin: list[str], vocabulary: Vocabulary) -> list[Slot]:
    """Let two words that the catalog also writes as one be found either way: "power bank", "powerbank"."""
    if len(slots) != len(latin):
        return slots
    kept = list(slots)
    for place in range(len(slots) - 1):
        joined = latin[place] + latin[place + 1]
        if joined.isalpha() and joined in vocabulary.counts:
            choice = Choice((stem(joined),), _JOINED)
            for each in (place, place + 1):
                kept[each] = Slot((*kept[each].choices, choice))
    return kept
