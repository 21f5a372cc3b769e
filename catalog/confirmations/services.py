"""A write is proposed, shown to the shopper, and executed at most once by the shopper's own channel."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.confirmations.errors import AlreadyUsed, Expired, NotFound, SubjectChanged
from catalog.confirmations.models import PendingAction


def propose(
    *,
    merchant: Merchant,
    operation: str,
    arguments: Mapping[str, Any],
    subject: str,
    subject_version: str,
    session: str,
    shopper_id: uuid.UUID,
) -> PendingAction:
    """Store a write that waits for the shopper's yes; it expires after CONFIRMATION_EXPIRES_S.

    Its id is shown to the shopper's own client, so it is an address and no secret: claiming it takes the session
    and the shopper as well.
    """
    return PendingAction.objects.create(
        merchant=merchant,
        operation=operation,
        arguments=dict(arguments),
        arguments_hash=_fingerprint(operation, arguments, subject, subject_version),
        subject=subject,
        subject_version=subject_version,
        session=session,
        shopper_id=shopper_id,
        expires_at=timezone.now() + timedelta(seconds=settings.CONFIRMATION_EXPIRES_S),
    )


def lookup(*, action_id: uuid.UUID | str, session: str, shopper_id: uuid.UUID) -> PendingAction:
    """Return a proposal of this shopper in this session, whatever became of it.

    Raises: NotFound, also for another shopper's or session's.
    """
    try:
        wanted = uuid.UUID(str(action_id))
    except ValueError:
        raise NotFound from None
    action = PendingAction.objects.filter(pk=wanted, session=session, shopper_id=shopper_id).first()
    if action is None:
        raise NotFound
    return action


def latest(*, session: str, shopper_id: uuid.UUID) -> PendingAction | None:
    """Return the newest proposal of the session if it still waits for an answer: what a typed yes means."""
    action = PendingAction.objects.filter(session=session, shopper_id=shopper_id).first()
    if action is None or action.claimed_at or action.declined_at or action.expires_at <= timezone.now():
        return None
    return action


def claim(*, action_id: uuid.UUID | str, session: str, shopper_id: uuid.UUID, subject_version: str) -> PendingAction:
    """Take a proposal to execute it. Call it in the transaction that executes: a failure there gives it back.

    Args: `subject_version` is what the subject's version is now.
    Raises: NotFound, Expired, AlreadyUsed, SubjectChanged.
    """
    action = lookup(action_id=action_id, session=session, shopper_id=shopper_id)
    expected = _fingerprint(action.operation, action.arguments, action.subject, action.subject_version)
    if action.arguments_hash != expected:
        raise NotFound  # the row was changed behind the service's back: it is not what the shopper saw
    _close(action, "claimed_at", subject_version=subject_version)
    action.refresh_from_db()
    return action


def decline(*, action_id: uuid.UUID | str, session: str, shopper_id: uuid.UUID) -> PendingAction:
    """Record the shopper's no.

    Raises: NotFound, Expired, AlreadyUsed.
    """
    action = lookup(action_id=action_id, session=session, shopper_id=shopper_id)
    _close(action, "declined_at", subject_version=action.subject_version)
    action.refresh_from_db()
    return action


def _close(action: PendingAction, field: str, *, subject_version: str) -> None:
    """Answer the proposal by one conditional UPDATE: of two answers at once, one counts.

    Raises: AlreadyUsed, Expired, SubjectChanged.
    """
    now = timezone.now()
    closed = PendingAction.objects.filter(
        pk=action.pk,
        claimed_at=None,
        declined_at=None,
        expires_at__gt=now,
        subject_version=subject_version,
    ).update(**{field: now})
    if closed:
        return
    action.refresh_from_db()
    if action.claimed_at or action.declined_at:
        raise AlreadyUsed
    raise Expired if action.expires_at <= now else SubjectChanged


def _fingerprint(operation: str, arguments: Mapping[str, Any], subject: str, version: str) -> str:
    text = json.dumps([operation, dict(arguments), subject, version], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
