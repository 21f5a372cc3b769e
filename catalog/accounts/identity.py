"""Who is asking, and whose record it is: the one check before anything private is read or changed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import Shopper


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the channel says it: never an argument of a tool.

    `shopper_id` is None for nobody; `is_confirmed` means that the person's own hand pressed the button.
    """

    shopper_id: uuid.UUID | None
    is_confirmed: bool = False


class IdentityError(Exception):
    """Base: `code` for the log, `message` for the person."""

    code = "identity_error"
    text: str | Promise = _("Sign in first.")

    @property
    def message(self) -> str:
        """The sentence for the person, in the active language."""
        return str(self.text)


class Unknown(IdentityError):
    """Nobody has signed in."""

    code = "not_authenticated"


class NotYours(IdentityError):
    """Another customer's record; reads like a record that does not exist."""

    code = "not_owner"
    text = _("There is no customer like that.")


class NotThere(NotYours):
    """No such record."""

    code = "customer_not_found"


class Unconfirmed(IdentityError):
    """A write that nobody's own hand has confirmed."""

    code = "not_confirmed"
    text = _("Confirm it first.")


def is_known(shopper_id: uuid.UUID | None) -> bool:
    """Return whether a shopper is more than a browser: signed in by a code, or taken over as a customer.

    The token of a customer who was taken over is given out by the sign-in step only.
    """
    shopper = Shopper.objects.filter(pk=shopper_id).first() if shopper_id else None
    return shopper is not None and bool(shopper.identified_at or shopper.external_id)


def own_record(caller: Caller, *, customer_id: uuid.UUID) -> Shopper:
    """Return the caller's own record.

    Raises: Unknown when nobody signed in; NotYours for any other record, NotThere for none: the two read alike.
    """
    if not is_known(caller.shopper_id):
        raise Unknown
    shopper = Shopper.objects.filter(pk=customer_id).first()
    if shopper is None:
        raise NotThere
    if caller.shopper_id != customer_id:
        raise NotYours
    return shopper


def own_record_to_change(caller: Caller, *, customer_id: uuid.UUID) -> Shopper:
    """Return the caller's own record for a write that his own hand has confirmed.

    Raises: Unknown, NotYours, Unconfirmed.
    """
    shopper = own_record(caller, customer_id=customer_id)
    if not caller.is_confirmed:
        raise Unconfirmed
    return shopper
