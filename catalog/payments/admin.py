"""Admin: payments, the provider's events, and orders with the acts that touch a payment."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_roles import PlatformOnly, ReadOnly
from catalog.accounts.admin_theme import ThemedAdmin, action, display
from catalog.accounts.tenancy import MerchantAdmin
from catalog.money import Money
from catalog.orders.admin import OrderAdmin
from catalog.orders.models import Order
from catalog.payments.errors import PaymentError
from catalog.payments.models import Payment, WebhookEvent
from catalog.payments.services import cancel_order


@admin.register(Order)
class PaidOrderAdmin(OrderAdmin):
    """Orders; cancelling one closes its pay page first and gives back what was paid."""

    actions: tuple[str, ...] = (*OrderAdmin.actions, "cancel")

    @action(description=_("Cancel and give the money back"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Cancel orders that were not sent."""
        try:
            self.move(request, queryset, "cancelled", lambda order: cancel_order(order_id=order.pk, reason="merchant"))
        except PaymentError as error:
            messages.error(request, error.message)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, MerchantAdmin):
    """Payments as the provider knows them."""

    area = "orders"
    list_display = ("order", "attempt", "state_label", "amount", "refunded", "is_test", "created_at", "paid_at")
    list_filter = ("state", "is_test")
    search_fields = ("order__number", "session_id", "payment_intent_id")
    list_select_related = ("order",)

    @display(
        description=_("state"), label={"paid": "success", "open": "info", "expired": "warning", "failed": "danger"}
    )
    def state_label(self, row: Payment) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @display(description=_("amount"))
    def amount(self, row: Payment) -> str:
        """The amount as people read it."""
        return str(Money(row.amount_minor, row.currency))

    @display(description=_("refunded"))
    def refunded(self, row: Payment) -> str:
        """What went back."""
        return str(Money(row.refunded_minor, row.currency)) if row.refunded_minor else ""


@admin.register(WebhookEvent)
class WebhookEventAdmin(PlatformOnly, ReadOnly, ThemedAdmin):  # type: ignore[misc]  # unfold is untyped
    """The provider's events; whose they are is inside, so only the platform reads them."""

    list_display = ("received_at", "kind", "provider_event_id", "outcome", "processed_at")
    list_filter = ("kind",)
    search_fields = ("provider_event_id",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Leave the raw body out: it holds addresses."""
        return ("provider_event_id", "kind", "received_at", "processed_at", "outcome")
