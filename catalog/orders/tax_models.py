"""The merchant's own table of tax rates, by country, region and category."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.languages import in_language, reader_language


class TaxRate(MerchantOwned):
    """A tax in a place. Of rates with the same code the one that fits closest holds; different codes add up."""

    code = models.SlugField(_("code"), default="vat", help_text=_("Such as vat, gst, pst."))
    names = models.JSONField(_("names"), default=dict, help_text=_("Such as VAT; shown on the receipt."))
    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(
        _("region"), max_length=100, blank=True, help_text=_("A state or province, such as CA; empty = everywhere.")
    )
    postal_prefix = models.CharField(_("postal code begins with"), max_length=20, blank=True)
    category_path = models.CharField(_("category"), max_length=300, blank=True, help_text=_("Empty = all goods."))
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)
    is_included = models.BooleanField(_("prices include it"), default=True)
    is_on_delivery = models.BooleanField(_("delivery is taxed too"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["country", "region", "code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "code", "country", "region", "postal_prefix", "category_path"],
                name="tax_rate_once",
            ),
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lte=100), name="tax_rate_0_to_100"),
        ]

    def __str__(self) -> str:
        return f"{self.name(reader_language())} {self.percent.normalize():f} %"

    def name(self, language: str) -> str:
        """Return what stands on the receipt, in `language`."""
        return in_language(self.names, language) or self.code.upper()
