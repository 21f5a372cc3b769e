"""What keeps a persona version from being saved or published: which field, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.languages import LANGUAGES
from conversations.personas.claims import claims_in, every_claim
from conversations.personas.wording import Wording
from tools.registry import TOOLS

PHRASES_MAX, PHRASE_CHARS_MAX, TEXT_CHARS_MAX = 60, 500, 4_000
FIELD_NAMES = {
    "voice": gettext_lazy("How they speak"),
    "warmth": gettext_lazy("Warmth"),
    "length": gettext_lazy("Length"),
    "catch_phrases": gettext_lazy("Phrases they use"),
    "openers": gettext_lazy("Opening"),
    "suggested_questions": gettext_lazy("Suggested questions"),
    "forbidden_claims": gettext_lazy("Never say"),
    "disclosures": gettext_lazy("AI notice"),
    "no_answer": gettext_lazy("When nothing is known"),
    "templates": gettext_lazy("Sentences"),
    "tools": gettext_lazy("Tools"),
    "handoff_topics": gettext_lazy("Questions for the creator"),
}
LANGUAGE_NAMES = {
    "en": gettext_lazy("English"),
    "zh-hant": gettext_lazy("Traditional Chinese"),
    "zh-hans": gettext_lazy("Simplified Chinese"),
}
_TEXTS = ("voice", "openers", "disclosures", "no_answer")
_LISTS = ("catch_phrases", "suggested_questions", "forbidden_claims", "handoff_topics")
# What the double says of itself; the voice rules are left out, for they may well name a word to be avoided.
_SPOKEN = ("openers", "suggested_questions", "catch_phrases", "disclosures", "no_answer", "templates")
_AMOUNT = re.compile(r"(?:NT\$|US\$|CN¥|HK\$|[$€£¥])\s?\d|\d\s?(?:元|塊錢|块钱|dollars?\b)", re.IGNORECASE)
_SAYS_AI = re.compile(r"(?<![a-z])ai(?![a-z])|人工智[慧能]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PersonaProblem:
    """A field that must change, the field it disagrees with, and the remedy in words."""

    field: str
    message: str
    other_field: str = ""
    language: str = ""


class PersonaInvalid(ValueError):
    """A draft whose fields cannot be stored or published as they are."""

    def __init__(self, problems: Sequence[PersonaProblem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


def shape_problems(wording: Wording) -> list[PersonaProblem]:
    """Return what makes `wording` unfit to be stored: wrong types, unknown languages, too much text."""
    problems = [problem for name in _TEXTS for problem in _text_problems(name, getattr(wording, name))]
    problems += [problem for name in _LISTS for problem in _list_problems(name, getattr(wording, name))]
    problems += _template_problems(wording.templates)
    for name in ("warmth", "length"):
        if not 0 <= getattr(wording, name) <= 100:
            problems.append(_problem(name, _("%(field)s must be between 0 and 100.")))
    unknown = [tool for tool in wording.tools if tool not in TOOLS]
    if unknown:
        message = _("%(field)s: %(names)s is not a tool. Choose from: %(known)s.")
        problems.append(_problem("tools", message, names=", ".join(unknown), known=", ".join(TOOLS)))
    return problems


def publish_problems(wording: Wording) -> list[PersonaProblem]:
    """Return what keeps `wording` from going live; empty when nothing does."""
    problems = shape_problems(wording)
    if problems:
        return problems
    if not any(wording.voice.values()):
        problems.append(_problem("voice", _("%(field)s is empty. Write how the creator speaks.")))
    spoken = list(_spoken(wording))
    problems += _forbidden_problems(wording, spoken)
    problems += _amount_problems(spoken)
    for language, text in wording.disclosures.items():
        if text and not _SAYS_AI.search(text):
            message = _("%(field)s, %(language)s must say that it is an AI. Add the word “AI”.")
            problems.append(_problem("disclosures", message, language=language))
    return problems


def _forbidden_problems(wording: Wording, spoken: Sequence[tuple[str, str, str]]) -> list[PersonaProblem]:
    message = _("“%(claim)s” is in %(other)s, %(language)s. Change it there or remove it here.")
    claims = every_claim(wording.forbidden_claims)
    found = [(claim, name, language) for name, language, text in spoken for claim in claims_in(text, claims)]
    return [
        _problem("forbidden_claims", message, other_field=name, language=language, claim=claim)
        for claim, name, language in dict.fromkeys(found)
    ]


def _amount_problems(spoken: Sequence[tuple[str, str, str]]) -> list[PersonaProblem]:
    message = _("A price stands in %(field)s, %(language)s. Prices come from the catalog: remove it.")
    places = [(name, language) for name, language, text in spoken if _AMOUNT.search(text)]
    return [_problem(name, message, language=language) for name, language in dict.fromkeys(places)]


def _spoken(wording: Wording) -> Iterator[tuple[str, str, str]]:
    """Yield (field, language, text) of everything the double may say word for word."""
    for name in _SPOKEN:
        for language, value in getattr(wording, name).items():
            for text in _flat(value):
                yield name, language, text


def _flat(value: str | Sequence[str] | Mapping[str, Sequence[str]]) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for texts in value.values() for text in texts]
    return value


def _text_problems(name: str, texts: object) -> Iterator[PersonaProblem]:
    for language, text in _by_language(name, texts):
        if isinstance(text, PersonaProblem):
            yield text
        elif not isinstance(text, str) or len(text) > TEXT_CHARS_MAX:
            message = _("%(field)s, %(language)s must be a text of at most %(most)s characters.")
            yield _problem(name, message, language=language, most=str(TEXT_CHARS_MAX))


def _list_problems(name: str, lists: object) -> Iterator[PersonaProblem]:
    for language, phrases in _by_language(name, lists):
        if isinstance(phrases, PersonaProblem):
            yield phrases
        elif not _is_phrases(phrases):
            yield _phrases_problem(name, language)


def _template_problems(templates: object) -> Iterator[PersonaProblem]:
    for language, by_intent in _by_language("templates", templates):
        if isinstance(by_intent, PersonaProblem):
            yield by_intent
        elif not isinstance(by_intent, Mapping) or not all(_is_phrases(texts) for texts in by_intent.values()):
            yield _phrases_problem("templates", language)
        else:
            for text in _flat(by_intent):
                if not _has_whole_placeholders(text):
                    message = _("%(field)s, %(language)s: “%(text)s” has a brace without its partner.")
                    yield _problem("templates", message, language=language, text=text)


def _by_language(name: str, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, Mapping):
        yield "", _problem(name, _("%(field)s must be written by language."))
        return
    for language, content in value.items():
        if language in LANGUAGES:
            yield language, content
        else:
            message = _("%(field)s: “%(code)s” is not a language of the shop. Use one of: %(known)s.")
            yield language, _problem(name, message, code=str(language), known=", ".join(LANGUAGES))


def _is_phrases(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= PHRASES_MAX
        and all(isinstance(text, str) and 0 < len(text) <= PHRASE_CHARS_MAX for text in value)
    )


def _phrases_problem(name: str, language: str) -> PersonaProblem:
    message = _("%(field)s, %(language)s must be at most %(most)s texts of 1 to %(chars)s characters.")
    return _problem(name, message, language=language, most=str(PHRASES_MAX), chars=str(PHRASE_CHARS_MAX))


def _has_whole_placeholders(text: str) -> bool:
    try:
        list(Formatter().parse(text))
    except ValueError:
        return False
    return True


def _problem(name: str, message: str, *, other_field: str = "", language: str = "", **words: str) -> PersonaProblem:
    filled = message % {
        "field": FIELD_NAMES[name],
        "other": FIELD_NAMES.get(other_field, ""),
        "language": LANGUAGE_NAMES.get(language, language),
        **words,
    }
    return PersonaProblem(field=name, message=filled, other_field=other_field, language=language)
