"""What can go wrong with a payment, each with a code and a sentence for the shopper."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PaymentError(Exception):
    """Base: `code` names the failure, `message` says it in the active language."""

    code = "payment_error"
    text: str | Promise = _("The payment could not be started. Nothing was charged.")

    @property
    def message(self) -> str:
        """The sentence for the shopper, with the remedy."""
        return str(self.text)


class GatewayUnavailable(PaymentError):
    """The provider does not answer, or asks to come back later."""

    code = "payment_unavailable"
    text = _("Payment is not available right now. Your order is kept; try again in a moment.")


class GatewayRefused(PaymentError):
    """The provider refused the request; trying the same again will not help."""

    code = "payment_refused"
    text = _("The payment provider refused this order. Nothing was charged; please contact the shop.")


class LiveKeyRefused(PaymentError):
    """A demo shop met a key that moves real money."""

    code = "live_key_refused"
    text = _("This is a demo shop: it takes no real payments. Remove the live Stripe key from its settings.")


class NothingOwed(PaymentError):
    """What was owed is paid, or no longer owed."""

    code = "nothing_owed"
    text = _("Nothing is owed for this order any more.")


class FakeRefused(RuntimeError):
    """The local stand-in for Stripe was asked for where strangers could reach it."""


class BadWebhook(Exception):
    """A webhook that is not acted on; `code` names why, `detail` the remedy."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
