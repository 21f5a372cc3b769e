"""Delivery methods: where they go, and what they cost by weight or by the worth of the goods."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned, currency_code
from catalog.languages import in_language, reader_language


class DeliveryKind(models.TextChoices):
    """How goods reach the shopper."""

    SHIPPED = "shipped", _("Sent to an address")
    PICKUP = "pickup", _("Picked up")
    DIGITAL = "digital", _("Sent electronically")


class FeeBasis(models.TextChoices):
    """What the steps of a fee count."""

    PRICE = "price", _("Worth of the goods (minor units)")
    WEIGHT = "weight", _("Weight (g)")


class DeliveryMethod(MerchantOwned):
    """How an order travels, to where, for how much."""

    code = models.SlugField(_("code"))
    names = models.JSONField(_("names"), default=dict)
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    fee_minor = models.BigIntegerField(_("fee (minor units)"))
    free_from_minor = models.BigIntegerField(_("free from (minor units)"), null=True, blank=True)
    countries = models.JSONField(_("countries"), default=list, blank=True, help_text=_("Empty = everywhere."))
    days = models.CharField(_("days"), max_length=20, blank=True, help_text=_("Such as 2-3."))
    kind = models.CharField(_("kind"), max_length=10, choices=DeliveryKind.choices, default=DeliveryKind.SHIPPED)
    basis = models.CharField(_("steps count"), max_length=10, choices=FeeBasis.choices, default=FeeBasis.PRICE)
    regions = models.JSONField(_("regions"), default=list, blank=True, help_text=_("States; empty = all."))
    postal_prefixes = models.JSONField(
        _("postal codes that begin with"), default=list, blank=True, help_text=_("Empty = all.")
    )
    excluded_postal_prefixes = models.JSONField(_("but not with"), default=list, blank=True)
    weight_max_grams = models.PositiveIntegerField(_("up to (g)"), null=True, blank=True)
    notes = models.JSONField(
        _("notes"), default=dict, blank=True, help_text=_("Such as where to pick up, by language.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("delivery method")
        verbose_name_plural = _("delivery methods")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code", "currency"], name="delivery_code_once"),
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="delivery_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{in_language(self.names, reader_language()) or self.code} {self.currency}"


class DeliveryBand(MerchantOwned):
    """From this worth or weight on, delivery costs this; below the first step the method's own fee holds."""

    method = models.ForeignKey(
        DeliveryMethod, on_delete=models.CASCADE, related_name="bands", verbose_name=_("delivery method")
    )
    starts_from = models.PositiveBigIntegerField(_("from"))
    fee_minor = models.BigIntegerField(_("fee (minor units)"))

    class Meta:
        verbose_name = _("step of the fee")
        verbose_name_plural = _("steps of the fee")
        ordering = ["starts_from"]
        constraints = [
            models.UniqueConstraint(fields=["method", "starts_from"], name="delivery_band_once"),
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="delivery_band_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_from}: {self.fee_minor}"
