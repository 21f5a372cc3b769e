"""What shoppers agreed to: asked plainly, kept with its words, taken back as easily as it was given."""

from __future__ import annotations

import uuid

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.accounts.models import Consent, Merchant

_signer = signing.Signer(salt="consent", sep="~")


class BadConsentToken(Exception):
    """The link is not one of ours."""


def grant(
    *,
    merchant: Merchant,
    shopper_id: uuid.UUID,
    kind: str,
    wording: str,
    wording_version: str,
    language: str,
    source: str,
) -> Consent:
    """Keep a shopper's yes with the words it was given to. One that stands already stays as it is.

    Args: `source` is where it was given: "cart", "chat".
    """
    standing = standing_consent(shopper_id=shopper_id, kind=kind)
    if standing is not None:
        return standing
    try:
        with transaction.atomic():
            return Consent.objects.create(
                merchant=merchant,
                shopper_id=shopper_id,
                kind=kind,
                wording=wording,
                wording_version=wording_version,
                language=language,
                source=source[:40],
            )
    except IntegrityError:  # a double click: the other request was faster
        return Consent.objects.get(shopper_id=shopper_id, kind=kind, withdrawn_at=None)


def withdraw(*, shopper_id: uuid.UUID, kind: str, source: str) -> bool:
    """Take a shopper's yes back, at once; False when there is none."""
    mine = Consent.objects.filter(shopper_id=shopper_id, kind=kind, withdrawn_at=None)
    return bool(mine.update(withdrawn_at=timezone.now(), withdrawn_by=source[:40]))


def standing_consent(*, shopper_id: uuid.UUID, kind: str) -> Consent | None:
    """Return the yes that holds now."""
    return Consent.objects.filter(shopper_id=shopper_id, kind=kind, withdrawn_at=None).first()


def consent_token(consent: Consent) -> str:
    """Return the signed name of a consent, for the link that takes it back."""
    return _signer.sign_object(consent.pk)


def consent_of_token(token: str) -> Consent:
    """Return the consent that a link names, withdrawn or not. Call inside the merchant's scope.

    Raises: BadConsentToken.
    """
    try:
        consent_id = _signer.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadConsentToken("the link is broken") from error
    found = Consent.objects.select_related("shopper").filter(pk=consent_id).first()
    if found is None:
        raise BadConsentToken("the link is of another shop, or its consent is gone")
    return found
