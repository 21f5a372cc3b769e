"""Admin: delivery methods with their zones and steps, and tax rates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import ByLanguageField, WordsField
from catalog.accounts.admin_money import AmountField, AmountsForm
from catalog.accounts.admin_theme import display
from catalog.accounts.tenancy import MerchantAdmin, MerchantTabularInline
from catalog.money import Money
from catalog.orders.countries import COUNTRIES, country_code
from catalog.orders.delivery_models import DeliveryBand, DeliveryMethod
from catalog.orders.regions import is_known
from catalog.orders.tax_models import TaxRate
from catalog.orders.taxes import TaxRule, taxes_on


class DeliveryForm(AmountsForm):
    """A delivery method's names, where it goes and what it costs."""

    amounts = ("fee_minor", "free_from_minor")

    names = ByLanguageField(label=_("Names"))
    notes = ByLanguageField(label=_("Notes"), help_text=_("Such as where to pick up."))
    fee_minor = AmountField(label=_("Fee"))
    free_from_minor = AmountField(label=_("Free from goods worth"), required=False, help_text=_("Empty = never."))
    countries = WordsField(label=_("Countries"), help_text=_("Codes with commas, such as TW, HK; empty = everywhere."))
    regions = WordsField(label=_("Regions"), help_text=_("States with commas, such as CA, WA; empty = all."))
    postal_prefixes = WordsField(label=_("Postal codes that begin with"), help_text=_("Such as 88, 89; empty = all."))
    excluded_postal_prefixes = WordsField(label=_("But not with"))

    class Meta:
        model = DeliveryMethod
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """Refuse zones that no address could be in, naming the field to mend."""
        given = super().clean()
        countries = [country_code(code) for code in given.get("countries") or []]
        unknown = [code for code in countries if code not in COUNTRIES]
        if unknown:
            self.add_error(
                "countries", _("Countries: %(code)s is not known; write codes such as TW.") % {"code": unknown[0]}
            )
        given["countries"] = countries
        regions = given.get("regions") or []
        if regions and len(countries) != 1:
            self.add_error("regions", _("Regions: name exactly one country, the one they are in."))
        elif strange := [region for region in regions if not is_known(countries[0], region)]:
            self.add_error("regions", _("Regions: that country has no %(region)s.") % {"region": strange[0]})
        if not given.get("names"):
            self.add_error("names", _("Names: write what the shopper reads."))
        return given


class DeliveryBandInline(MerchantTabularInline):
    """Steps of the fee."""

    model = DeliveryBand
    fields = ("starts_from", "fee_minor")


@admin.register(DeliveryMethod)
class DeliveryMethodAdmin(MerchantAdmin):
    """How orders travel."""

    area = "staff"
    form = DeliveryForm
    list_display = ("code", "kind", "fee", "free_from", "zone", "days", "is_active", "position")
    list_filter = ("is_active", "kind", "currency")
    inlines = (DeliveryBandInline,)
    fieldsets = (
        (None, {"fields": ("names", ("code", "kind"), ("currency", "fee_minor"), ("free_from_minor", "days"))}),
        (_("Where to"), {"fields": ("countries", "regions", ("postal_prefixes", "excluded_postal_prefixes"))}),
        (_("More"), {"fields": (("basis", "weight_max_grams"), "notes", ("is_active", "position"), "merchant")}),
    )

    @display(description=_("fee"))
    def fee(self, row: DeliveryMethod) -> str:
        """The fee as people read it."""
        return str(Money(row.fee_minor, row.currency))

    @display(description=_("free from"))
    def free_from(self, row: DeliveryMethod) -> str:
        """From which sum it costs nothing."""
        return "" if row.free_from_minor is None else str(Money(row.free_from_minor, row.currency))

    @display(description=_("where to"))
    def zone(self, row: DeliveryMethod) -> str:
        """Where it goes, in a few words."""
        return " · ".join([*row.countries, *row.regions, *(f"{prefix}…" for prefix in row.postal_prefixes)])


class TaxForm(forms.ModelForm):  # type: ignore[type-arg]
    """A tax rate's name and place."""

    names = ByLanguageField(label=_("Names"), help_text=_("Such as VAT; shown on the receipt."))

    class Meta:
        model = TaxRate
        fields = "__all__"  # noqa: DJ007 (the admin class names the fields)

    def clean_country(self) -> str:
        """Keep the two-letter code of a country we know."""
        code = country_code(self.cleaned_data["country"])
        if code not in COUNTRIES:
            raise forms.ValidationError(_("Country: write a code such as TW, US or DE."))
        return code

    def clean(self) -> dict[str, Any]:
        """Refuse a region the country does not have."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        country, region = given.get("country"), given.get("region")
        if country and region and not is_known(country, region):
            self.add_error("region", _("Region: that country has none of this name; write one such as CA."))
        return given


@admin.register(TaxRate)
class TaxRateAdmin(MerchantAdmin):
    """Tax rates."""

    area = "staff"
    form = TaxForm
    list_display = ("__str__", "code", "country", "region", "category_path", "is_included", "is_active")
    list_filter = ("is_active", "country", "is_included")
    readonly_fields = ("example",)
    fieldsets = (
        (None, {"fields": ("names", ("code", "percent"), ("country", "region"), ("postal_prefix", "category_path"))}),
        (_("How it counts"), {"fields": (("is_included", "is_on_delivery"), "is_active", "example", "merchant")}),
    )

    @display(description=_("example"))
    def example(self, row: TaxRate) -> str:
        """What it comes to, worked out by the same rules as a cart."""
        if row._state.adding:
            return str(_("Save to see an example."))
        currency = row.merchant.currency
        goods = Money.parse("1000", currency)
        [part] = taxes_on(goods.minor, [TaxRule.of(row)], currency=currency)
        facts = {"goods": goods, "tax": Money(part.minor, currency)}
        if part.is_included:
            return str(_("A price of %(goods)s contains %(tax)s.") % facts)
        return str(_("On a price of %(goods)s come %(tax)s.") % facts)
