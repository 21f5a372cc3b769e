"""What the payment provider told us, and what we asked of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import MerchantOwned
from catalog.orders.models import Order


class PaymentState(models.TextChoices):
    """Ranked: a later event never moves a payment down."""

    OPEN = "open", pgettext_lazy("payment", "Open")
    EXPIRED = "expired", _("Expired")
    FAILED = "failed", _("Failed")
    PAID = "paid", _("Paid")


class Payment(MerchantOwned):
    """One Checkout Session for one order."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments", verbose_name=_("order"))
    attempt = models.PositiveIntegerField(_("attempt"), default=1)
    session_id = models.CharField(_("session"), max_length=200, blank=True)
    payment_intent_id = models.CharField(_("payment"), max_length=200, blank=True)
    url = models.URLField(_("pay page"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PaymentState.choices, default=PaymentState.OPEN)
    amount_minor = models.BigIntegerField(_("amount"))
    refunded_minor = models.BigIntegerField(_("refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    is_test = models.BooleanField(_("test"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    checked_at = models.DateTimeField(_("asked the provider"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], condition=Q(state="open"), name="payment_still_open")]
        constraints = [
            models.UniqueConstraint(fields=["session_id"], condition=~Q(session_id=""), name="payment_session_once"),
            models.UniqueConstraint(fields=["order", "attempt"], name="payment_attempt_once"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0) & Q(refunded_minor__lte=models.F("amount_minor")),
                name="payment_refund_within_paid",
            ),
        ]

    def __str__(self) -> str:
        return self.session_id or f"{self.order} ({self.attempt})"


class WebhookEvent(models.Model):
    """A provider's event, stored before it is acted on; the provider's id makes it happen once.

    Not merchant-owned: whose it is, is known only after it was read.
    """

    provider_event_id = models.CharField(_("event"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=100)
    body = models.TextField(_("body"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_event_id}"
