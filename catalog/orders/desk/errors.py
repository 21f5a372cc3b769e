"""Why the desk refuses, each with a code for the log and a sentence that helps the shopper."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.orders.errors import OrderError, OrderNotFound


class NotOwner(OrderNotFound):
    """Somebody else's order. The log keeps the code; the shopper and the model read what an unknown number says."""

    code = "not_owner"

    @property
    def told_code(self) -> str:
        """The code that leaves the house."""
        return OrderNotFound.code


class NotAuthenticated(OrderError):
    """Nobody knows yet who asks."""

    code = "not_authenticated"
    text = _("Sign in first: give the e-mail address you ordered with, and a one-time code is sent to it.")


class NotConfirmed(OrderError):
    """The shopper did not say it, or has not agreed to it yet; fact `what`."""

    code = "not_confirmed"
    text = _("That was not said by you: %(what)s. Say it in your own words, or use the form.")


class CustomerNotFound(OrderError):
    """No customer with that address or name."""

    code = "customer_not_found"
    text = _("There is no customer like that.")


class ProductNotFound(OrderError):
    """No such product in this shop."""

    code = "product_not_found"
    text = _("This shop does not have that product.")


class CancelReasonUnknown(OrderError):
    """A cancellation by a shopper has one of two reasons."""

    code = "bad_reason"
    text = _('Say why: "no longer needed" or "ordered by mistake".')


class LineNotInOrder(OrderError):
    """The variant is not in the order, or not that often; fact `sku`."""

    code = "line_not_in_order"
    text = _("%(sku)s is not in this order, or not that often. Choose from the order's items.")


class LengthMismatch(OrderError):
    """Not one new variant for each old one."""

    code = "length_mismatch"
    text = _("Name exactly one new variant for each item.")


class EmptySelection(OrderError):
    """Nothing was chosen."""

    code = "empty_selection"
    text = _("Choose at least one item of the order.")


class SameVariant(OrderError):
    """New and old are the same; fact `title`."""

    code = "same_variant"
    text = _("You have this variant of %(title)s already. Choose another one.")


class WrongProduct(OrderError):
    """The new variant is of another product; fact `title`."""

    code = "wrong_product"
    text = _("%(title)s can only become another variant of the same product.")


class PaymentMethodNotFound(OrderError):
    """Not a payment method of this shopper."""

    code = "payment_method_not_found"
    text = _("You have no such payment method. Choose one of your own.")


class SamePaymentMethod(OrderError):
    """The order is paid with it already."""

    code = "same_payment_method"
    text = _("The order is paid with this already. Choose another payment method.")


class NotSinglePayment(OrderError):
    """The payment was changed before, or was never one."""

    code = "not_single_payment"
    text = _("How this order is paid can no longer be changed: it was changed before.")


class RefundTargetNotAllowed(OrderError):
    """A refund goes back where the money came from, or to a gift card."""

    code = "refund_target_not_allowed"
    text = _(
        "The money goes back to the order's first payment method or to one of your gift cards. Choose one of them."
    )


class ChargeNotPossible(OrderError):
    """More is to be paid, and the order's checkout is closed."""

    code = "charge_not_possible"
    text = _(
        "The order's card cannot be charged again. Choose a gift card that covers the difference, or a variant that"
        " does not cost more."
    )


class OrderDisputed(OrderError):
    """The bank was asked for the money: it decides."""

    code = "order_disputed"
    text = _("Your bank is looking into the payment of this order, so nothing can be changed until it has decided.")


class TooManyChanges(OrderError):
    """More writes than one conversation or one day takes."""

    code = "too_many_changes"
    text = _("That was a lot of changes. Ask a person to go on.")


class HandedOff(OrderError):
    """A person was asked; until they answer nothing is changed."""

    code = "handed_off"
    text = _("A person was asked. Until they have answered, nothing is changed.")


class BadExpression(OrderError):
    """Not a sum that can be worked out."""

    code = "bad_expression"
    text = _("Only numbers, + - * / and brackets can be worked out.")
