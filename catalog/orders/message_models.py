"""What a shopper was written about an order: one row a message, so that none goes out twice."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned


class MessageKind(models.TextChoices):
    """What happened."""

    PAID = "paid", _("Paid")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")
    RETURN_RECEIVED = "return_received", _("Return received")
    RETURN_LABEL = "return_label", _("Return label")
    OWED = "owed", _("Still owed")
    CHARGED = "charged", _("Difference paid")
    APPOINTMENT = "appointment", _("Appointment changed")


class OrderMessage(MerchantOwned):
    """One e-mail about an order. `key` tells several of one kind apart: a parcel, a refund."""

    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="messages", verbose_name=_("order")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=MessageKind.choices)
    key = models.CharField(_("which"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8)
    recipient = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("message about an order")
        verbose_name_plural = _("messages about orders")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["order", "kind", "key"], name="order_message_once")]

    def __str__(self) -> str:
        return self.subject
