"""What was said: conversations, turns, messages, tool calls and handoffs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import Creator, MerchantOwned, Shopper
from conversations.chat.desk_words import reason_text


class Surface(models.TextChoices):
    """Where a shopper writes."""

    DIRECT = "direct", _("Direct message")
    CONTENT = "content", _("Content page")
    LIVE = "live", _("Live room")
    API = "api", _("API")
    TRY_OUT = "try_out", _("Try-out")


class Owner(models.TextChoices):
    """Who answers now."""

    DOUBLE = "double", _("AI double")
    WAITING = "waiting", _("Waiting for a person")
    PERSON = "person", _("A person")


class Conversation(MerchantOwned):
    """One shopper with one creator's double on one surface."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    creator = models.ForeignKey(
        Creator, on_delete=models.CASCADE, related_name="conversations", verbose_name=_("creator")
    )
    shopper = models.ForeignKey(
        Shopper, on_delete=models.CASCADE, related_name="conversations", verbose_name=_("shopper")
    )
    surface = models.CharField(_("surface"), max_length=10, choices=Surface.choices)
    # content slug or room id when the surface has one
    place = models.CharField(_("place"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    currency = models.CharField(_("currency"), max_length=3)
    owner = models.CharField(_("answered by"), max_length=10, choices=Owner.choices, default=Owner.DOUBLE)
    persona_id = models.BigIntegerField(_("persona tried out"), null=True, blank=True)  # try-out only
    # What the shopper told us, typed slots {name: value}; and product ids in the order last shown.
    needs = models.JSONField(_("needs"), default=dict, blank=True)
    shown_product_ids = models.JSONField(_("shown"), default=list, blank=True)
    last_sequence = models.PositiveIntegerField(_("messages"), default=0)
    active_turn_id = models.BigIntegerField(_("running turn"), null=True, blank=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last message"), auto_now=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["merchant", "-updated_at"], name="conversation_recent")]

    def __str__(self) -> str:
        return f"{self.shopper} · {self.creator}"


class TurnState(models.TextChoices):
    """How a turn ended, or that it has not."""

    RUNNING = "running", _("Answering")
    DONE = "done", _("Answered")
    HELD_BACK = "held_back", _("Held back")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")


class Turn(MerchantOwned):
    """One message of a shopper and what became of it."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="turns", verbose_name=_("conversation")
    )
    client_id = models.CharField(_("client id"), max_length=64)  # made by the client; a repeat returns this turn
    state = models.CharField(_("state"), max_length=10, choices=TurnState.choices, default=TurnState.RUNNING)
    model_name = models.CharField(pgettext_lazy("language", "model"), max_length=80, blank=True)
    persona_version = models.PositiveIntegerField(_("persona version"), null=True, blank=True)
    context = models.JSONField(_("context"), default=dict, blank=True)  # {"content": slug, "second": 97}
    # Why this answer: what was heard, which rules passed, why a product stood first, durations in ms.
    trace = models.JSONField(_("trace"), default=dict, blank=True)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    deadline_at = models.DateTimeField(_("deadline"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="turn_client_id_once")]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.client_id}"


class Speaker(models.TextChoices):
    """Who said it; shown on every message."""

    SHOPPER = "shopper", _("Shopper")
    DOUBLE = "double", _("AI double")
    PERSON = "person", _("Person")
    CREATOR = "creator", _("Creator")
    SYSTEM = "system", _("Shop")


class Message(MerchantOwned):
    """One thing said, with the cards shown under it."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", verbose_name=_("conversation")
    )
    turn = models.ForeignKey(
        Turn, on_delete=models.CASCADE, null=True, blank=True, related_name="messages", verbose_name=_("turn")
    )
    sequence = models.PositiveIntegerField(_("number"))
    speaker = models.CharField(_("speaker"), max_length=10, choices=Speaker.choices)
    speaker_name = models.CharField(_("name shown"), max_length=80, blank=True)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=8)
    cards = models.JSONField(_("cards"), default=list, blank=True)
    chips = models.JSONField(_("follow-ups"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=10, default="sent")  # sent, stopped, held_back
    once_key = models.CharField(_("once"), max_length=120, null=True, blank=True)  # noqa: DJ001 (NULL = may repeat)
    created_at = models.DateTimeField(_("said"), auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "sequence"], name="message_sequence_once"),
            models.UniqueConstraint(fields=["conversation", "once_key"], name="message_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class ToolCall(MerchantOwned):
    """A tool the double called: arguments, result, time taken."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="tool_calls", verbose_name=_("turn"))
    position = models.PositiveIntegerField(_("position"))
    name = models.CharField(_("tool"), max_length=60)
    arguments = models.JSONField(_("arguments"), default=dict)
    result = models.TextField(_("result"), blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    duration_ms = models.PositiveIntegerField(_("time (ms)"), default=0)

    class Meta:
        verbose_name = _("tool call")
        verbose_name_plural = _("tool calls")
        ordering = ["turn_id", "position"]

    def __str__(self) -> str:
        return self.name


class HandoffState(models.TextChoices):
    """Where a handoff stands."""

    OPEN = "open", _("Waiting")
    TAKEN = "taken", _("With a person")
    CLOSED = "closed", _("Closed")


class Handoff(MerchantOwned):
    """The double stepped aside for a person."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="handoffs", verbose_name=_("conversation")
    )
    reason = models.CharField(_("reason"), max_length=40)
    summary = models.TextField(_("summary"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=HandoffState.choices, default=HandoffState.OPEN)
    opened_at = models.DateTimeField(_("asked"), auto_now_add=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("taken by")
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("handoff")
        verbose_name_plural = _("handoffs")
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"{self.reason_text} · {self.conversation}"

    @property
    def reason_text(self) -> str:
        """Why a person is needed, in the reader's language."""
        return reason_text(self.reason)
