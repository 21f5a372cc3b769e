"""The question a proposed change of an order asks: drawn from the database, down to where the money goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from catalog.confirmations.models import PendingAction
from catalog.money import Money
from catalog.orders.appointments.wording import when_text
from catalog.orders.desk import planning
from catalog.orders.desk.finding import shown_number
from catalog.orders.desk.plans import MoneyMove, Plan
from catalog.orders.desk.units import Swap, Unit
from catalog.orders.line_views import pictures_of
from catalog.orders.models import PaymentMethod, PaymentMethodKind
from tools.cards import price_of
from tools.results import ConfirmCard, LineItem, Price

_TITLES: Mapping[str, Promise] = {
    planning.CANCEL: gettext_lazy("Cancel order %(number)s?"),
    planning.SET_ADDRESS: gettext_lazy("Send order %(number)s to this address?"),
    planning.SET_PAYMENT: gettext_lazy("Change how order %(number)s is paid?"),
    planning.CHANGE_ITEMS: gettext_lazy("Change the items of order %(number)s?"),
    planning.RETURN_ITEMS: gettext_lazy("Return these items of order %(number)s?"),
    planning.EXCHANGE_ITEMS: gettext_lazy("Exchange these items of order %(number)s?"),
    planning.MOVE_APPOINTMENT: gettext_lazy("Move the appointment of order %(number)s?"),
    planning.CANCEL_APPOINTMENT: gettext_lazy("Cancel the appointment of order %(number)s?"),
}
_LABELS: Mapping[str, tuple[Promise, Promise]] = {
    planning.CANCEL: (gettext_lazy("Cancel the order"), gettext_lazy("Keep the order")),
    planning.SET_ADDRESS: (gettext_lazy("Change the address"), gettext_lazy("Leave it as it is")),
    planning.SET_PAYMENT: (gettext_lazy("Change the payment"), gettext_lazy("Leave it as it is")),
    planning.CHANGE_ITEMS: (gettext_lazy("Change the items"), gettext_lazy("Leave it as it is")),
    planning.RETURN_ITEMS: (gettext_lazy("Ask for the return"), gettext_lazy("Leave it as it is")),
    planning.EXCHANGE_ITEMS: (gettext_lazy("Ask for the exchange"), gettext_lazy("Leave it as it is")),
    planning.MOVE_APPOINTMENT: (gettext_lazy("Move the appointment"), gettext_lazy("Leave it as it is")),
    planning.CANCEL_APPOINTMENT: (gettext_lazy("Cancel the appointment"), gettext_lazy("Keep the appointment")),
}
_ONCE: Mapping[str, Promise] = {
    planning.CANCEL: gettext_lazy("This cannot be undone."),
    planning.CANCEL_APPOINTMENT: gettext_lazy("This cannot be undone: the time is given to others."),
    planning.SET_PAYMENT: gettext_lazy("The payment of an order can be changed only once."),
    planning.CHANGE_ITEMS: gettext_lazy(
        "Only once: afterwards this order can no longer be cancelled, and its items, address and payment stay."
    ),
    planning.RETURN_ITEMS: gettext_lazy("Only once: an order takes one return or one exchange. Name all items now."),
    planning.EXCHANGE_ITEMS: gettext_lazy("Only once: an order takes one return or one exchange. Name all items now."),
}
_MOVES: Mapping[str, Promise] = {
    "payment": gettext_lazy("To pay: %(amount)s with %(method)s"),
    "refund": gettext_lazy("Back to you: %(amount)s to %(method)s"),
    "later_payment": gettext_lazy("To pay when the items have come back: %(amount)s with %(method)s"),
    "later_refund": gettext_lazy("Back to you when the items have come back: %(amount)s to %(method)s"),
}
_DONE: Mapping[str, Promise] = {
    planning.CANCEL: gettext_lazy("Order %(number)s is cancelled."),
    planning.SET_ADDRESS: gettext_lazy("Order %(number)s goes to the new address."),
    planning.SET_PAYMENT: gettext_lazy("The payment of order %(number)s is changed."),
    planning.CHANGE_ITEMS: gettext_lazy("The items of order %(number)s are changed."),
    planning.RETURN_ITEMS: gettext_lazy("The return for order %(number)s is asked for. We write how to send it."),
    planning.EXCHANGE_ITEMS: gettext_lazy("The exchange for order %(number)s is asked for. We write how to send it."),
    planning.MOVE_APPOINTMENT: gettext_lazy("The appointment of order %(number)s is moved."),
    planning.CANCEL_APPOINTMENT: gettext_lazy("The appointment of order %(number)s is cancelled."),
}
_SHORT_TIME = gettext_lazy("A gift card has it at once; a card or PayPal in 5 to 7 business days.")


def order_question(action: PendingAction, plan: Plan) -> ConfirmCard:
    """Return what the shopper must agree to: what changes, what stays, where the money goes, and "only once"."""
    labels = _LABELS[plan.operation]
    return ConfirmCard(
        action_id=str(action.pk),
        operation=plan.operation,
        title=str(_TITLES[plan.operation]) % {"number": shown_number(plan.order)},
        lines=tuple(_lines(plan)),
        facts=tuple(_facts(plan)),
        total=_total(plan),
        confirm_label=str(labels[0]),
        decline_label=str(labels[1]),
        is_destructive=plan.operation in (planning.CANCEL, planning.CANCEL_APPOINTMENT),
        is_test=plan.order.is_test,
        expires_at=action.expires_at.isoformat(),
    )


def done_text(plan: Plan) -> str:
    """Return what is said when it was done, with where the money goes."""
    text = str(_DONE[plan.operation]) % {"number": shown_number(plan.order)}
    return " ".join([text, *(f"{_money_text(move)}." for move in plan.money)])


def method_text(method: PaymentMethod | None) -> str:
    """Return a payment method in words: never more than brand and last four."""
    if method is None:
        return _("the payment you ordered with")
    name = method.get_kind_display() if method.kind != PaymentMethodKind.CREDIT_CARD else (method.brand or _("Card"))
    return f"{name} •••• {method.last4}" if method.last4 else str(name)


def _money_text(move: MoneyMove) -> str:
    return str(_MOVES[move.kind]) % {"amount": str(move.amount), "method": method_text(move.method)}


def _facts(plan: Plan) -> list[str]:
    facts: list[str] = []
    if plan.address is not None:
        where = pgettext("address", ", ").join(plan.address.lines)
        facts.append(_("Goes to: %(address)s") % {"address": where})
    facts += _time_facts(plan)
    facts += [_money_text(move) for move in plan.money]
    if not plan.money and (plan.swaps or plan.address or plan.slot):
        facts.append(_("Nothing is charged and nothing is paid back."))
    if any("refund" in move.kind for move in plan.money):
        facts.append(str(_SHORT_TIME))
    if plan.stays:
        facts.append(_("Stays as it is: %(items)s") % {"items": _names(plan.stays)})
    if plan.is_once:
        facts.append(str(_ONCE[plan.operation]))
    return facts


def _time_facts(plan: Plan) -> list[str]:
    """Return when an appointment is now, and when it would be."""
    row = plan.appointment
    if row is None:
        return []
    zone = ZoneInfo(plan.order.merchant.timezone)
    now = when_text(row.starts_at, row.ends_at, zone)
    if plan.slot is None:
        return [_("Given up: %(when)s") % {"when": now}]
    new = when_text(plan.slot.starts_at, plan.slot.ends_at, zone)
    return [_("From: %(when)s") % {"when": now}, _("To: %(when)s") % {"when": new}]


def _names(units: Sequence[Unit]) -> str:
    """Return units in words, equal ones counted."""
    counts: dict[str, int] = {}
    for unit in units:
        name = " · ".join([unit.line.title, *(str(value) for value in unit.line.options.values())])
        counts[name] = counts.get(name, 0) + 1
    return "; ".join(name if count == 1 else f"{count} × {name}" for name, count in counts.items())


def _total(plan: Plan) -> Price | None:
    """Return the one amount that moves; none when nothing does, or when it moves from one method to another."""
    return price_of(plan.money[0].amount) if len(plan.money) == 1 else None


def _lines(plan: Plan) -> list[LineItem]:
    lines = [_unit_line(unit, plan) for unit in plan.goes] + [_swap_line(swap, plan) for swap in plan.swaps]
    pictures = pictures_of([line.product_id for line in lines if line.product_id is not None])
    return [line.model_copy(update={"image_url": pictures.get(line.product_id or 0, "")}) for line in lines]


def _unit_line(unit: Unit, plan: Plan) -> LineItem:
    paid = price_of(Money(unit.paid_minor, plan.order.currency))
    return LineItem(
        variant_id=unit.line.variant_id,
        product_id=unit.line.product_id,
        title=unit.line.title,
        option=_options(unit.line.options),
        quantity=1,
        unit=paid,
        total=paid,
    )


def _swap_line(swap: Swap, plan: Plan) -> LineItem:
    price = price_of(Money(swap.unit_minor - swap.discount_minor + swap.tax_minor, plan.order.currency))
    return LineItem(
        variant_id=swap.variant.pk,
        product_id=swap.variant.product_id,
        title=swap.unit.line.title,
        option=f"{_options(swap.unit.line.options)} → {swap.variant.option_text}",
        quantity=1,
        unit=price,
        total=price,
    )


def _options(options: Mapping[str, object]) -> str:
    return " · ".join(str(value) for value in options.values())
