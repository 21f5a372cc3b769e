"""Admin: promotions, with what they would take off; and messages that went out about orders."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import ByLanguageField
from catalog.accounts.admin_money import AmountField, AmountsForm
from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import display
from catalog.accounts.tenancy import MerchantAdmin, MerchantTabularInline
from catalog.money import Money
from catalog.orders.discounts import Discountable, off_goods
from catalog.orders.message_models import OrderMessage
from catalog.orders.promotion_models import Benefit, Promotion, PromotionProduct
from catalog.orders.promotions import folded, rule_of

EXAMPLE_MAJOR = 1000  # the goods of the example beside the form, in major units


class PromotionForm(AmountsForm):
    """A promotion as a merchant writes it; nothing is saved before all of it holds."""

    amounts = ("amount_minor", "min_goods_minor", "cap_minor")

    names = ByLanguageField(label=_("Names"), help_text=_("What the shopper reads beside the amount."))
    amount_minor = AmountField(label=_("Amount off"), required=False)
    min_goods_minor = AmountField(label=_("From goods worth"), required=False, help_text=_("Empty = from the first."))
    cap_minor = AmountField(
        label=_("Takes off at most"), required=False, help_text=_("Empty = no limit. 0 takes nothing off.")
    )

    class Meta:
        model = Promotion
        fields = "__all__"

    def clean_code(self) -> str:
        """Keep codes as they are compared: capitals, no spaces."""
        return folded(self.cleaned_data["code"] or "")

    def clean(self) -> dict[str, Any]:
        """Refuse a promotion that gives nothing, or could never be used, naming the field to mend."""
        given = super().clean()
        benefit = given.get("benefit")
        if benefit == Benefit.PERCENT and given.get("percent") is None:
            self.add_error("percent", _("Percent: how much is taken off? 0 takes nothing off."))
        if benefit == Benefit.AMOUNT and given.get("amount_minor") is None:
            self.add_error("amount_minor", _("Amount off: how much is taken off? 0 takes nothing off."))
        if not given.get("names") and not given.get("code"):
            self.add_error("names", _("Names: write what the shopper reads beside the amount."))
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("Until: choose a time after From."))
        return given


class PromotionProductInline(MerchantTabularInline):
    """The products it is for."""

    model = PromotionProduct
    fields = ("product",)
    autocomplete_fields = ("product",)
    verbose_name_plural = _("Only for these products (empty = all, or all of the category)")


@admin.register(Promotion)
class PromotionAdmin(MerchantAdmin):
    """Promotions."""

    area = "shop"
    form = PromotionForm
    list_display = ("__str__", "code", "benefit_text", "starts_at", "ends_at", "used_text", "is_active")
    list_filter = ("is_active", "benefit", "stacking")
    search_fields = ("code", "names")
    inlines = (PromotionProductInline,)
    readonly_fields = ("example", "used_text")
    fieldsets = (
        (None, {"fields": ("names", ("code", "is_active"), ("benefit", "percent"), ("amount_minor", "currency"))}),
        (_("When and for what"), {"fields": (("starts_at", "ends_at"), ("min_goods_minor", "category_path"))}),
        (_("Limits"), {"fields": ("cap_minor", ("total_limit", "shopper_limit"), ("stacking", "position"))}),
        (_("As it stands"), {"fields": ("example", "used_text", "merchant")}),
    )

    @display(description=_("gives"))
    def benefit_text(self, row: Promotion) -> str:
        """What it gives, in a few characters."""
        if row.benefit == Benefit.PERCENT:
            return f"−{(row.percent or 0):.2f} %".replace(".00", "")
        if row.benefit == Benefit.AMOUNT:
            return f"−{Money(row.amount_minor or 0, row.currency)}"
        return str(Benefit.DELIVERY.label)

    @display(description=_("used"))
    def used_text(self, row: Promotion) -> str:
        """How often it was used, of how many."""
        return str(row.used_count) if row.total_limit is None else f"{row.used_count} / {row.total_limit}"

    @display(description=_("example"))
    def example(self, row: Promotion) -> str:
        """What it would take off, worked out by the same rules as a cart."""
        if row._state.adding:
            return str(_("Save to see an example."))
        currency = row.currency or row.merchant.currency
        goods = Money.parse(str(EXAMPLE_MAJOR), currency)
        goods = max(goods, Money(row.min_goods_minor or 0, currency))
        product = row.products.first()
        line = Discountable(goods.minor, 0, product.product_id if product else 0, row.category_path.strip("/"))
        off = sum(taken.goods for taken in off_goods([rule_of(row)], [line], currency=currency))
        return str(_("Of goods worth %(goods)s it takes off %(off)s.") % {"goods": goods, "off": Money(off, currency)})


@admin.register(OrderMessage)
class OrderMessageAdmin(ReadOnly, MerchantAdmin):
    """E-mails about orders, to answer "did I get a message?"."""

    area = "orders"
    list_display = ("subject", "order", "recipient", "kind", "created_at", "sent_at")
    list_filter = ("kind", "created_at")
    search_fields = ("recipient", "order__number")
    list_select_related = ("order",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show everything, change nothing."""
        return tuple(field.name for field in OrderMessage._meta.fields)
