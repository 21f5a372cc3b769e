"""The tool that tells how far an order has come."""

from __future__ import annotations

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.orders.desk.finding import shown_number
from catalog.orders.errors import OrderNotFound, OrderStateError
from catalog.orders.models import Order
from catalog.orders.selectors import OrderView, order_by_number, orders_of, view_of
from catalog.payments.errors import PaymentError
from catalog.payments.models import Payment, PaymentState
from catalog.payments.services import start_checkout as open_pay_page
from tools.cards import checkout_card, order_card
from tools.context import ToolContext
from tools.lines import order_text
from tools.record import note
from tools.results import CheckoutCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, Refusal, tool


class OrderStatus(Arguments):
    """Which order."""

    order_number: str = Field(
        default="", max_length=24, description="The number the shopper said, such as 1042. Empty = the latest order."
    )


@tool(OrderStatus, is_private=True)
async def order_status(ctx: ToolContext, given: OrderStatus) -> ToolResult:
    """Tell how far an order of this shopper has come: paid, sent, delivered, tracking.

    Use it for "where is my order" and for a number such as #1042. It never shows another shopper's order.
    """
    return await in_shop(ctx, _status, given)


def _status(merchant: Merchant, ctx: ToolContext, given: OrderStatus) -> ToolResult:
    view = _order(ctx, given.order_number)
    note(subject=f"#{view.number}", shown=[_number(view)])
    card = order_card(view, merchant.slug)
    waiting, waits = _payable(ctx, view)
    return ToolResult(text=order_text(card) + waits, cards=(card, *waiting))


def _payable(ctx: ToolContext, view: OrderView) -> tuple[tuple[CheckoutCard, ...], str]:
    """Return the pay button of an order that waits for payment, and what to say of it.

    Where no pay page is open, because the provider was down when the order was placed, one is opened now.
    """
    if not view.can_pay:
        return (), ""
    try:
        cards = checkout_cards(view) or (pay_page(ctx, Order.objects.get(pk=view.order_id)),)
    except (PaymentError, OrderStateError) as error:
        return (), f"\nIt waits for payment, and the pay page cannot be opened now: {error.message}"
    return cards, "\nIt waits for payment; the card has the pay button."


def _number(view: OrderView) -> str:
    return shown_number(Order.objects.get(pk=view.order_id))


def _order(ctx: ToolContext, number: str) -> OrderView:
    try:
        if number:
            return order_by_number(shopper_id=ctx.shopper_id, number=number, language=ctx.language)
        latest = orders_of(shopper_id=ctx.shopper_id).first()
        if latest is None:
            raise OrderNotFound
        return view_of(latest, language=ctx.language)
    except OrderNotFound:
        # One text for an unknown number and for somebody else's order: it must not tell which numbers exist.
        text = "This shopper has no such order. Ask for the number in the confirmation, or offer a person."
        raise Refusal("order_not_found", text) from None


def checkout_cards(view: OrderView) -> tuple[CheckoutCard, ...]:
    """Return the payment link of an order that still waits for payment, if its pay page is open."""
    if not view.can_pay:
        return ()
    payment = Payment.objects.filter(order_id=view.order_id, state=PaymentState.OPEN).exclude(url="").first()
    return (checkout_card(view, payment),) if payment is not None else ()


def pay_page(ctx: ToolContext, order: Order) -> CheckoutCard:
    """Return the payment link of an order, its pay page opened when none is open. Call outside a transaction.

    Raises: PaymentError when the provider does not open one; OrderStateError when the order cannot be paid.
    """
    payment = open_pay_page(order_id=order.pk)
    return checkout_card(view_of(order, language=ctx.language), payment)
