"""Admin: returns and exchanges that wait for a person, and refunds above the limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import action, display
from catalog.accounts.tenancy import MerchantAdmin, MerchantTabularInline, require
from catalog.money import Money
from catalog.orders.desk import finishing
from catalog.orders.errors import OrderError
from catalog.orders.models import CartReminder, OrderRequest, RefundApproval, RequestLine, ReturnLabel
from catalog.orders.request_models import RequestKind


class RequestLineInline(ReadOnly, MerchantTabularInline):
    """The pieces."""

    model = RequestLine
    area = "orders"
    fields = ("title", "sku", "new_sku", "paid_minor", "new_unit_minor")
    readonly_fields = fields


@admin.register(OrderRequest)
class OrderRequestAdmin(ReadOnly, MerchantAdmin):
    """Changes, returns and exchanges that shoppers asked for."""

    area = "orders"
    list_display = ("order", "kind", "state", "difference", "method", "requested_at", "decided_by")
    list_filter = ("kind", "state", "requested_at")
    search_fields = ("order__number", "order__external_id", "lines__sku")
    list_select_related = ("order", "method", "decided_by")
    inlines = (RequestLineInline,)
    actions = ("finish", "finish_without_stock", "refuse")

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever may change orders may decide."""
        return MerchantAdmin.has_change_permission(self, request)

    @display(description=_("difference"))
    def difference(self, row: OrderRequest) -> str:
        """What it costs more; below zero: what goes back."""
        return str(Money(row.difference_minor, row.order.currency))

    @action(description=_("Goods came back"), permissions=["act"])
    def finish(self, request: HttpRequest, queryset: QuerySet[OrderRequest]) -> None:
        """Finish returns and exchanges; the goods can be sold again."""
        self._each(request, queryset, lambda row: _finish(row, request, restock=True))

    @action(description=_("Goods came back, not to be sold again"), permissions=["act"])
    def finish_without_stock(self, request: HttpRequest, queryset: QuerySet[OrderRequest]) -> None:
        """Finish returns and exchanges; the goods stay off the shelf."""
        self._each(request, queryset, lambda row: _finish(row, request, restock=False))

    @action(description=_("Refuse"), permissions=["act"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[OrderRequest]) -> None:
        """Refuse returns and exchanges."""
        self._each(request, queryset, lambda row: finishing.refuse_request(request_id=row.pk, actor_id=request.user.pk))

    def _each(
        self, request: HttpRequest, queryset: QuerySet[OrderRequest], act: Callable[[OrderRequest], object]
    ) -> None:
        for row in queryset:
            require(request, area=self.area, act="change", merchant_id=row.merchant_id)
            try:
                act(row)
            except OrderError as error:
                messages.error(request, f"{row}: {error.message}")
            else:
                messages.success(request, str(row))


def _finish(row: OrderRequest, request: HttpRequest, *, restock: bool) -> object:
    run = finishing.finish_return if row.kind == RequestKind.RETURN else finishing.finish_exchange
    return run(request_id=row.pk, actor_id=request.user.pk, restock=restock)


@admin.register(ReturnLabel)
class ReturnLabelAdmin(ReadOnly, MerchantAdmin):
    """Labels of parcels on their way back; what the carrier refused is for people to arrange."""

    area = "orders"
    list_display = ("request", "state_label", "carrier", "tracking_number", "made_at", "received_at", "error")
    list_filter = ("state",)
    search_fields = ("tracking_number", "request__order__number", "request__order__external_id")
    list_select_related = ("request__order",)

    @display(
        description=_("state"),
        label={"received": "success", "handed_in": "info", "made": "info", "refused": "danger"},
    )
    def state_label(self, row: ReturnLabel) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()


@admin.register(CartReminder)
class CartReminderAdmin(ReadOnly, MerchantAdmin):
    """Which carts were reminded of, and why others were not."""

    area = "conversations"
    list_display = ("cart", "number", "recipient", "language", "planned_at", "sent_at", "skipped")
    list_filter = ("skipped", "number")
    search_fields = ("recipient",)
    list_select_related = ("cart",)


@admin.register(RefundApproval)
class RefundApprovalAdmin(ReadOnly, MerchantAdmin):
    """Refunds above the limit: booked, and sent when somebody agrees."""

    area = "orders"
    list_display = ("order", "amount", "asked_at", "approved_at", "approved_by")
    list_filter = ("approved_at",)
    list_select_related = ("entry__order", "approved_by")
    actions = ("approve",)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever may change orders may decide."""
        return MerchantAdmin.has_change_permission(self, request)

    @display(description=_("order"))
    def order(self, row: RefundApproval) -> str:
        """The order's number."""
        return str(row.entry.order)

    @display(description=_("amount"))
    def amount(self, row: RefundApproval) -> str:
        """What goes back."""
        return str(Money(row.entry.amount_minor, row.entry.currency))

    @action(description=_("Agree and send"), permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Agree to refunds; each is sent once."""
        for row in queryset:
            require(request, area=self.area, act="change", merchant_id=row.merchant_id)
            try:
                finishing.approve_refund(approval_id=row.pk, actor_id=request.user.pk)
            except OrderError as error:
                messages.error(request, f"{row}: {error.message}")
