"""What stands on the pay page: lines that add up to the order's total, to the minor unit."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.money import Money
from catalog.orders.models import Order, OrderLine
from catalog.payments.facts import LineToPay


def lines_to_pay(order: Order) -> tuple[LineToPay, ...]:
    """Return the order's lines after discounts, then delivery, then the tax on top; together the total exactly.

    A line whose discount does not divide by its quantity is one entry, "3 × Serum": no rounding is left over.
    """
    with override(order.language):
        lines = [_line(line, order.currency) for line in order.lines.all()]
        if order.delivery_minor:
            name = order.delivery_name or _("Delivery")
            lines.append(LineToPay(name, Money(order.delivery_minor, order.currency), 1))
        if order.tax_minor:
            names = dict.fromkeys(str(tax["name"]) for tax in order.taxes if not tax["is_included"])
            lines.append(LineToPay(", ".join(names) or _("Tax"), Money(order.tax_minor, order.currency), 1))
        if sum(line.unit.minor * line.quantity for line in lines) != order.total_minor:
            # An imported order may keep a total that its lines do not explain: it is paid as one.
            return (LineToPay(_("Order #%(number)s") % {"number": order.number}, order.total, 1),)
    return tuple(lines)


def difference_to_pay(amount: Money, order: Order) -> LineToPay:
    """Return the one line of a difference that is still owed for an order."""
    with override(order.language):
        return LineToPay(_("Still to pay for order #%(number)s") % {"number": order.number}, amount, 1)


def _line(line: OrderLine, currency: str) -> LineToPay:
    unit, rest = divmod(line.total_minor, line.quantity)
    money = Money(unit, currency)
    if rest or money.chargeable != money:
        title = f"{line.quantity} × {_title(line)}"
        return LineToPay(title, Money(line.total_minor, currency), 1)
    return LineToPay(_title(line), money, line.quantity)


def _title(line: OrderLine) -> str:
    """Return what the pay page calls a line: its title with the chosen options."""
    return " · ".join([line.title, *(str(value) for value in line.options.values())])
