"""Admin: payments, the provider's events, and orders with the acts that touch a payment."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.accounts import audit
from catalog.accounts.admin_roles import PlatformOnly, ReadOnly
from catalog.accounts.admin_theme import ThemedAdmin, action, display
from catalog.accounts.tenancy import MerchantAdmin
from catalog.money import Money
from catalog.orders.admin import OrderAdmin
from catalog.orders.models import Order
from catalog.payments import collecting, refunds
from catalog.payments.errors import PaymentError
from catalog.payments.models import Collection, Dispute, Payment, RefundRequest, WebhookEvent
from catalog.payments.services import cancel_order


@admin.register(Order)
class PaidOrderAdmin(OrderAdmin):
    """Orders; cancelling one closes its pay page first and gives back what was paid."""

    actions: tuple[str, ...] = (*OrderAdmin.actions, "cancel")
    list_filter: tuple[str, ...] = (*OrderAdmin.list_filter, "is_disputed")

    @action(description=_("Cancel and give the money back"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Cancel orders that were not sent."""
        try:
            self.move(
                request,
                queryset,
                "cancelled",
                lambda order: cancel_order(order_id=order.pk, reason="merchant", by_staff=True),
            )
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


class _ByHand(ReadOnly, MerchantAdmin):
    """Rows that code writes, with acts for those who may change orders."""

    area = "orders"
    list_select_related = ("order",)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Acts are for whoever may change orders, though nobody edits the rows."""
        return MerchantAdmin.has_change_permission(self, request)

    @display(description=_("amount"))
    def amount_text(self, row: RefundRequest | Dispute | Collection) -> str:
        """The amount as people read it."""
        return str(Money(row.amount_minor, row.currency))


@admin.register(RefundRequest)
class RefundAdmin(_ByHand):
    """Refunds on their way; what failed waits here for a person."""

    list_display = ("order", "amount_text", "state_label", "error", "tries", "created_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("order__number", "refund_id")
    actions = ("try_again", "settle_by_hand")

    @display(
        description=_("state"),
        label={"succeeded": "success", "pending": "info", "requested": "info", "failed": "danger"},
    )
    def state_label(self, row: RefundRequest) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @action(description=_("Try again"), permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> None:
        """Send failed refunds once more that the provider never made."""
        done = [row for row in self.changeable(request, queryset) if refunds.try_again(request_id=row.pk)]
        self._report(request, queryset, done, "refund tried again")

    @action(description=_("It was sent back another way"), permissions=["act"])
    def settle_by_hand(self, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> None:
        """Settle failed refunds that a person has sent, such as by bank transfer."""
        done = [row for row in self.changeable(request, queryset) if refunds.settle_by_hand(request_id=row.pk)]
        self._report(request, queryset, done, "refund sent another way")

    def _report(
        self, request: HttpRequest, chosen: QuerySet[RefundRequest], done: list[RefundRequest], act: str
    ) -> None:
        for row in done:
            audit.note(merchant_id=row.merchant_id, actor_id=request.user.pk, action=act, subject=str(row))
        messages.success(request, _("%(n)s done.") % {"n": len(done)})
        if left := chosen.count() - len(done):
            text = _(
                "%(n)s left as they are: this is for refunds that failed, and a refund the provider made and lost"
                " can only be sent another way."
            )
            messages.warning(request, text % {"n": left})


@admin.register(Collection)
class CollectionAdmin(_ByHand):
    """Differences on their way in; what the shopper owes can be noted as paid another way, or let go."""

    list_display = ("order", "amount_text", "state_label", "error", "tries", "created_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("order__number", "payment_intent_id")
    actions = ("settle_by_hand",)

    @display(
        description=_("state"),
        label={"collected": "success", "settled": "success", "requested": "info", "owed": "danger"},
    )
    def state_label(self, row: Collection) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @action(description=_("Paid another way, or let go"), permissions=["act"])
    def settle_by_hand(self, request: HttpRequest, queryset: QuerySet[Collection]) -> None:
        """End what is owed: it came another way, or nobody asks for it any more. The order can be sent then."""
        rows = self.changeable(request, queryset)
        done = [row for row in rows if collecting.settle_by_hand(collection_id=row.pk)]
        for row in done:
            audit.note(
                merchant_id=row.merchant_id, actor_id=request.user.pk, action="collection settled", subject=str(row)
            )
        messages.success(request, _("%(n)s done.") % {"n": len(done)})


@admin.register(Dispute)
class DisputeAdmin(_ByHand):
    """Disputes; the bank is answered in the provider's dashboard."""

    list_display = ("order", "amount_text", "state_label", "reason", "evidence_due_at", "opened_at", "closed_at")
    list_filter = ("state",)
    search_fields = ("order__number", "dispute_id")

    @display(description=_("state"), label={"won": "success", "open": "warning", "lost": "danger"})
    def state_label(self, row: Dispute) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()


@admin.register(WebhookEvent)
class WebhookEventAdmin(PlatformOnly, ReadOnly, ThemedAdmin):  # type: ignore[misc]  # unfold is untyped
    """The provider's events; whose they are is inside, so only the platform reads them."""

    list_display = ("received_at", "kind", "provider_event_id", "outcome", "processed_at")
    list_filter = ("kind",)
    search_fields = ("provider_event_id",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Leave the raw body out: it holds addresses."""
        return ("provider_event_id", "kind", "received_at", "processed_at", "outcome")
