"""Promotions as data: what is taken off, when, for whom, how often, and how low a price may go."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned, Shopper, currency_code
from catalog.languages import in_language, reader_language
from catalog.products.models import Product


class Benefit(models.TextChoices):
    """What a promotion gives."""

    PERCENT = "percent", _("Percent off the goods")
    AMOUNT = "amount", _("Amount off the goods")
    DELIVERY = "delivery", _("Free delivery")


class Stacking(models.TextChoices):
    """Which promotions may meet in one order."""

    WITH_OTHERS = "with_others", _("Together with others")
    ALONE = "alone", _("Only by itself")


class Promotion(MerchantOwned):
    """A discount. With a code the shopper enters it; without one it applies by itself.

    Empty limits mean no limit; 0 means 0: a cap of 0 takes nothing off, a limit of 0 lets nobody use it.
    """

    names = models.JSONField(_("names"), default=dict, help_text=_("What the shopper reads beside the amount."))
    code = models.CharField(
        _("code"), max_length=40, blank=True, help_text=_("Empty = it applies by itself. Capitals do not matter.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    benefit = models.CharField(_("gives"), max_length=10, choices=Benefit.choices, default=Benefit.PERCENT)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[currency_code])
    amount_minor = models.BigIntegerField(_("amount (minor units)"), null=True, blank=True)
    min_goods_minor = models.BigIntegerField(_("from goods worth (minor units)"), null=True, blank=True)
    cap_minor = models.BigIntegerField(_("takes off at most (minor units)"), null=True, blank=True)
    category_path = models.CharField(_("category"), max_length=300, blank=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    total_limit = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    shopper_limit = models.PositiveIntegerField(_("uses a shopper"), null=True, blank=True)
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)
    stacking = models.CharField(_("combines"), max_length=12, choices=Stacking.choices, default=Stacking.WITH_OTHERS)
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Lower ones are taken off first."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], condition=~Q(code=""), name="promotion_code_once"),
            models.CheckConstraint(
                condition=Q(percent=None) | (Q(percent__gte=0) & Q(percent__lte=100)), name="promotion_percent_0_to_100"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0), name="promotion_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(cap_minor=None) | Q(cap_minor__gte=0), name="promotion_cap_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="promotion_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "is_active", "code"], name="promotion_in_use")]

    def __str__(self) -> str:
        return self.name(reader_language())

    def name(self, language: str) -> str:
        """Return what stands beside the amount, in `language`; the code when nothing is written."""
        return in_language(self.names, language) or self.code or str(_("Discount"))


class PromotionProduct(MerchantOwned):
    """A product a promotion is for; a promotion without any is for all (of its category)."""

    promotion = models.ForeignKey(
        Promotion, on_delete=models.CASCADE, related_name="products", verbose_name=_("promotion")
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product"))

    class Meta:
        verbose_name = _("product of a promotion")
        verbose_name_plural = _("products of a promotion")
        constraints = [models.UniqueConstraint(fields=["promotion", "product"], name="promotion_product_once")]

    def __str__(self) -> str:
        return str(self.product)


class PromotionUse(MerchantOwned):
    """An order used a promotion; given back when the order ends unpaid or cancelled."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="uses", verbose_name=_("promotion"))
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="promotion_uses", verbose_name=_("order")
    )
    used_by = models.JSONField(_("counted for"), default=list, editable=False)  # the tallies that were raised
    given_back_at = models.DateTimeField(_("given back"), null=True, blank=True)
    created_at = models.DateTimeField(_("used"), auto_now_add=True)

    class Meta:
        verbose_name = _("use of a promotion")
        verbose_name_plural = _("uses of promotions")
        constraints = [models.UniqueConstraint(fields=["promotion", "order"], name="promotion_use_once")]

    def __str__(self) -> str:
        return f"{self.promotion} · {self.order}"


class PromotionTally(MerchantOwned):
    """How often somebody used a promotion; `who` is `shopper:<id>` or `email:<address>`."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="tallies")
    who = models.CharField(_("who"), max_length=300)
    used_count = models.PositiveIntegerField(_("used"), default=0)

    class Meta:
        verbose_name = _("tally of a promotion")
        verbose_name_plural = _("tallies of promotions")
        constraints = [models.UniqueConstraint(fields=["promotion", "who"], name="promotion_tally_once")]

    def __str__(self) -> str:
        return f"{self.who}: {self.used_count}"


class CodeMiss(MerchantOwned):
    """A code somebody entered that does not exist: counted, so that codes cannot be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="+")
    client = models.CharField(_("from"), max_length=64, blank=True)  # the address it came from, when known
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("wrong code")
        verbose_name_plural = _("wrong codes")
        indexes = [
            models.Index(fields=["shopper", "at"], name="code_miss_of_shopper"),
            models.Index(fields=["merchant", "client", "at"], name="code_miss_of_client"),
        ]

    def __str__(self) -> str:
        return str(self.at)
