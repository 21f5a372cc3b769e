"""Sign-in by a one-time code or link sent to a mailbox: limited in rate, silent about which addresses are known."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import Merchant, Shopper, SignInCode
from catalog.accounts.shoppers import BadEmail
from catalog.outbox.services import publish

DIGITS = 6
_links = signing.TimestampSigner(salt="sign-in-link", sep="~")


class SignInError(Exception):
    """Base: `code` for machines, `message` for the person."""

    code = "sign_in_error"
    text: str | Promise = _("You are not signed in.")

    @property
    def message(self) -> str:
        """The sentence for the person, in the active language."""
        return str(self.text)


class TooManyRequests(SignInError):
    """More codes than an address, a browser or a network may ask for in an hour."""

    code = "too_many_requests"
    text = _("Too many codes were asked for. Wait an hour, then try again.")


class WrongCode(SignInError):
    """Wrong, too old, used, tried too often, or for an address nobody has: all read alike."""

    code = "wrong_code"
    text = _("This code does not fit or is too old. Ask for a new one.")


@transaction.atomic
def request_code(*, merchant: Merchant, email: str, guest_id: uuid.UUID, network_address: str = "") -> SignInCode:
    """Have a code sent to `email` if a shopper of this shop has that address. Nobody is told whether one has.

    The row, the message in the outbox and the answer are the same for a known and an unknown address.
    Args: `guest_id` is the browser that asks; only it can give the code back.
    Raises: BadEmail, TooManyRequests.
    """
    wanted = email.strip()
    try:
        validate_email(wanted)
    except ValidationError as error:
        raise BadEmail("email: it looks like name@example.com") from error
    keys = {"email_hash": _keyed(merchant, wanted.casefold()), "asked_by": guest_id}
    if network_address:
        keys["address_hash"] = _keyed(merchant, network_address)
    _check_rate(keys)
    row = SignInCode.objects.create(
        merchant=merchant, expires_at=timezone.now() + timedelta(seconds=settings.SIGN_IN_CODE_S), **keys
    )
    shopper = _account_of(wanted) or Shopper.objects.filter(email__iexact=wanted).order_by("created_at").first()
    payload = {"code_id": str(row.pk), "shopper_id": str(shopper.pk) if shopper else ""}
    publish("sign_in.requested", key=str(row.pk), payload=payload, merchant_id=merchant.pk)
    return row


@transaction.atomic
def make_code(*, code_id: uuid.UUID, shopper: Shopper) -> tuple[str, str] | None:
    """Make the code of a request, and the token of its link; None once it was used or is too old.

    Only its hash is kept. Made again (the mail did not leave), the one before it is worth nothing.
    """
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = SignInCode.objects.filter(pk=code_id).filter(_is_open()).select_related("merchant").first()
    if row is None:
        return None
    SignInCode.objects.filter(pk=row.pk).update(code_hash=_keyed(row.merchant, f"{row.pk}:{code}"))
    return code, _links.sign_object([str(row.pk), code, str(shopper.pk)])


def confirm_code(*, merchant: Merchant, email: str, code: str, guest_id: uuid.UUID) -> Shopper:
    """Return the account of the mailbox a code was sent to; a mailbox without one makes the guest its account.

    Call it outside a transaction: a wrong guess is counted although it raises.
    Raises: WrongCode.
    """
    asked = {"email_hash": _keyed(merchant, email.strip().casefold()), "asked_by": guest_id}
    row = SignInCode.objects.filter(**asked).filter(_is_open()).exclude(code_hash="").first()
    if row is None or not _take(merchant, row, code.strip()):
        raise WrongCode
    return _signed_in(email.strip(), guest_id)


def is_our_link(token: str) -> bool:
    """Whether the link of a mail is one of this shop's (in scope), used or not; says nothing of whose it is."""
    try:
        code_id, _code, _shopper_id = _links.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return SignInCode.objects.filter(pk=code_id).exists()


def confirm_link(*, merchant: Merchant, token: str, guest_id: uuid.UUID) -> Shopper:
    """Return the account of the mailbox a link was sent to: in any browser, once. Answer to a POST only.

    Call it outside a transaction. Raises: WrongCode.
    """
    try:
        code_id, code, shopper_id = _links.unsign_object(token, max_age=settings.SIGN_IN_CODE_S)
    except (signing.BadSignature, ValueError, TypeError):
        raise WrongCode from None
    row = SignInCode.objects.filter(pk=code_id).first()
    shopper = Shopper.objects.filter(pk=shopper_id).first()
    if row is None or shopper is None or not _take(merchant, row, str(code)):
        raise WrongCode
    return _signed_in(shopper.email, guest_id)


def _is_open() -> Q:
    return Q(used_at=None, expires_at__gt=timezone.now(), tries__lt=settings.SIGN_IN_TRIES)


@transaction.atomic
def _take(merchant: Merchant, row: SignInCode, code: str) -> bool:
    """Use the code up if it fits; one conditional UPDATE counts the guess first, so that guesses at once count too."""
    if not SignInCode.objects.filter(_is_open(), pk=row.pk).update(tries=F("tries") + 1):
        return False
    row.refresh_from_db(fields=["code_hash"])
    if not hmac.compare_digest(row.code_hash, _keyed(merchant, f"{row.pk}:{code}")):
        return False
    return bool(SignInCode.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()))


def _signed_in(email: str, guest_id: uuid.UUID) -> Shopper:
    account = _account_of(email) or Shopper.objects.get(pk=guest_id)
    Shopper.objects.filter(pk=account.pk).update(email=email, identified_at=timezone.now())
    account.refresh_from_db()
    return account


def _account_of(email: str) -> Shopper | None:
    """Return the signed-in or taken-over shopper with this address, the first of them."""
    rows = Shopper.objects.filter(email__iexact=email).exclude(external_id="", identified_at=None)
    return rows.order_by("created_at", "pk").first()


def _check_rate(keys: dict[str, object]) -> None:
    since = timezone.now() - timedelta(hours=1)
    for name, value in keys.items():
        if SignInCode.objects.filter(asked_at__gt=since, **{name: value}).count() >= settings.SIGN_IN_PER_HOUR[name]:
            raise TooManyRequests


def _keyed(merchant: Merchant, text: str) -> str:
    """Return a hash that cannot be made, or guessed back, without the server's key."""
    key = f"{settings.SECRET_KEY}:sign-in:{merchant.pk}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
