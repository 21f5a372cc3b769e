"""Orders as their shopper sees them: the copies made when they were placed. Carts stand in `cart_views`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.languages import in_language
from catalog.money import Money
from catalog.orders.addresses import Address
from catalog.orders.appointments.views import SlotView, appointment_view
from catalog.orders.cart_views import CartView, cart_view
from catalog.orders.digital.links import DownloadView, downloads_of
from catalog.orders.errors import OrderNotFound
from catalog.orders.line_views import LineView, pictures_of
from catalog.orders.models import Order, OrderLine, OrderState, ReturnLabel
from catalog.orders.request_models import RequestState
from catalog.orders.return_models import LabelState
from catalog.orders.states import STAGES, Act, may
from catalog.orders.totals import Totals

__all__ = [
    "CartView",
    "LineView",
    "OrderView",
    "cart_view",
    "find_order",
    "order_by_number",
    "order_view",
    "orders_of",
    "view_of",
]

StepState = Literal["done", "now", "later"]
_STAGE_OF = {OrderState.PAID_MODIFIED: OrderState.PAID}  # told by `state_text`, no stage of its own
_ON_THE_WAY = (OrderState.PROCESSED, OrderState.DELIVERED)
_AFTER_DELIVERY = (
    OrderState.RETURN_REQUESTED,
    OrderState.RETURNED,
    OrderState.EXCHANGE_REQUESTED,
    OrderState.EXCHANGED,
)


@dataclass(frozen=True, slots=True)
class ReturnLabelView:
    """The label of goods on their way back; without `url` none could be made."""

    url: str
    carrier: str
    tracking_number: str
    drop_off: str
    state_text: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its shopper sees it."""

    order_id: int
    number: str
    reference: str
    version: int
    state: str
    state_text: str
    placed_at: datetime
    paid_at: datetime | None
    lines: tuple[LineView, ...]
    totals: Totals
    delivery_name: str
    address: Address | None
    steps: tuple[tuple[str, StepState], ...]
    tracking: tuple[str, ...]
    cancel_reason: str
    is_test: bool
    can_pay: bool
    can_cancel: bool
    currency: str
    discounts: tuple[tuple[str, Money], ...] = ()  # what was taken off the goods, by name
    taxes: tuple[tuple[str, Money, bool], ...] = ()  # name with rate, amount, whether the prices included it
    downloads: tuple[DownloadView, ...] = ()  # files it paid for
    travels: bool = True  # whether anything of it is sent or picked up
    owed: Money | None = None  # booked and not collected yet
    return_label: ReturnLabelView | None = None

    @property
    def downloads_open(self) -> tuple[DownloadView, ...]:
        """The files that can be fetched now."""
        return tuple(each for each in self.downloads if each.left > 0 and not each.is_revoked)


def orders_of(*, shopper_id: uuid.UUID) -> QuerySet[Order]:
    """Return the shopper's orders, newest first."""
    return Order.objects.filter(shopper_id=shopper_id).prefetch_related("lines")


def find_order(*, shopper_id: uuid.UUID, reference: str = "", number: str = "") -> Order:
    """Return the shopper's order by reference or by number (`1042` or `#1042`).

    Raises: OrderNotFound, also for another shopper's order and for a reference that is none.
    """
    orders = Order.objects.filter(shopper_id=shopper_id)
    if reference:
        try:
            return orders.get(reference=uuid.UUID(str(reference)))
        except (Order.DoesNotExist, ValueError):
            raise OrderNotFound from None
    order = orders.filter(number=number.strip().lstrip("#")).first()
    if order is None:
        raise OrderNotFound
    return order


def order_by_number(*, shopper_id: uuid.UUID, number: str, language: str) -> OrderView:
    """Return the shopper's order with this number.

    Raises: OrderNotFound.
    """
    return view_of(find_order(shopper_id=shopper_id, number=number), language=language)


def order_view(*, shopper_id: uuid.UUID, reference: str, language: str) -> OrderView:
    """Return the shopper's order with this reference.

    Raises: OrderNotFound.
    """
    return view_of(find_order(shopper_id=shopper_id, reference=reference), language=language)


