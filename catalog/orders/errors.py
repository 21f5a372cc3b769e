"""What can go wrong with a cart or an order, each with a code for machines and a sentence for the shopper."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OrderError(Exception):
    """Base: `code` names the failure, `message` says it in the language active when it is read."""

    code = "order_error"
    text: str | Promise = _("That is not possible with this order.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    @property
    def told_code(self) -> str:
        """The code that leaves the house; `code` is what the log keeps."""
        return self.code

    @property
    def message(self) -> str:
        """The sentence for the shopper, with the remedy."""
        return str(self.text) % self.facts

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class CartNotFound(OrderError):
    """The shopper has no such cart."""

    code = "cart_not_found"
    text = _("This cart is no longer there. Start a new one.")


class CartChanged(OrderError):
    """The cart is not what the shopper saw."""

    code = "cart_changed"
    text = _("The cart has changed since you saw it. Look at it again, then check out.")


class CartEmpty(OrderError):
    """There is nothing to buy."""

    code = "cart_empty"
    text = _("The cart is empty. Add a product first.")


class CartFull(OrderError):
    """More lines than one cart holds; fact `limit`."""

    code = "cart_full"
    text = _("A cart holds up to %(limit)s different products. Remove one first.")


class CartLineNotFound(OrderError):
    """The variant is not in the cart."""

    code = "line_not_in_cart"
    text = _("That product is not in the cart.")


class VariantNotFound(OrderError):
    """No such variant in this shop."""

    code = "variant_not_found"
    text = _("This shop does not have that product.")


class VariantUnavailable(OrderError):
    """Sold out; fact `title`."""

    code = "variant_unavailable"
    text = _("%(title)s is sold out.")


class NotForSale(OrderError):
    """Not sold here, or without a price in this currency; fact `title`."""

    code = "not_for_sale"
    text = _("%(title)s cannot be bought here.")


class QuantityInvalid(OrderError):
    """Not a whole number from 1 on; fact `quantity`."""

    code = "quantity_invalid"
    text = _("The quantity must be a whole number of at least 1, not %(quantity)s.")


class QuantityTooLarge(OrderError):
    """More than can be bought at once; facts `title` and `limit`."""

    code = "quantity_too_large"
    text = _("You can buy up to %(limit)s of %(title)s. Choose a smaller quantity.")


class ShopperNotFound(OrderError):
    """No such shopper in this shop."""

    code = "shopper_not_found"
    text = _("This shopper is not known here.")


class AddressMissing(OrderError):
    """The order must travel and nobody said where to."""

    code = "address_missing"
    text = _("Give the delivery address first.")


class AddressInvalid(OrderError):
    """An address with mistakes; `errors` holds a sentence by field."""

    code = "address_invalid"
    text = _("The address needs a correction.")

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(fields=sorted(errors))
        self.errors = dict(errors)

    @property
    def message(self) -> str:
        """Every mistake, one sentence each."""
        return " ".join(self.errors.values())


class NoDelivery(OrderError):
    """The shop does not deliver there; fact `country`."""

    code = "no_delivery"
    text = _("This shop does not deliver to %(country)s. Choose another address.")


class OrderNotFound(OrderError):
    """The shopper has no such order; another shopper's order answers the same."""

    code = "order_not_found"
    text = _("There is no such order.")


class OrderStateError(OrderError):
    """The order cannot do that in its state; facts `number`, `state`, `act`."""

    code = "wrong_status"
    text = _("Order #%(number)s cannot be changed this way any more: %(state)s.")


class OrderDisputed(OrderError):
    """The cardholder asked the bank for the money: nothing is sent before that is decided; fact `number`."""

    code = "order_disputed"
    text = _("Order #%(number)s is on hold: its payment is disputed at the bank.")


class OrderOwes(OrderError):
    """Part of it was booked and could not be collected yet; facts `number`, `amount`."""

    code = "order_owes"
    text = _(
        "%(amount)s of order #%(number)s is not paid yet. The shopper has a link to pay it; under Collections you can"
        " note that it came another way."
    )


class BadReason(OrderError):
    """A cancellation needs a reason."""

    code = "bad_reason"
    text = _("Say why the order is cancelled.")


class AmountMismatch(OrderError):
    """What was paid is not the total; facts `paid` and `total`."""

    code = "amount_mismatch"
    text = _("%(paid)s was paid, but the order comes to %(total)s.")


class InsufficientBalance(OrderError):
    """A gift card does not cover what is to be paid, less what is held for an exchange."""

    code = "insufficient_balance"
    text = _("The balance of this gift card does not cover it. Choose another way to pay.")


class PriceChanged(OrderError):
    """The cart comes to another total than the shopper was shown; fact `total`."""

    code = "price_changed"
    text = _("Prices have changed: it comes to %(total)s now. Look at the cart again, then pay.")


class CodeRefused(OrderError):
    """A promotion code that is not valid here; unknown ones and those that have not begun answer alike."""

    code = "code_unknown"
    text = _("This code is not valid here. Check the spelling.")


class CodeExpired(CodeRefused):
    """Its time is over; fact `day`."""

    code = "code_expired"
    text = _("This code ended on %(day)s. Remove it to go on.")


class CodeUsedUp(CodeRefused):
    """As many orders as it was made for have used it."""

    code = "code_used_up"
    text = _("This code has been used up. Remove it to go on.")


class CodeUsedByShopper(CodeRefused):
    """This shopper used it as often as he may."""

    code = "code_used_by_you"
    text = _("You have used this code already. Remove it to go on.")


class CodeNeedsMore(CodeRefused):
    """The goods are not worth enough; facts `least` and `missing`."""

    code = "code_needs_more"
    text = _("This code needs goods worth %(least)s: add %(missing)s more.")


class CodeFitsNothing(CodeRefused):
    """Nothing in the cart takes part."""

    code = "code_fits_nothing"
    text = _("Nothing in the cart takes part in this code. Add a product it is for.")


class CodeNotCombined(CodeRefused):
    """Another promotion saves more and the two do not combine."""

    code = "code_not_combined"
    text = _("Another discount saves you more, and this code does not combine with it.")


class CodesFull(CodeRefused):
    """More codes than one cart takes; fact `limit`."""

    code = "codes_full"
    text = _("A cart takes up to %(limit)s codes. Remove one first.")


class TooManyCodes(CodeRefused):
    """Too many unknown codes; fact `minutes`."""

    code = "too_many_codes"
    text = _("Too many codes that do not exist. Try again in %(minutes)s minutes.")


class DeliveryUnknown(OrderError):
    """The delivery method cannot be chosen here."""

    code = "delivery_unknown"
    text = _("This delivery method is not offered for your address. Choose one from the list.")


class StillInStock(OrderError):
    """Nobody needs to wait for what can be bought; fact `title`."""

    code = "still_in_stock"
    text = _("%(title)s is in stock: you can buy it now.")


class WaitlistFull(OrderError):
    """One shopper waits for too many products; fact `limit`."""

    code = "waitlist_full"
    text = _("You wait for %(limit)s products already. Take one off first.")
