"""What is paid with, and every movement of money for an order."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned, Shopper
from catalog.money import Money


class PaymentMethodKind(models.TextChoices):
    """What a shopper pays with."""

    CREDIT_CARD = "credit_card", _("Card")
    PAYPAL = "paypal", _("PayPal")
    GIFT_CARD = "gift_card", _("Gift card")


class PaymentMethod(MerchantOwned):
    """A saved way to pay. Never a card number: brand and last four digits only."""

    shopper = models.ForeignKey(
        Shopper, on_delete=models.CASCADE, related_name="payment_methods", verbose_name=_("shopper")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=PaymentMethodKind.choices)
    brand = models.CharField(_("brand"), max_length=30, blank=True)
    last4 = models.CharField(_("last four"), max_length=4, blank=True)
    balance_minor = models.BigIntegerField(_("balance"), null=True, blank=True)
    held_minor = models.BigIntegerField(_("held"), default=0)  # of the balance, for exchanges that were asked for
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    # The payment provider's names of a card its owner wanted kept; empty for one that cannot be charged from here.
    provider_customer = models.CharField(_("customer at the provider"), max_length=120, blank=True)
    provider_method = models.CharField(_("method at the provider"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        constraints = [
            models.CheckConstraint(
                condition=Q(held_minor__gte=0) & (Q(balance_minor=None) | Q(balance_minor__gte=models.F("held_minor"))),
                name="method_balance_covers_hold",
            ),
            models.CheckConstraint(
                condition=Q(balance_minor=None) | Q(balance_minor__gte=0), name="method_balance_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.last4}".strip()


class LedgerKind(models.TextChoices):
    """Money in, money out."""

    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")


class LedgerEntry(MerchantOwned):
    """Money that moved for an order; append-only, amounts positive, direction by kind."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="ledger", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=LedgerKind.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    method = models.ForeignKey(
        PaymentMethod, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("payment method")
    )
    reference = models.CharField(_("reference"), max_length=200)  # the provider's id, or the import's
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_amount_positive"),
            models.UniqueConstraint(fields=["order", "kind", "reference"], name="ledger_reference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {Money(self.amount_minor, self.currency)}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the entry once.

        Raises: ValueError on a second save.
        """
        if self.pk:
            raise ValueError("a ledger entry is never changed; book the opposite")
        super().save(*args, **kwargs)
