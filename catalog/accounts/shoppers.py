"""Who a shopper is: an anonymous row, known again by a signed token."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse

from catalog.accounts.models import Merchant, Shopper
from catalog.languages import normalise_language

# "~" instead of ":": the token also travels as a WebSocket subprotocol, where a colon is not allowed.
_signer = signing.TimestampSigner(salt="shopper", sep="~")


class BadToken(Exception):
    """The token is forged, too old, or of another merchant."""


def new_shopper(*, merchant: Merchant, language: str) -> Shopper:
    """Create an anonymous shopper."""
    return Shopper.objects.create(merchant=merchant, language=normalise_language(language))


def shopper_token(shopper: Shopper) -> str:
    """Return the signed token by which this shopper is known again for SHOPPER_TOKEN_S."""
    return _signer.sign_object([shopper.merchant_id, str(shopper.pk)])


def shopper_of_token(*, merchant: Merchant, token: str) -> Shopper:
    """Return the shopper a token names. Call inside the merchant's scope.

    Raises: BadToken.
    """
    try:
        merchant_id, shopper_id = _signer.unsign_object(token, max_age=settings.SHOPPER_TOKEN_S)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken("the token is not valid; ask for a new one") from error
    if merchant_id != merchant.pk:
        raise BadToken("the token belongs to another shop")
    shopper = Shopper.objects.filter(pk=uuid.UUID(shopper_id)).first()
    if shopper is None:
        raise BadToken("this shopper is no longer known; ask for a new token")
    return shopper


def cookie_name(merchant: Merchant) -> str:
    """Return the name of the cookie that keeps a shopper of this merchant."""
    return f"shopper_{merchant.slug}"


def known_shopper(request: HttpRequest, merchant: Merchant) -> Shopper | None:
    """Return the shopper of the request's cookie, or None. Call inside the merchant's scope."""
    token = request.COOKIES.get(cookie_name(merchant), "")
    try:
        return shopper_of_token(merchant=merchant, token=token) if token else None
    except BadToken:
        return None


def current_shopper(request: HttpRequest, merchant: Merchant) -> Shopper:
    """Return the shopper of the request's cookie, or a new one: answer with remember_shopper()."""
    language = normalise_language(getattr(request, "LANGUAGE_CODE", None))
    return known_shopper(request, merchant) or new_shopper(merchant=merchant, language=language)


def remember_shopper(response: HttpResponse, shopper: Shopper) -> None:
    """Keep the shopper in a cookie that scripts cannot read."""
    response.set_cookie(
        cookie_name(shopper.merchant),
        shopper_token(shopper),
        max_age=settings.SHOPPER_TOKEN_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


class BadEmail(ValueError):
    """Not an e-mail address."""


def remember_email(*, shopper_id: uuid.UUID, email: str) -> None:
    """Keep where a shopper is written to. Call inside the merchant's scope.

    Raises: BadEmail.
    """
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise BadEmail("email: it looks like name@example.com") from error
    Shopper.objects.filter(pk=shopper_id).update(email=email.strip())
