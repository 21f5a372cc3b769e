"""Picks a sentence: the persona's own when one fits, else the plain one; the same choice for the same turn."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import Formatter

from catalog.languages import ENGLISH, SIMPLIFIED, TRADITIONAL, to_simplified
from conversations.chat.plain_words import CHIPS, STOCK, WORDS
from conversations.personas.claims import claims_in, every_claim
from conversations.personas.models import Persona
from conversations.personas.wording import phrases_in

# One reply in so many carries a phrase of the creator's at warmth 100; warmth 60 gives about a third.
_PHRASE_RATE_AT_FULL_WARMTH = 55


_SENTENCE_START = re.compile(r"(?:^|(?<=[a-z\d][.!?] ))[a-z]")
_TOUCHING = re.compile(r"「[^」]*」|“[^”]*”|(?<=[\u3400-\u9fff])(?=[A-Za-z\d])|(?<=[A-Za-z\d%])(?=[\u3400-\u9fff])")
# What a persona may have written for the same occasion under a wider name.
_ALSO = {"refine_cheaper": ("refine",), "for_creator": ("health",), "held_price": ("held_back",)}


def stable(seed: str, choices: int) -> int:
    """Return a number below `choices` that depends on `seed` alone."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6], "big") % choices


def plain(key: str, language: str, seed: str = "", **values: str) -> str:
    """Return the product's own sentence for `key`."""
    return _filled(_plain_variants(key, language), values, seed) or ""


def sentence(
    persona: Persona | None, key: str, language: str, seed: str, values: Mapping[str, str], *, fallback: str = ""
) -> str:
    """Return the persona's sentence for `key`, else the plain one; `fallback` is the key when values are missing."""
    values = {**values, "reason": _inside(values.get("reason", ""), language)}
    own = ""
    for known_as in (key, *_ALSO.get(key, ())):
        own = own or _filled(persona_variants(persona, known_as, language), values, f"{seed}:{key}")
    said = own or _filled(_plain_variants(key, language), values, f"{seed}:{key}")
    if said or not fallback:
        return _capitalised(said) if language == ENGLISH else said
    return sentence(persona, fallback, language, seed, values)


def persona_variants(persona: Persona | None, key: str, language: str) -> tuple[str, ...]:
    """Return the persona's sentences for `key` in `language` or the other Chinese script, without forbidden claims."""
    if persona is None:
        return ()
    by_language = {code: by_intent.get(key, ()) for code, by_intent in persona.templates.items()}
    claims = every_claim(persona.forbidden_claims)
    return tuple(text for text in phrases_in(by_language, language) if not claims_in(text, claims))


def catch_phrase(persona: Persona | None, language: str, seed: str) -> str:
    """Return a phrase of the creator's for one reply in a few, as often as their warmth says; else an empty text."""
    phrases = phrases_in(persona.catch_phrases, language) if persona else ()
    if persona is None or not phrases:
        return ""
    rate = persona.warmth * _PHRASE_RATE_AT_FULL_WARMTH // 100
    if stable(f"{seed}:phrase", 100) >= rate:
        return ""
    phrase = phrases[stable(f"{seed}:which", len(phrases))]
    return "" if claims_in(phrase, every_claim(persona.forbidden_claims)) else _as_sentence(phrase, language)


def joined(parts: Sequence[str], language: str) -> str:
    """Return sentences as one text: a space between English ones, none between Chinese ones."""
    text = (" " if language == ENGLISH else "").join(part.strip() for part in parts if part and part.strip())
    # A name or figure filled into Chinese is set apart from it; what stands in quotation marks stays as it is.
    return text if language == ENGLISH else _TOUCHING.sub(lambda found: found.group() or " ", text)


def stock_words(stock: str, language: str, *, left: int) -> str:
    """Return how much is there, as part of a sentence."""
    english, chinese = STOCK[stock]
    said = (english if language == ENGLISH else chinese).format(left=left)
    return to_simplified(said) if language == SIMPLIFIED else said


def chip(key: str, language: str) -> str:
    """Return a follow-up in `language`."""
    english, chinese = CHIPS[key]
    if language == ENGLISH:
        return english
    return to_simplified(chinese) if language == SIMPLIFIED else chinese


def is_chip(key: str, text: str) -> bool:
    """Whether `text` is this follow-up, in any language."""
    said = text.strip(" .!。！").casefold()
    return said in {chip(key, language).casefold() for language in (ENGLISH, TRADITIONAL, SIMPLIFIED)}


def _as_sentence(phrase: str, language: str) -> str:
    """Return a phrase as a sentence of its own."""
    ended = phrase if phrase[-1] in ".!?。！？~" else phrase + ("." if language == ENGLISH else "。")
    return _capitalised(ended) if language == ENGLISH else ended


def _inside(reason: str, language: str) -> str:
    """Return a reason as part of a sentence: "Suits oily skin" begins small unless it begins the sentence."""
    return reason[:1].lower() + reason[1:] if language == ENGLISH and reason[1:2].islower() else reason


def _capitalised(text: str) -> str:
    return _SENTENCE_START.sub(lambda start: start.group().upper(), text)


@lru_cache(maxsize=512)
def _plain_variants(key: str, language: str) -> tuple[str, ...]:
    english, chinese = WORDS.get(key, ((), ()))
    if language == ENGLISH:
        return english
    return chinese if language == TRADITIONAL else tuple(to_simplified(text) for text in chinese)


def _filled(variants: Sequence[str], values: Mapping[str, str], seed: str) -> str:
    """Return one of the variants whose every placeholder has a value."""
    usable = [text for text in variants if _placeholders(text) <= {name for name, value in values.items() if value}]
    return usable[stable(seed, len(usable))].format_map(values) if usable else ""


@lru_cache(maxsize=2048)
def _placeholders(text: str) -> frozenset[str]:
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return frozenset({"a brace without its partner"})
