"""Sends the one-time code that somebody asked for, if the address is a shopper's."""

from __future__ import annotations

import uuid
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Shopper
from catalog.accounts.sign_in import make_code
from catalog.outbox.subscribers import Event, subscriber


@subscriber(lane="slow")
def on_requested(event: Event) -> None:
    """Make the code and mail it; for an address nobody has there is nothing to do."""
    if not event.payload["shopper_id"]:
        return
    with event.scope():
        shopper = Shopper.objects.select_related("merchant").filter(pk=event.payload["shopper_id"]).first()
        made = make_code(code_id=uuid.UUID(event.payload["code_id"]), shopper=shopper) if shopper else None
    if shopper is None or made is None:
        return
    code, token = made
    with override(shopper.language):
        send_mail(_subject(shopper), _text(shopper, code, token), settings.DEFAULT_FROM_EMAIL, [shopper.email])


def _subject(shopper: Shopper) -> str:
    return _("Your code for %(shop)s") % {"shop": shopper.merchant.name}


def _text(shopper: Shopper, code: str, token: str) -> str:
    link = urljoin(settings.PUBLIC_URL, f"/s/{shopper.merchant.slug}/sign-in/{token}/")
    return "\n\n".join(
        [
            _("%(code)s is your code for %(shop)s.") % {"code": code, "shop": shopper.merchant.name},
            _("Or open this link: %(link)s") % {"link": link},
            _("It is good for %(minutes)s minutes and works once. If you did not ask for it, do nothing.")
            % {"minutes": settings.SIGN_IN_CODE_S // 60},
        ]
    )
