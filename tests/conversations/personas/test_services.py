"""Versions of a persona: drafts are written, one version is live, and checks stand before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.accounts.models import Creator, Merchant
from conversations.personas.checks import PersonaInvalid
from conversations.personas.models import Persona, PersonaState
from conversations.personas.selectors import live_persona, persona_for
from conversations.personas.services import NotADraft, new_draft, publish, save_draft
from conversations.personas.wording import Wording
from tests.factories import make_creator

WORDING = Wording(
    voice={"en": "Short sentences. Never says “miracle”.", "zh-hant": "句子短。"},
    warmth=70,
    catch_phrases={"en": ["two drops is plenty"], "zh-hant": ["先拿這瓶"]},
    openers={"en": "Hi, Mei's double here.", "zh-hant": "嗨，我是小梅的分身。"},
    suggested_questions={"en": ["Which one for oily skin?"]},
    forbidden_claims={"en": ["cures", "miracle", "best"], "zh-hant": ["最好"]},
    tools=["search_products", "product_details"],
)


@pytest.fixture
def creator(in_scope: Merchant) -> Creator:
    """Mei, who has no persona yet."""
    return make_creator(in_scope)


def live(creator: Creator, wording: Wording = WORDING) -> Persona:
    """Publish `wording` for a creator."""
    draft = new_draft(creator=creator)
    save_draft(persona_id=draft.pk, wording=wording)
    return publish(persona_id=draft.pk)


def problems(creator: Creator, wording: Wording) -> list[tuple[str, str, str, str]]:
    """Return what publishing `wording` complains about: field, other field, language, message."""
    draft = new_draft(creator=creator)
    save_draft(persona_id=draft.pk, wording=wording)
    with pytest.raises(PersonaInvalid) as refused:
        publish(persona_id=draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.published_at) == (PersonaState.DRAFT, None)
    return [(each.field, each.other_field, each.language, each.message) for each in refused.value.problems]


def test_the_first_version_goes_live(creator: Creator) -> None:
    persona = live(creator)

    assert (persona.version, persona.state) == (1, "live")
    assert persona.published_at is not None
    assert Wording.of(persona) == WORDING
    assert live_persona(creator.pk) == persona


def test_a_draft_starts_from_the_live_version_and_replaces_it(creator: Creator) -> None:
    first = live(creator)
    draft = new_draft(creator=creator)

    assert (draft.version, draft.state) == (2, "draft")
    assert Wording.of(draft) == WORDING
    assert new_draft(creator=creator) == draft
    assert live_persona(creator.pk) == first

    save_draft(persona_id=draft.pk, wording=replace(WORDING, warmth=10))
    second = publish(persona_id=draft.pk)
    first.refresh_from_db()
    assert (first.state, second.state, second.warmth) == ("retired", "live", 10)
    assert publish(persona_id=second.pk) == second


def test_a_published_version_is_never_edited_or_published_again(creator: Creator) -> None:
    first = live(creator)
    live(creator)

    with pytest.raises(NotADraft, match="version 1 was published"):
        save_draft(persona_id=first.pk, wording=WORDING)
    with pytest.raises(NotADraft, match="version 1 was published"):
        publish(persona_id=first.pk)


def test_a_draft_can_be_tried_out_and_another_creators_cannot(creator: Creator, in_scope: Merchant) -> None:
    speaking = live(creator)
    draft = new_draft(creator=creator)
    other = make_creator(in_scope, slug="kai")

    assert persona_for(creator_id=creator.pk) == speaking
    assert persona_for(creator_id=creator.pk, persona_id=draft.pk) == draft
    assert persona_for(creator_id=other.pk, persona_id=draft.pk) is None
    assert persona_for(creator_id=other.pk) is None


@pytest.mark.parametrize(
    ("fields", "other_field", "language", "message"),
    [
        (
            {"openers": {"en": "Ask me for the Best serum."}},
            "openers",
            "en",
            "“best” is in Opening, English. Change it there or remove it here.",
        ),
        (
            {"suggested_questions": {"zh-hans": ["哪一瓶最好？"]}},
            "suggested_questions",
            "zh-hans",
            "“最好” is in Suggested questions, Simplified Chinese. Change it there or remove it here.",
        ),
        (
            {"catch_phrases": {"zh-hant": ["這瓶超best"]}},
            "catch_phrases",
            "zh-hant",
            "“best” is in Phrases they use, Traditional Chinese. Change it there or remove it here.",
        ),
        (
            {"templates": {"en": {"greet": ["Hi!", "It cures all."]}}},
            "templates",
            "en",
            "“cures” is in Sentences, English. Change it there or remove it here.",
        ),
    ],
)
def test_a_forbidden_word_in_what_is_said_names_both_fields(
    fields: dict[str, object], other_field: str, language: str, message: str, creator: Creator
) -> None:
    wording = replace(WORDING, **fields)

    assert problems(creator, wording) == [("forbidden_claims", other_field, language, message)]


def test_a_word_that_only_contains_a_forbidden_one_passes(creator: Creator) -> None:
    assert live(creator, replace(WORDING, openers={"en": "I bestow this upon you."})).state == "live"


def test_a_price_in_the_opening_is_refused(creator: Creator) -> None:
    found = problems(creator, replace(WORDING, openers={"zh-hant": "這瓶只要 NT$980！"}))

    assert found == [
        (
            "openers",
            "",
            "zh-hant",
            "A price stands in Opening, Traditional Chinese. Prices come from the catalog: remove it.",
        )
    ]


def test_the_notice_must_say_ai_and_the_voice_must_be_written(creator: Creator) -> None:
    found = problems(creator, replace(WORDING, voice={}, disclosures={"en": "You talk to Mei's helper."}))

    assert [message for _field, _other, _language, message in found] == [
        "How they speak is empty. Write how the creator speaks.",
        "AI notice, English must say that it is an AI. Add the word “AI”.",
    ]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"warmth": 101}, "warmth", "Warmth must be between 0 and 100."),
        (
            {"openers": {"fr": "Bonjour"}},
            "openers",
            "Opening: “fr” is not a language of the shop. Use one of: en, zh-hant, zh-hans.",
        ),
        ({"openers": "Hi"}, "openers", "Opening must be written by language."),
        ({"openers": {"en": ["Hi"]}}, "openers", "Opening, English must be a text of at most 4000 characters."),
        (
            {"forbidden_claims": {"en": [""]}},
            "forbidden_claims",
            "Never say, English must be at most 60 texts of 1 to 500 characters.",
        ),
        (
            {"templates": {"en": {"greet": ["Hi {name"]}}},
            "templates",
            "Sentences, English: “Hi {name” has a brace without its partner.",
        ),
    ],
)
def test_a_draft_that_cannot_be_stored_names_the_field_and_the_remedy(
    fields: dict[str, object], field: str, message: str, creator: Creator
) -> None:
    draft = new_draft(creator=creator)

    with pytest.raises(PersonaInvalid) as refused:
        save_draft(persona_id=draft.pk, wording=replace(WORDING, **fields))

    assert [(each.field, each.message) for each in refused.value.problems] == [(field, message)]
    draft.refresh_from_db()
    assert Wording.of(draft) == Wording(tools=[])


def test_an_unknown_tool_is_refused_with_the_known_ones(creator: Creator) -> None:
    draft = new_draft(creator=creator)

    with pytest.raises(PersonaInvalid, match=r"Tools: teleport is not a tool\. Choose from: search_products,"):
        save_draft(persona_id=draft.pk, wording=replace(WORDING, tools=["teleport"]))