def view_of(order: Order, *, language: str) -> OrderView:
    """Return `order` as its shopper sees it, its own texts in `language`."""
    lines = list(order.lines.select_related("variant__product"))
    travels = any(line.variant is None or line.variant.requires_shipping for line in lines)
    zone = ZoneInfo(order.merchant.timezone)
    appointments = list(order.appointments.select_related("service", "resource"))
    pictures = pictures_of([line.product_id for line in lines if line.product_id is not None])
    address = getattr(order, "address", None)
    parcels = order.fulfillments.values_list("tracking_numbers", flat=True)
    with override(language):
        slots = {
            row.line_id: appointment_view(row, zone=zone, language=language, now=timezone.now()) for row in appointments
        }
        return OrderView(
            order_id=order.pk,
            number=order.number,
            reference=str(order.reference),
            version=order.version,
            state=order.state,
            state_text=str(OrderState(order.state).label),
            placed_at=order.placed_at,
            paid_at=order.paid_at,
            lines=tuple(_order_line(line, order.currency, pictures, slots.get(line.pk)) for line in lines),
            totals=_totals_kept(order),
            delivery_name=order.delivery_name,
            address=Address.of(address) if address else None,
            steps=_steps(order, travels=travels),
            travels=travels,
            tracking=tuple(number for numbers in parcels for number in numbers),
            cancel_reason=order.cancel_reason,
            is_test=order.is_test,
            can_pay=order.state == OrderState.AWAITING_PAYMENT,
            can_cancel=may(order.state, Act.CANCEL),
            currency=order.currency,
            discounts=_discounts_kept(order),
            taxes=_taxes_kept(order),
            owed=Money(order.owed_minor, order.currency) if order.owed_minor else None,
            return_label=_return_label(order, language),
            downloads=downloads_of(order),
        )


def _return_label(order: Order, language: str) -> ReturnLabelView | None:
    """Return the label of what goes back now; before it was asked for, and after a refusal, there is none."""
    if order.state not in _AFTER_DELIVERY:
        return None
    labels = ReturnLabel.objects.filter(request__order=order).exclude(request__state=RequestState.REFUSED)
    label = labels.exclude(state=LabelState.ASKED).order_by("-pk").first()
    if label is None:
        return None
    return ReturnLabelView(
        url=label.url,
        carrier=label.carrier,
        tracking_number=label.tracking_number,
        drop_off=in_language(label.drop_off, language),
        state_text=str(LabelState(label.state).label),
    )


def _totals_kept(order: Order) -> Totals:
    """Return the totals as they were when the order was placed."""
    return Totals(
        subtotal=Money(order.subtotal_minor, order.currency),
        discount=Money(order.discount_minor, order.currency),
        delivery=Money(order.delivery_minor, order.currency),
        tax=Money(order.tax_minor, order.currency),
        total=order.total,
        tax_included=Money(order.tax_included_minor, order.currency),
    )


def _discounts_kept(order: Order) -> tuple[tuple[str, Money], ...]:
    kept = [each for each in order.discounts if not each["is_on_delivery"]]
    named = [(str(each["name"]), str(each["code"]), Money(int(each["minor"]), order.currency)) for each in kept]
    return tuple((f"{name} ({code})" if code and code != name else name, amount) for name, code, amount in named)


def _taxes_kept(order: Order) -> tuple[tuple[str, Money, bool], ...]:
    return tuple(
        (
            f"{tax['name']} {tax['percent']} %" if tax["percent"] else str(tax["name"]),
            Money(int(tax["minor"]), order.currency),
            bool(tax["is_included"]),
        )
        for tax in order.taxes
        if tax["minor"]
    )


def _order_line(line: OrderLine, currency: str, pictures: dict[int, str], slot: SlotView | None) -> LineView:
    return LineView(
        variant_id=line.variant_id,
        product_id=line.product_id,
        slug=line.variant.product.slug if line.variant else "",
        title=line.title,
        option=" · ".join(str(value) for value in line.options.values()),
        image_url=pictures.get(line.product_id or 0, ""),
        quantity=line.quantity,
        unit=Money(line.unit_minor, currency),
        total=Money(line.total_minor, currency),
        link_id=line.link_id,
        slot=slot,
    )


def _mark(place: int, here: int) -> StepState:
    if place == here:
        return "now"
    return "done" if place < here else "later"


def _steps(order: Order, *, travels: bool) -> tuple[tuple[str, StepState], ...]:
    """Return the four stages; an order that left them shows where it got to and what became of it.

    Times and files are there with the payment: without anything that travels there are two stages.
    """
    stages = STAGES if travels or order.state in _ON_THE_WAY else STAGES[:2]
    reached = [state for state, _label in stages]
    words = str(OrderState(order.state).label)
    stage = _STAGE_OF.get(OrderState(order.state), order.state)
    if stage in reached:
        here = reached.index(OrderState(stage))
        return tuple((str(label), _mark(place, here)) for place, (_state, label) in enumerate(stages))
    if order.state in _AFTER_DELIVERY:
        return (*((str(label), "done") for _state, label in STAGES), (words, "now"))
    ended: list[tuple[str, StepState]] = [(_("Ordered"), "done")]
    if order.paid_at is not None:
        ended.append((_("Paid"), "done"))
    return (*ended, (words, "now"))
