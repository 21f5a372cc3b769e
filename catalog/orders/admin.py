"""Admin: orders with their lines, address and money; registered with payment's acts in `catalog.payments.admin`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.accounts import audit
from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import action, display
from catalog.accounts.tenancy import MerchantAdmin, MerchantStackedInline, MerchantTabularInline
from catalog.money import Money
from catalog.orders import appointment_admin as appointment_admin  # registers its pages
from catalog.orders import delivery_admin as delivery_admin  # registers its pages
from catalog.orders import desk_admin as desk_admin  # registers its pages
from catalog.orders import digital_admin as digital_admin  # registers its pages
from catalog.orders import promotion_admin as promotion_admin  # registers its pages
from catalog.orders import services
from catalog.orders.errors import OrderError
from catalog.orders.models import (
    Cart,
    CartLine,
    Fulfillment,
    LedgerEntry,
    Order,
    OrderAddress,
    OrderLine,
)


class _OrdersInline(ReadOnly, MerchantTabularInline):
    area = "orders"
    tab = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show, change nothing."""
        return tuple(self.fields or ())


class OrderLineInline(_OrdersInline):
    """What was bought."""

    model = OrderLine
    fields = ("title", "sku", "option_text", "quantity", "unit_price", "line_total")
    tab = False

    @display(description=_("options"))
    def option_text(self, row: OrderLine) -> str:
        """The options in words."""
        return " · ".join(map(str, row.options.values()))

    @display(description=_("price each"))
    def unit_price(self, row: OrderLine) -> str:
        """The price of that moment."""
        return str(Money(row.unit_minor, row.order.currency))

    @display(description=_("total"))
    def line_total(self, row: OrderLine) -> str:
        """Price times quantity."""
        return str(Money(row.total_minor, row.order.currency))


class LedgerInline(_OrdersInline):
    """Money that moved."""

    model = LedgerEntry
    fields = ("at", "kind", "amount", "reference")

    @display(description=_("amount"))
    def amount(self, row: LedgerEntry) -> str:
        """The amount as people read it."""
        return str(Money(row.amount_minor, row.currency))


class FulfillmentInline(_OrdersInline):
    """Parcels."""

    model = Fulfillment
    fields = ("carrier", "tracking_numbers", "sent_at", "delivered_at")


class AddressInline(ReadOnly, MerchantStackedInline):
    """Where it goes."""

    model = OrderAddress
    area = "orders"
    tab = True
    fields = (("recipient", "phone"), "line1", "line2", ("city", "state"), ("postal_code", "country"))


class OrderAdmin(MerchantAdmin):
    """Orders: read, and moved along by the services only."""

    area = "orders"
    creator_path = "creator"
    list_display = ("number_label", "state_label", "placed_at", "shopper", "creator", "total_label", "test_label")
    list_filter: tuple[str, ...] = ("state", "is_test", "creator", "placed_at")
    search_fields = ("number", "shopper__email", "shopper__display_name", "lines__sku", "lines__title")
    list_select_related = ("shopper", "creator")
    list_filter_sheet = True
    date_hierarchy = "placed_at"
    inlines = (OrderLineInline, AddressInline, LedgerInline, FulfillmentInline)
    actions: tuple[str, ...] = ("mark_sent", "mark_delivered")
    fieldsets = (
        (None, {"fields": (("state", "test_label"), ("placed_at", "paid_at"), ("shopper", "creator"))}),
        (_("Money"), {"fields": (("goods", "discount"), ("delivery", "tax"), "total_label", "delivery_name")}),
        (_("More"), {"fields": ("language", "source_ref", "cancel_reason", "reference"), "classes": ["tab"]}),
    )

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Shoppers place orders."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders stay."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show everything, edit nothing: orders move by acts."""
        shown = ("state_label", "test_label", "goods", "discount", "delivery", "tax", "total_label")
        return (*shown, *(field.name for field in Order._meta.fields))

    @display(description=_("number"), ordering="number")
    def number_label(self, row: Order) -> str:
        """The number people say."""
        return f"#{row.number}"

    @display(
        description=_("state"),
        ordering="state",
        label={
            "paid": "success",
            "processed": "info",
            "delivered": "success",
            "awaiting_payment": "warning",
            "cancelled": "danger",
            "expired": "danger",
        },
    )
    def state_label(self, row: Order) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @display(description=_("test"))
    def test_label(self, row: Order) -> SafeString | str:
        """Test orders never look like real ones."""
        return format_html('<span class="sa-tag warn">{}</span>', _("Test")) if row.is_test else ""

    @display(description=_("total"), ordering="total_minor")
    def total_label(self, row: Order) -> str:
        """The total as people read it."""
        return str(row.total)

    @display(description=_("goods"))
    def goods(self, row: Order) -> str:
        """The lines together."""
        return str(Money(row.subtotal_minor, row.currency))

    @display(description=_("discount"))
    def discount(self, row: Order) -> str:
        """What was taken off."""
        return str(Money(row.discount_minor, row.currency))

    @display(description=_("delivery"))
    def delivery(self, row: Order) -> str:
        """The fee."""
        return str(Money(row.delivery_minor, row.currency))

    @display(description=_("tax"))
    def tax(self, row: Order) -> str:
        """The tax."""
        return str(Money(row.tax_minor, row.currency))

    @action(description=_("Mark as sent"), permissions=["change"])
    def mark_sent(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Their units leave the shelf."""
        self.move(request, queryset, "sent", lambda order: services.mark_processed(order_id=order.pk))

    @action(description=_("Mark as delivered"), permissions=["change"])
    def mark_delivered(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """They arrived."""
        self.move(request, queryset, "delivered", lambda order: services.mark_delivered(order_id=order.pk))

    def move(self, request: HttpRequest, orders: QuerySet[Order], act: str, move: Callable[[Order], object]) -> None:
        """Do one act with each order; tell which could not, and why."""
        for order in self.changeable(request, orders):
            try:
                move(order)
            except OrderError as error:
                messages.error(request, f"#{order.number}: {error.message}")
                continue
            audit.note(
                merchant_id=order.merchant_id,
                actor_id=request.user.pk,
                action=f"order {act}",
                subject=f"#{order.number}",
            )
            order.refresh_from_db()
            messages.success(request, f"#{order.number}: {order.get_state_display()}")


class CartLineInline(_OrdersInline):
    """What lies in a cart."""

    model = CartLine
    fields = ("variant", "quantity", "added_at")
    tab = False


@admin.register(Cart)
class CartAdmin(ReadOnly, MerchantAdmin):
    """Carts, to help a shopper with."""

    area = "orders"
    creator_path = "creator"
    list_display = ("__str__", "shopper", "currency", "is_open", "updated_at")
    list_filter = ("is_open",)
    list_select_related = ("shopper",)
    inlines = (CartLineInline,)
