"""Prices for a while, in place of an offer, and how low any price may go."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned, currency_code
from catalog.money import Money


class LivePrice(MerchantOwned):
    """A variant's price from one moment to another, such as during a live room; before and after, the offer holds."""

    variant = models.ForeignKey(
        "products.Variant", on_delete=models.CASCADE, related_name="live_prices", verbose_name=_("variant")
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    amount_minor = models.BigIntegerField(_("live price (minor units)"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    # What search was last told about this row; a boundary that was told is not told again.
    told_start = models.BooleanField(_("start told"), default=False, editable=False)
    told_end = models.BooleanField(_("end told"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("live price")
        verbose_name_plural = _("live prices")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="live_price_not_negative"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="live_price_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["variant", "currency", "ends_at"], name="live_price_of_variant"),
            models.Index(fields=["starts_at"], condition=Q(told_start=False), name="live_price_to_start"),
            models.Index(fields=["ends_at"], condition=Q(told_end=False), name="live_price_to_end"),
        ]

    def __str__(self) -> str:
        return str(self.price)

    @property
    def price(self) -> Money:
        """The price in that time."""
        return Money(self.amount_minor, self.currency)


class PriceFloor(MerchantOwned):
    """Below this no discount takes a piece of this product; a live price may be set no lower either."""

    product = models.ForeignKey(
        "products.Product", on_delete=models.CASCADE, related_name="price_floors", verbose_name=_("product")
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    amount_minor = models.BigIntegerField(_("lowest price (minor units)"))

    class Meta:
        verbose_name = _("lowest price")
        verbose_name_plural = _("lowest prices")
        constraints = [
            models.UniqueConstraint(fields=["product", "currency"], name="price_floor_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="price_floor_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.currency}"
