"""The tools that tell a shopper about his own orders; somebody else's are not there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.accounts.identity import is_known
from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders.desk.errors import NotAuthenticated
from catalog.orders.desk.finding import method_ref, own_methods, own_order, shown_number
from catalog.orders.desk.units import units_of
from catalog.orders.ledger import net_by_method
from catalog.orders.models import Fulfillment, Order, OrderState, PaymentMethod, PaymentMethodKind
from catalog.orders.selectors import OrderView, orders_of, view_of
from tools.cards import order_card
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.order_cards import method_text
from tools.order_writes import OrderNumber
from tools.orders import checkout_cards
from tools.record import note
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

ORDERS_MAX = 10
_GROUPS: dict[str, tuple[OrderState, ...]] = {
    "any": tuple(OrderState),
    "not_sent": (OrderState.AWAITING_PAYMENT, OrderState.PAID, OrderState.PAID_MODIFIED),
    "on_its_way": (OrderState.PROCESSED,),
    "delivered": (OrderState.DELIVERED,),
    "return_or_exchange": (
        OrderState.RETURN_REQUESTED,
        OrderState.RETURNED,
        OrderState.EXCHANGE_REQUESTED,
        OrderState.EXCHANGED,
    ),
    "ended": (OrderState.CANCELLED, OrderState.EXPIRED),
}


class FindMyOrders(Arguments):
    """Which orders."""

    state: Literal["any", "not_sent", "on_its_way", "delivered", "return_or_exchange", "ended"] = Field(
        default="any", description="Only orders that stand there."
    )
    limit: int = Field(default=5, ge=1, le=ORDERS_MAX, description="How many, the newest first, 1 to 10.")


class WhichOrder(Arguments):
    """Which order."""

    order_number: OrderNumber


@tool(FindMyOrders, is_private=True, text_max=3_000)
async def find_my_orders(ctx: ToolContext, given: FindMyOrders) -> ToolResult:
    """List this shopper's own orders with number, state, total and items, the newest first.

    Use it when he did not say an order's number. It never shows another shopper's orders.
    """
    return await in_shop(ctx, _find, given)


@tool(WhichOrder, is_private=True, text_max=4_000)
async def order_details(ctx: ToolContext, given: WhichOrder) -> ToolResult:
    """Read one of this shopper's own orders: items with SKUs and prices, address, payments, what can be done with it.

    Call it before you propose a change: the SKUs and payment methods that the change names come from here.
    """
    return await in_shop(ctx, _details, given)


@tool(WhichOrder, is_private=True)
async def track_order(ctx: ToolContext, given: WhichOrder) -> ToolResult:
    """Tell where the parcels of one of this shopper's own orders are: sent, delivered, tracking numbers."""
    return await in_shop(ctx, _track, given)


def _find(merchant: Merchant, ctx: ToolContext, given: FindMyOrders) -> ToolResult:
    orders = list(orders_of(shopper_id=ctx.shopper_id).filter(state__in=_GROUPS[given.state])[: given.limit])
    if not orders:
        if not is_known(ctx.shopper_id) and not Order.objects.filter(shopper_id=ctx.shopper_id).exists():
            raise NotAuthenticated
        return ToolResult(text="This shopper has no such orders here.")
    note(shown=[shown_number(order) for order in orders])
    views = [view_of(order, language=ctx.language) for order in orders]
    cards = tuple(order_card(view, merchant.slug) for view in views)
    lines = [_line(order, view) for order, view in zip(orders, views, strict=True)]
    return ToolResult(text=fenced(lines, limit=2_700), cards=cards)


def _line(order: Order, view: OrderView) -> str:
    items = "; ".join(plain(f"{line.quantity} × {line.title}", 40) for line in view.lines[:4])
    placed = view.placed_at.date().isoformat()
    return f"{shown_number(order)} | {placed} | {view.state_text} | {view.totals.total} | {items}"


def _details(merchant: Merchant, ctx: ToolContext, given: WhichOrder) -> ToolResult:
    order = own_order(shopper_id=ctx.shopper_id, number=given.order_number)
    view = view_of(order, language=ctx.language)
    methods = list(own_methods(order.shopper_id))
    paid = net_by_method(order)
    note(
        subject=shown_number(order),
        shown=[
            shown_number(order),
            *(line.sku for line in order.lines.all()),
            *map(method_ref, methods),
            *(method_ref(method) for method, _net in paid),
        ],
    )
    lines = [
        f"order {shown_number(order)} | {view.state_text} | placed {view.placed_at.date().isoformat()}",
        *_unit_lines(order),
        f"delivery {view.totals.delivery} | total {view.totals.total}",
        *([f"goes to: {plain(', '.join(view.address.lines), 300)}"] if view.address else []),
        *(f"paid with {method_ref(method)} ({plain(method_text(method))}): {net}" for method, net in paid),
        *(f"payment method {method_ref(method)}: {_method_line(method)}" for method in methods),
        f"tracking: {', '.join(view.tracking) or 'none yet'}",
        *_request_lines(order),
    ]
    return ToolResult(text=fenced(lines, limit=3_700), cards=(order_card(view, merchant.slug), *checkout_cards(view)))


def _unit_lines(order: Order) -> list[str]:
    return [
        f"item sku={unit.line.sku} | {plain(unit.line.title, 60)} |"
        f" {plain(', '.join(f'{name}: {value}' for name, value in unit.line.options.items()), 120)} |"
        f" {Money(unit.paid_minor, order.currency)}"
        for unit in units_of(order)
    ]


def _method_line(method: PaymentMethod) -> str:
    words = plain(method_text(method))
    if method.kind != PaymentMethodKind.GIFT_CARD or method.balance_minor is None:
        return words
    return f"{words}, balance {Money(method.balance_minor - method.held_minor, method.currency)}"


def _request_lines(order: Order) -> list[str]:
    lines: list[str] = []
    for request in order.requests.prefetch_related("lines"):
        units = ", ".join(str(line) for line in request.lines.all())
        lines.append(f"{request.kind} {request.state}: {units}")
    return lines


def _track(merchant: Merchant, ctx: ToolContext, given: WhichOrder) -> ToolResult:
    order = own_order(shopper_id=ctx.shopper_id, number=given.order_number)
    note(subject=shown_number(order), shown=[shown_number(order)])
    view = view_of(order, language=ctx.language)
    parcels = [_parcel_line(parcel) for parcel in order.fulfillments.all()]
    lines = [f"order {shown_number(order)} | {view.state_text}", *(parcels or ["not sent yet"])]
    return ToolResult(text=fenced(lines), cards=(order_card(view, merchant.slug),))


def _parcel_line(parcel: Fulfillment) -> str:
    numbers = ", ".join(parcel.tracking_numbers) or "without a number"
    carrier = plain(parcel.carrier) or "carrier unknown"
    return f"parcel {numbers} | {carrier} | sent {_day(parcel.sent_at)} | delivered {_day(parcel.delivered_at)}"


def _day(at: object) -> str:
    return str(at)[:10] if at else "not yet"
