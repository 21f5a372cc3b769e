"""Admin: live prices and lowest prices."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_money import AmountField, AmountsForm
from catalog.accounts.admin_theme import action, display
from catalog.accounts.tenancy import MerchantAdmin
from catalog.money import Money
from catalog.products.live_price_models import LivePrice, PriceFloor
from catalog.products.live_prices import LivePriceRefused, check_live_price, end_live_price, live_price_saved


class LivePriceForm(AmountsForm):
    """A live price; nothing is saved before it could hold."""

    amounts = ("amount_minor",)
    amount_minor = AmountField(label=_("Live price"))

    class Meta:
        model = LivePrice
        fields = ("variant", "currency", "amount_minor", "starts_at", "ends_at", "merchant")

    def clean(self) -> dict[str, Any]:
        """Refuse a price that is not below the usual one, is below the lowest, or is over."""
        given = super().clean()
        needed = ("variant", "currency", "amount_minor", "starts_at", "ends_at")
        if self.errors or any(given.get(name) is None for name in needed):
            return given
        try:
            check_live_price(**{name: given[name] for name in needed})
        except LivePriceRefused as refusal:
            self.add_error(refusal.field, str(refusal))
        return given


@admin.register(LivePrice)
class LivePriceAdmin(MerchantAdmin):
    """Prices for a while."""

    area = "shop"
    form = LivePriceForm
    list_display = ("variant", "price_text", "starts_at", "ends_at", "state_text")
    list_filter = ("currency", "starts_at")
    list_select_related = ("variant__product",)
    search_fields = ("variant__sku", "variant__product__title")
    date_hierarchy = "starts_at"
    actions = ("end_now",)
    fields = ("variant", ("amount_minor", "currency"), ("starts_at", "ends_at"), "merchant")

    @display(description=_("live price"))
    def price_text(self, row: LivePrice) -> str:
        """The price as people read it."""
        return str(row.price)

    @display(description=_("state"), label={"running": "success", "to come": "info", "over": "danger"})
    def state_text(self, row: LivePrice) -> tuple[str, str]:
        """Whether it runs now."""
        now = timezone.now()
        if row.ends_at <= now:
            return "over", str(_("over"))
        return ("to come", str(_("to come"))) if row.starts_at > now else ("running", str(_("running")))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and tell search."""
        super().save_model(request, obj, form, change)
        live_price_saved(obj)

    def delete_model(self, request: HttpRequest, obj: LivePrice) -> None:
        """End it, so that search hears of it, and forget it."""
        end_live_price(live_price_id=obj.pk)
        LivePrice.objects.filter(pk=obj.pk).delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LivePrice]) -> None:
        """Delete one by one: search hears of each."""
        for row in queryset:
            self.delete_model(request, row)

    @action(description=_("End now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[LivePrice]) -> None:
        """The usual price holds again."""
        for row in self.changeable(request, queryset):
            end_live_price(live_price_id=row.pk)


class PriceFloorForm(AmountsForm):
    """A lowest price."""

    amounts = ("amount_minor",)
    amount_minor = AmountField(label=_("Lowest price"))

    class Meta:
        model = PriceFloor
        fields = ("product", "currency", "amount_minor", "merchant")


@admin.register(PriceFloor)
class PriceFloorAdmin(MerchantAdmin):
    """How low prices may go."""

    area = "shop"
    form = PriceFloorForm
    list_display = ("product", "floor_text")
    list_select_related = ("product",)
    search_fields = ("product__title",)
    fields = ("product", ("amount_minor", "currency"), "merchant")

    @display(description=_("lowest price"))
    def floor_text(self, row: PriceFloor) -> str:
        """The price as people read it."""
        return str(Money(row.amount_minor, row.currency))
