"""A live room: what is asked, what was answered, what is on the table."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import Creator, MerchantOwned, Shopper
from catalog.languages import in_language, reader_language
from catalog.products.models import Product


class RoomState(models.TextChoices):
    """Whether the room takes questions."""

    SCHEDULED = "scheduled", _("Scheduled")
    LIVE = "live", pgettext_lazy("room", "Live")
    ENDED = "ended", _("Ended")


class LiveRoom(MerchantOwned):
    """A live stream with questions beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="rooms", verbose_name=_("creator"))
    slug = models.SlugField(_("slug"), max_length=120)
    titles = models.JSONField(_("titles"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=RoomState.choices, default=RoomState.SCHEDULED)
    embed_url = models.URLField(_("embed address"), max_length=1000, blank=True)
    poster_url = models.CharField(_("poster"), max_length=1000, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    epoch = models.BigIntegerField(_("log epoch"), default=0)
    last_sequence = models.BigIntegerField(_("log length"), default=0)

    class Meta:
        verbose_name = _("live room")
        verbose_name_plural = _("live rooms")
        constraints = [models.UniqueConstraint(fields=["merchant", "slug"], name="room_slug_once")]

    def __str__(self) -> str:
        return in_language(self.titles, reader_language()) or self.slug


class QuestionState(models.TextChoices):
    """What the askers are told."""

    NEW = "new", pgettext_lazy("question", "New")
    ANSWERING = "answering", _("Answering")
    ANSWERED = "answered", _("Answered")
    SAVED = "saved", _("Saved for the host")


class Question(MerchantOwned):
    """A question in a room; the same question asked again adds an asker, not a row."""

    room = models.ForeignKey(LiveRoom, on_delete=models.CASCADE, related_name="questions", verbose_name=_("room"))
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="+", verbose_name=_("first asker"))
    client_id = models.CharField(_("client id"), max_length=64)
    text = models.CharField(_("text"), max_length=500)
    language = models.CharField(_("language"), max_length=8, default="en")
    asker_name = models.CharField(_("name shown"), max_length=80, blank=True)
    folded = models.CharField(_("folded text"), max_length=500, db_index=True)  # same words, same question
    state = models.CharField(_("state"), max_length=10, choices=QuestionState.choices, default=QuestionState.NEW)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    room_second = models.PositiveIntegerField(_("second of the stream"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["room", "shopper", "client_id"], name="question_client_id_once")]

    def __str__(self) -> str:
        return self.text[:60]


class Asker(MerchantOwned):
    """A shopper who asked, or said "me too"."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="askers", verbose_name=_("question"))
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="+", verbose_name=_("shopper"))
    client_id = models.CharField(_("client id"), max_length=64, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("asker")
        verbose_name_plural = _("askers")
        constraints = [models.UniqueConstraint(fields=["question", "shopper"], name="asker_once")]

    def __str__(self) -> str:
        return str(self.shopper)


class Answer(MerchantOwned):
    """What was said to everyone who asked."""

    question = models.OneToOneField(
        Question, on_delete=models.CASCADE, related_name="answer", verbose_name=_("question")
    )
    turn_id = models.BigIntegerField(_("turn"), null=True)
    speaker = models.CharField(_("speaker"), max_length=10, default="double")
    speaker_name = models.CharField(_("name shown"), max_length=80, blank=True)
    text = models.TextField(_("text"))
    cards = models.JSONField(_("cards"), default=list, blank=True)
    created_at = models.DateTimeField(_("answered"), auto_now_add=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return self.text[:60]


class PinnedProduct(MerchantOwned):
    """A product on the table, from when to when."""

    room = models.ForeignKey(LiveRoom, on_delete=models.CASCADE, related_name="pins", verbose_name=_("room"))
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product"))
    pinned_at = models.DateTimeField(_("pinned"), auto_now_add=True)
    ends_at = models.DateTimeField(_("offer ends"), null=True, blank=True)
    unpinned_at = models.DateTimeField(_("taken off"), null=True, blank=True)
    room_second = models.PositiveIntegerField(_("second of the stream"), default=0)

    class Meta:
        verbose_name = _("pinned product")
        verbose_name_plural = _("pinned products")
        ordering = ["-pinned_at"]

    def __str__(self) -> str:
        return str(self.product)


class RoomEvent(MerchantOwned):
    """The room's log: what every viewer sees, in one order."""

    room = models.ForeignKey(LiveRoom, on_delete=models.CASCADE, related_name="events", verbose_name=_("room"))
    epoch = models.BigIntegerField(_("epoch"))
    sequence = models.BigIntegerField(_("sequence"))
    kind = models.CharField(_("kind"), max_length=20)
    once_key = models.CharField(_("once"), max_length=120)
    payload = models.JSONField(_("payload"), default=dict)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("room event")
        verbose_name_plural = _("room log")
        ordering = ["epoch", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["room", "epoch", "sequence"], name="room_sequence_once"),
            models.UniqueConstraint(fields=["room", "once_key"], name="room_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"
