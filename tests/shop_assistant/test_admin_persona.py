"""The persona page: drafts, publishing with named disagreements, and the try-out."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from catalog.accounts.models import Merchant
from conversations.chat.models import Conversation
from conversations.funnel.models import FunnelEvent
from conversations.personas import services
from conversations.personas.models import KnowledgeChunk, KnowledgeDocument, Persona
from tests.factories import make_content, make_creator
from tests.shop_assistant.staff import form_of, signed_in, text_of

WRITTEN = {
    "voice_en": "Short sentences.", "warmth": "70", "length": "30", "openers_en": "Hi, I'm Mei's double.",
    "catch_phrases_en": "two drops is plenty\nI'd start with", "forbidden_claims_en": "cures\nmiracle",
    "templates": "{}",
}  # fmt: skip


def draft_of(merchant: Merchant) -> Persona:
    """A creator's first draft."""
    return services.new_draft(creator=make_creator(merchant))


def save(client: Client, persona: Persona, button: str, **changes: str) -> Any:
    """Press a button of the form."""
    return client.post(f"/admin/personas/persona/{persona.pk}/change/", {**WRITTEN, **changes, button: "1"})


def test_a_draft_is_saved_then_published_then_never_edited(in_scope: Merchant) -> None:
    persona = draft_of(in_scope)
    client = signed_in(in_scope, "editor")

    assert save(client, persona, "save").status_code == 302
    persona.refresh_from_db()
    assert (persona.state, persona.warmth, persona.voice) == ("draft", 70, {"en": "Short sentences."})
    assert persona.catch_phrases == {"en": ["two drops is plenty", "I'd start with"]}
    assert save(client, persona, "publish").status_code == 302
    persona.refresh_from_db()
    assert persona.state == "live"

    refused = save(client, persona, "save", voice_en="Long sentences.")

    assert "was published and is never edited" in text_of(refused.content)
    persona.refresh_from_db()
    assert persona.voice == {"en": "Short sentences."}


def test_an_error_names_the_field_it_disagrees_with(in_scope: Merchant) -> None:
    persona = draft_of(in_scope)

    page = save(signed_in(in_scope, "owner"), persona, "publish", forbidden_claims_en="best", openers_en="The best.")

    assert "“best” is in Opening, English. Change it there or remove it here." in text_of(page.content)
    persona.refresh_from_db()
    assert persona.state == "draft"


def test_the_live_version_opens_as_a_new_draft_beside_it(in_scope: Merchant) -> None:
    persona = draft_of(in_scope)
    client = signed_in(in_scope, "owner")
    save(client, persona, "publish")

    answer = client.get(f"/admin/personas/persona/{persona.pk}/draft/")

    draft = Persona.objects.get(version=2)
    assert answer.headers["Location"] == f"/admin/personas/persona/{draft.pk}/change/"
    assert (draft.state, draft.voice) == ("draft", {"en": "Short sentences."})


def test_the_try_out_answers_with_the_draft_tells_why_and_counts_nothing(in_scope: Merchant) -> None:
    persona = draft_of(in_scope)
    client = signed_in(in_scope, "owner")
    save(client, persona, "save")

    def ask(text: str, conversation: str = "") -> Any:
        body = json.dumps({"text": text, "language": "en", "conversation": conversation})
        return client.post(f"/admin/try-out/{persona.pk}/", body, content_type="application/json")

    first = ask("hello").json()
    second = ask("what can you do?", first["conversation"]).json()

    assert first["reply"]["speaker"] == "double"
    assert first["reply"]["text"]
    assert second["conversation"] == first["conversation"]
    conversation = Conversation.objects.get()
    assert (conversation.surface, conversation.persona_id) == ("try_out", persona.pk)
    assert FunnelEvent.objects.count() == 0
    assert ask("").status_code == 400
    assert ask("x" * 2001).status_code == 400
    assert client.get("/admin/chat/conversation/").context["cl"].result_count == 0


def test_a_creator_reaches_only_her_own_personas(in_scope: Merchant) -> None:
    own = make_creator(in_scope)
    foreign = services.new_draft(creator=make_creator(in_scope, slug="lena"))
    client = signed_in(in_scope, "creator", own)

    assert client.get(f"/admin/personas/persona/{foreign.pk}/change/").status_code == 404
    assert client.post(f"/admin/try-out/{foreign.pk}/", "{}", content_type="application/json").status_code == 404
    assert client.get(f"/admin/personas/persona/creator/{foreign.creator_id}/draft/").status_code == 404


def test_saving_content_teaches_the_double_what_is_said_in_it(in_scope: Merchant) -> None:
    item = make_content(make_creator(in_scope), lines=[(0, 5, {"en": "Two drops of serum."})])
    client = signed_in(in_scope, "editor")
    path = f"/admin/products/contentitem/{item.pk}/change/"

    answer = client.post(path, form_of(client, path) | _date(item))

    assert answer.status_code == 302, text_of(answer.content)
    assert KnowledgeChunk.objects.get().text == "Two drops of serum."


def _date(item: Any) -> dict[str, str]:
    return {"published_at_0": f"{item.published_at:%Y-%m-%d}", "published_at_1": f"{item.published_at:%H:%M:%S}"}


def test_a_policy_written_in_the_admin_becomes_passages(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "editor")
    data = {"kind": "policy", "slug": "returns", "titles_en": "Returns", "texts_en": "Send it back within 14 days."}

    for _again in range(2):
        client.post("/admin/personas/knowledgedocument/add/", data)
    document = KnowledgeDocument.objects.get()
    path = f"/admin/personas/knowledgedocument/{document.pk}/change/"
    client.post(path, form_of(client, path) | {"texts_en": "Send it back within 30 days."})

    assert [chunk.text for chunk in KnowledgeChunk.objects.all()] == ["Send it back within 30 days."]
