"""Why a time cannot be chosen, moved or given back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.orders.errors import OrderError, VariantUnavailable


class SlotMissing(OrderError):
    """A service needs a time; fact `title`."""

    code = "slot_missing"
    text = _("Choose a time for %(title)s first.")


class SlotTaken(VariantUnavailable):
    """Somebody was faster, or the time is not offered; fact `title`."""

    code = "slot_taken"
    text = _("That time for %(title)s is no longer free. Choose another one.")


class NotAService(OrderError):
    """The product is not booked for a time; fact `title`."""

    code = "not_a_service"
    text = _("%(title)s is not booked for a time. Put it into the cart as it is.")


class SlotUnreadable(OrderError):
    """What was sent as a time is none."""

    code = "slot_unreadable"
    text = _("That is not one of the times. Choose one from the list.")


class TooLateToChange(OrderError):
    """Past the limit for moving and cancelling; facts `hours` and `when`."""

    code = "too_late_to_change"
    text = _("An appointment can be moved or cancelled until %(hours)s hours before it begins: this one was %(when)s.")


class NoAppointment(OrderError):
    """The order has no appointment that stands, or not the one named."""

    code = "appointment_not_found"
    text = _("There is no such appointment in this order.")


class SameTime(OrderError):
    """The appointment is at that time already."""

    code = "same_time"
    text = _("The appointment is at that time already. Choose another one.")


class NothingToSendBack(OrderError):
    """Services and downloads are neither returned nor exchanged; fact `title`."""

    code = "not_returnable"
    text = _("%(title)s cannot be sent back: it is not a thing. Appointments are moved or cancelled instead.")
