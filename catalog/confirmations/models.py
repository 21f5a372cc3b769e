"""What was proposed and waits for the shopper's own yes."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned, Shopper


class PendingAction(MerchantOwned):
    """One proposed write: executed at most once, by the shopper who was asked, in the session that asked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.CharField(_("operation"), max_length=60)
    arguments = models.JSONField(_("arguments"), default=dict)
    arguments_hash = models.CharField(_("hash"), max_length=64)
    subject = models.CharField(_("subject"), max_length=120)  # "cart:<uuid>", "order:<reference>"
    subject_version = models.CharField(_("version"), max_length=64)
    session = models.CharField(_("session"), max_length=120)  # "conversation:<uuid>"
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, verbose_name=_("shopper"))
    created_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    claimed_at = models.DateTimeField(_("executed"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)

    class Meta:
        verbose_name = _("pending action")
        verbose_name_plural = _("pending actions")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["session", "-created_at"], name="pending_of_session")]

    def __str__(self) -> str:
        return f"{self.operation} · {self.subject}"
