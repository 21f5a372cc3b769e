"""What happened on the way to a sale."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from conversations.funnel.steps import Step


class FunnelEvent(MerchantOwned):
    """One step of one shopper; append-only; ids, not foreign keys, so that it outlives what it names."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    step = models.CharField(_("step"), max_length=20, choices=Step.choices)
    dedupe_key = models.CharField(_("once"), max_length=200)
    occurred_at = models.DateTimeField(_("when"))
    shopper_id = models.UUIDField(_("shopper"))
    creator_id = models.BigIntegerField(_("creator"), null=True)
    surface = models.CharField(_("surface"), max_length=10, blank=True)
    conversation_id = models.UUIDField(_("conversation"), null=True)
    room_id = models.UUIDField(_("room"), null=True)
    content_id = models.BigIntegerField(_("content"), null=True)
    product_id = models.BigIntegerField(_("product"), null=True)
    link_id = models.CharField(_("tracked link"), max_length=24, blank=True)
    # An order may hold products of several links; `link_id` is the first of them.
    link_ids = models.JSONField(_("tracked links"), default=list, blank=True)
    order_id = models.BigIntegerField(_("order"), null=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_test = models.BooleanField(_("test"), default=False)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("funnel event")
        verbose_name_plural = _("funnel events")
        ordering = ["occurred_at", "id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "dedupe_key"], name="funnel_event_once")]
        indexes = [
            models.Index(fields=["merchant", "step", "occurred_at"], name="funnel_step_time"),
            models.Index(fields=["merchant", "shopper_id", "creator_id", "occurred_at"], name="funnel_unit_time"),
            models.Index(fields=["conversation_id", "occurred_at"], name="funnel_conversation"),
            models.Index(fields=["link_id"], name="funnel_link", condition=~models.Q(link_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.occurred_at:%Y-%m-%d %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the event once.

        Raises: ValueError on a second save.
        """
        if not self._state.adding:
            raise ValueError("a funnel event is never changed")
        super().save(*args, **kwargs)


def new_link_id() -> str:
    """Return a link id that cannot be guessed."""
    return secrets.token_urlsafe(12)


class ProductLink(MerchantOwned):
    """A tracked link: this product, shown to this shopper, in this turn."""

    id = models.CharField(primary_key=True, max_length=24, default=new_link_id, editable=False)
    product_id = models.BigIntegerField(_("product"))
    creator_id = models.BigIntegerField(_("creator"), null=True)
    shopper_id = models.UUIDField(_("shopper"))
    surface = models.CharField(_("surface"), max_length=10)
    conversation_id = models.UUIDField(_("conversation"), null=True)
    room_id = models.UUIDField(_("room"), null=True)
    turn_id = models.BigIntegerField(_("turn"), null=True)
    search_id = models.UUIDField(_("search"), null=True)  # the search that found it, so that the click is told there
    created_at = models.DateTimeField(_("shown"), auto_now_add=True)

    class Meta:
        verbose_name = _("tracked link")
        verbose_name_plural = _("tracked links")
        indexes = [models.Index(fields=["shopper_id", "product_id", "created_at"], name="link_shopper_product")]

    def __str__(self) -> str:
        return self.id
