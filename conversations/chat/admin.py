"""Admin: conversations to read and to take over, and the handoffs that wait."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.accounts import audit
from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import display
from catalog.accounts.tenancy import MerchantAdmin, role_allows
from catalog.languages import reader_language
from conversations.chat import services
from conversations.chat.desk_words import REASONS, card_text, needs_in_words
from conversations.chat.models import Conversation, Handoff, Speaker, Surface, Turn
from conversations.chat.selectors import person_of

_TAGS = {"double": "info", "waiting": "danger", "person": "success"}


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, MerchantAdmin):
    """What was said, with why; an agent may answer in the double's place."""

    area = "conversations"
    creator_path = "creator"
    list_display = ("shopper", "creator", "surface", "owner_label", "language", "last_sequence", "updated_at")
    list_filter = ("owner", "surface", "creator", "language")
    search_fields = ("shopper__display_name", "shopper__email", "messages__text")
    list_select_related = ("shopper", "creator")
    list_filter_sheet = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Leave try-outs out of the list; they are nobody's conversation."""
        rows: QuerySet[Conversation] = super().get_queryset(request)
        return rows.exclude(surface=Surface.TRY_OUT)

    def get_urls(self) -> list[URLPattern]:
        """Add what an agent may do."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:conversation_id>/act/", view(self.act), name="chat_conversation_act"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("answered by"), label=_TAGS)
    def owner_label(self, row: Conversation) -> tuple[str, str]:
        """Who answers, as a tag."""
        return row.owner, row.get_owner_display()

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the transcript with cards, tool calls and the trace of each answer."""
        conversation = self._conversation(request, object_id, act="view")
        turns = {turn.pk: turn for turn in _turns(conversation)}
        spoken = [
            {
                "message": message,
                "cards": [{**card, "kind_text": card_text(card.get("kind", ""))} for card in message.cards],
                "turn": turns.get(message.turn_id or 0) if message.speaker == Speaker.DOUBLE else None,
            }
            for message in conversation.messages.order_by("sequence")
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": str(conversation),
            "conversation": conversation,
            "spoken": spoken,
            "person": person_of(conversation),
            "handoff": conversation.handoffs.first(),
            "needs": needs_in_words(conversation.needs, reader_language()),
            "can_answer": role_allows(
                request.user, area="conversations", act="change", merchant_id=conversation.merchant_id
            ),
            "chars_max": settings.MESSAGE_CHARS_MAX,
            "opts": None,
        }
        return TemplateResponse(request, "shop_admin/conversation.html", context)

    def act(self, request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
        """Take over, answer as a person, or hand back."""
        conversation = self._conversation(request, str(conversation_id), act="change")
        back = HttpResponseRedirect(reverse("admin:chat_conversation_change", args=[conversation.pk]))
        if request.method != "POST":
            return back
        act = request.POST.get("act", "")
        if act == "take":
            services.take_over(conversation_id=conversation.pk, user=_user(request))
        elif act == "back":
            services.resume_double(conversation_id=conversation.pk)
        elif act == "say" and not self._say(request, conversation):
            return back
        audit.note(
            merchant_id=conversation.merchant_id,
            actor_id=request.user.pk,
            action=f"conversation {act}"[:80],
            subject=str(conversation),
        )
        return back

    def _say(self, request: HttpRequest, conversation: Conversation) -> bool:
        """Store what the agent wrote; taking over comes with it, so that the double does not answer as well."""
        text = request.POST.get("text", "").strip()
        if not text or len(text) > settings.MESSAGE_CHARS_MAX:
            messages.error(request, _("text: write 1 to %(most)s characters.") % {"most": settings.MESSAGE_CHARS_MAX})
            return False
        user = _user(request)
        services.take_over(conversation_id=conversation.pk, user=user)
        name = getattr(user, "get_full_name", lambda: "")() or user.get_username()
        services.say(conversation_id=conversation.pk, speaker=Speaker.PERSON, text=text, name=name)
        return True

    def _conversation(self, request: HttpRequest, object_id: str, *, act: str) -> Conversation:
        """Return a conversation of the user's shops.

        Raises: Http404 for anyone else's; PermissionDenied for a role that may not.
        """
        try:
            key = uuid.UUID(object_id)
        except ValueError:
            raise Http404 from None
        row: Conversation | None = self.get_queryset(request).filter(pk=key).first()
        if row is None:
            raise Http404
        if not role_allows(request.user, area=self.area, act=act, merchant_id=row.merchant_id):
            raise PermissionDenied
        return row


def _turns(conversation: Conversation) -> QuerySet[Turn]:
    rows: QuerySet[Turn] = conversation.turns.prefetch_related("tool_calls")
    return rows


def _user(request: HttpRequest) -> AbstractBaseUser:
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 (admin views let nobody else in)
    return request.user


class ReasonFilter(admin.SimpleListFilter):
    """Why a person was needed."""

    title = gettext_lazy("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The reasons in words."""
        return list(REASONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Handoff]) -> QuerySet[Handoff]:
        """Filter by the reason."""
        return queryset.filter(reason=self.value()) if self.value() in REASONS else queryset


@admin.register(Handoff)
class HandoffAdmin(ReadOnly, MerchantAdmin):
    """Shoppers who asked for a person."""

    area = "conversations"
    creator_path = "conversation__creator"
    list_display = ("opened_at", "state_label", "reason_label", "open_link", "taken_by", "closed_at")
    list_filter = ("state", ReasonFilter)
    fields = ("conversation", "reason_label", "summary", "state", "opened_at", "taken_by", "taken_at", "closed_at")
    readonly_fields = ("reason_label",)
    list_select_related = ("conversation__shopper", "conversation__creator", "taken_by")

    @display(description=gettext_lazy("state"), label={"open": "danger", "taken": "success", "closed": "info"})
    def state_label(self, row: Handoff) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("reason"), ordering="reason")
    def reason_label(self, row: Handoff) -> str:
        """Why, in words."""
        return row.reason_text

    @display(description=gettext_lazy("conversation"))
    def open_link(self, row: Handoff) -> SafeString:
        """Lead to the conversation."""
        link = reverse("admin:chat_conversation_change", args=[row.conversation_id])
        return format_html('<a class="sa-link" href="{}">{}</a>', link, row.conversation)
