"""Why a proposed act cannot be executed, each with a code and a sentence for the shopper."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ConfirmationError(Exception):
    """Base: `code` names the failure, `message` says it in the active language."""

    code = "confirmation_error"
    text: str | Promise = _("This cannot be confirmed.")

    @property
    def message(self) -> str:
        """The sentence for the shopper, with the remedy."""
        return str(self.text)


class NotFound(ConfirmationError):
    """No such proposal for this shopper in this session."""

    code = "not_found"
    text = _("There is nothing to confirm here. Ask again.")


class Expired(ConfirmationError):
    """The shopper waited too long."""

    code = "expired"
    text = _("This has expired. Ask again.")


class AlreadyUsed(ConfirmationError):
    """It was executed or declined before."""

    code = "already_used"
    text = _("This was already answered. Nothing more was done.")


class SubjectChanged(ConfirmationError):
    """What it is about changed after it was proposed."""

    code = "subject_changed"
    text = _("This has changed since you were asked. Look at it again.")
