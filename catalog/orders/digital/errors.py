"""Why a file cannot be fetched."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.orders.errors import OrderError


class LinkInvalid(OrderError):
    """No such download; a changed link and another shop's answer alike."""

    code = "link_invalid"
    text = _("This link opens nothing. Use the link on the page of your order.")


class LinkExpired(OrderError):
    """The link is too old."""

    code = "link_expired"
    text = _("This link has expired. The page of your order has a new one.")


class DownloadRevoked(OrderError):
    """The order was cancelled or paid back."""

    code = "download_revoked"
    text = _("This download was taken back: its order was cancelled or paid back.")


class DownloadsUsedUp(OrderError):
    """Fetched as often as it may be; fact `limit`."""

    code = "downloads_used_up"
    text = _("This file was downloaded %(limit)s times, as often as it may be. Write to us if you need it again.")


class AlreadyDownloaded(OrderError):
    """What was fetched cannot be given back; fact `title`."""

    code = "already_downloaded"
    text = _("%(title)s was downloaded already, so this order can no longer be cancelled here.")
