"""What the payment provider told us, and what we asked of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import MerchantOwned
from catalog.money import Money
from catalog.orders.models import LedgerEntry, Order


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
    # Set when this is not the order's own checkout but a difference that was booked before it was collected.
    collection = models.ForeignKey(
        "payments.Collection",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("collection"),
    )
    # Why the provider last took no money: its own code, such as card_declined.
    last_error = models.CharField(_("last refusal"), max_length=80, blank=True)

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

    @property
    def amount(self) -> Money:
        """What is to be paid."""
        return Money(self.amount_minor, self.currency)


class CollectionState(models.TextChoices):
    """How far the collecting of a booked difference has come."""

    REQUESTED = "requested", pgettext_lazy("collection", "Being charged")
    OWED = "owed", pgettext_lazy("collection", "Owed by the shopper")
    COLLECTED = "collected", pgettext_lazy("collection", "Collected")
    SETTLED = "settled", pgettext_lazy("collection", "Paid another way")
    DROPPED = "dropped", pgettext_lazy("collection", "No longer owed")


class Collection(MerchantOwned):
    """A payment the ledger has booked on a saved method and that is still to be collected; one row an entry.

    First the saved card is charged without its owner; where that is not possible he pays on a page of his own.
    The row is the retry: whatever crashes, `tasks.push_collections` finds it.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="collections", verbose_name=_("order"))
    entry = models.OneToOneField(
        LedgerEntry, on_delete=models.PROTECT, related_name="collection", verbose_name=_("ledger entry")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=CollectionState.choices, default=CollectionState.REQUESTED
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    payment_intent_id = models.CharField(_("payment"), max_length=200, blank=True)  # of the try without the shopper
    tries = models.PositiveIntegerField(_("tries"), default=0)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    due_at = models.DateTimeField(_("next try"))
    asked_at = models.DateTimeField(_("first asked the provider"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="requested"), name="collection_still_due")]
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="collection_amount_positive")]

    def __str__(self) -> str:
        return f"{self.order}: {Money(self.amount_minor, self.currency)}"

    @property
    def amount(self) -> Money:
        """What is to be collected."""
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        """The name under which the provider does this once: the ledger entry's id."""
        return f"charge-{self.entry_id}"


class RefundState(models.TextChoices):
    """How far a refund has come."""

    REQUESTED = "requested", pgettext_lazy("refund", "Requested")
    PENDING = "pending", pgettext_lazy("refund", "On its way")
    SUCCEEDED = "succeeded", pgettext_lazy("refund", "Sent back")
    FAILED = "failed", pgettext_lazy("refund", "Failed")


class RefundRequest(MerchantOwned):
    """Money the ledger says goes back, on its way through the provider (a gift card's needs none).

    One row a ledger entry; more only where one payment does not hold enough. The row is the retry: whatever crashes,
    `tasks.push_refunds` finds it.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_requests", verbose_name=_("order"))
    entry = models.ForeignKey(
        LedgerEntry, on_delete=models.PROTECT, related_name="refund_requests", verbose_name=_("ledger entry")
    )
    part = models.PositiveIntegerField(_("part"), default=0)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("payment")
    )
    state = models.CharField(_("state"), max_length=10, choices=RefundState.choices, default=RefundState.REQUESTED)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    refund_id = models.CharField(_("refund"), max_length=200, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    # Raised when a person asks again after a failure: the provider then sees a new request, not the old one's answer.
    round = models.PositiveIntegerField(_("round"), default=0)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    due_at = models.DateTimeField(_("next try"))
    asked_at = models.DateTimeField(_("first asked the provider"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=("requested", "pending")), name="refund_still_due"),
            models.Index(fields=["refund_id"], name="refund_provider_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "part"], name="refund_part_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {Money(self.amount_minor, self.currency)}"

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        """The name under which the provider does this once: the ledger entry's id."""
        parts = [f"refund-{self.entry_id}"]
        if self.part:
            parts.append(f"part-{self.part}")
        if self.round:
            parts.append(f"again-{self.round}")
        return "-".join(parts)


class DisputeState(models.TextChoices):
    """A cardholder's complaint at the bank: open, or decided."""

    OPEN = "open", pgettext_lazy("dispute", "Open")
    WON = "won", pgettext_lazy("dispute", "Won")
    LOST = "lost", pgettext_lazy("dispute", "Lost")


class Dispute(MerchantOwned):
    """A payment whose cardholder asks the bank for the money; while it is open, and once lost, no goods are sent."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("order"))
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("payment"))
    dispute_id = models.CharField(_("dispute"), max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=6, choices=DisputeState.choices, default=DisputeState.OPEN)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    evidence_due_at = models.DateTimeField(_("answer the bank before"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_state_display()}"


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
