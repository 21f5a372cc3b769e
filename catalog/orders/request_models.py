"""What a shopper asked of an order after paying: other items, a return, an exchange; and refunds a person must see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.products.models import Variant


class RequestKind(models.TextChoices):
    """What was asked."""

    CHANGE = "change", _("Other items")
    RETURN = "return", _("Return")
    EXCHANGE = "exchange", _("Exchange")


class RequestState(models.TextChoices):
    """Where it stands. A change of items is done at once; the others wait for the goods."""

    REQUESTED = "requested", _("Requested")
    REFUSED = "refused", _("Refused")
    DONE = "done", _("Done")


class OrderRequest(MerchantOwned):
    """One request about an order; the database lets an order have one change, and one return or exchange."""

    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="requests", verbose_name=_("order")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=RequestKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.REQUESTED)
    # Where the difference is paid from or goes back to; None = the payment of the order's own checkout.
    method = models.ForeignKey(
        "orders.PaymentMethod", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("payment method")
    )
    difference_minor = models.BigIntegerField(
        _("difference"), default=0
    )  # new less old; what a return gives is below 0
    held_minor = models.BigIntegerField(_("held on the gift card"), default=0)
    session = models.CharField(_("asked in"), max_length=120, blank=True)
    requested_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("returns and exchanges")
        ordering = ["-id"]
        indexes = [models.Index(fields=["merchant", "state", "kind"], name="request_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(kind="change"), name="request_one_change"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kind__in=["return", "exchange"]) & ~Q(state="refused"),
                name="request_one_return_or_exchange",
            ),
            models.CheckConstraint(condition=Q(held_minor__gte=0), name="request_hold_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order}"


class RequestLine(MerchantOwned):
    """One unit that goes back or becomes another; prices are copies of that moment, per unit."""

    request = models.ForeignKey(OrderRequest, on_delete=models.CASCADE, related_name="lines", verbose_name=_("request"))
    line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("order line")
    )
    sku = models.CharField(_("SKU"), max_length=120)
    title = models.CharField(_("title"), max_length=300)
    paid_minor = models.BigIntegerField(_("paid for it"))
    new_variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("new variant")
    )
    new_sku = models.CharField(_("new SKU"), max_length=120, blank=True)
    new_unit_minor = models.BigIntegerField(_("new price"), null=True, blank=True)
    holds_stock = models.BooleanField(_("holds stock"), default=False, editable=False)  # one unit of the new variant

    class Meta:
        verbose_name = _("unit of a request")
        verbose_name_plural = _("units of a request")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.sku} → {self.new_sku}" if self.new_sku else self.sku


class RefundApproval(MerchantOwned):
    """A refund above the merchant's limit: booked, and sent only after a person has agreed."""

    entry = models.OneToOneField(
        "orders.LedgerEntry", on_delete=models.PROTECT, related_name="approval", verbose_name=_("ledger entry")
    )
    limit_minor = models.BigIntegerField(_("limit"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("approved by")
    )

    class Meta:
        verbose_name = _("refund that waits")
        verbose_name_plural = _("refunds that wait")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.entry)
