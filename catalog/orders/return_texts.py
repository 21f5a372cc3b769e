"""What shoppers read about sending a parcel back."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override


def drop_off_text(language: str, carrier: str) -> str:
    """Return where a parcel is handed in, in `language`."""
    with override(language):
        return _(
            "Print the label or show it on your phone, and hand the parcel in at any %(carrier)s point within 14 days."
        ) % {"carrier": carrier}
