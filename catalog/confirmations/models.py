"""What was proposed and waits for the shopper's own yes."""

from __future__ import annotations

import uuid
from typing import Any

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


class ToolCallKind(models.TextChoices):
    """What a row of the log is about."""

    READ = "read", _("Look-up")
    PROPOSAL = "proposal", _("Proposal")
    EXECUTION = "execution", _("Carried out")
    DECLINE = "decline", _("Declined")


class ToolCallLog(MerchantOwned):
    """One tool call or one answer to a proposal: what was asked, on whose word, what came of it. Append-only.

    No foreign keys to the shopper or the proposal: the log outlives both, and an erased shopper leaves a number.
    """

    at = models.DateTimeField(_("when"), auto_now_add=True)
    session = models.CharField(_("session"), max_length=120)
    shopper_ref = models.UUIDField(_("shopper"))
    kind = models.CharField(_("kind"), max_length=10, choices=ToolCallKind.choices)
    tool = models.CharField(_("tool"), max_length=60)  # or the operation that was carried out
    subject = models.CharField(_("about"), max_length=120, blank=True)  # "#1042"
    # Personal data is replaced by its length; ids, codes and amounts stay.
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    provenance = models.JSONField(_("where they come from"), default=dict, blank=True)  # {"order_number": "said"}
    shown = models.JSONField(_("ids shown"), default=list, blank=True)  # ids that this call's result named
    # "ok", "not_confirmed" (proposed, nothing done) or why it was refused: the inner code, not what the shopper reads.
    code = models.CharField(_("result"), max_length=40)
    confirmed_by = models.CharField(_("confirmed by"), max_length=40, blank=True)  # "button", "words"
    action_ref = models.UUIDField(_("proposal"), null=True, blank=True)

    class Meta:
        verbose_name = _("tool call on record")
        verbose_name_plural = _("log of tool calls")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["session", "-id"], name="tool_log_of_session"),
            models.Index(fields=["shopper_ref", "kind", "-at"], name="tool_log_of_shopper"),
        ]

    def __str__(self) -> str:
        return f"{self.tool} · {self.code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row once.

        Raises: ValueError on a second save.
        """
        if self.pk:
            raise ValueError("the log of tool calls is only added to")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises: ValueError.
        """
        raise ValueError("the log of tool calls is only added to")
