"""Who changed what, in words a merchant can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.accounts.models import AuditEntry


def note(
    *, merchant_id: int, actor_id: int | None, action: str, subject: str, detail: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Write one line of a merchant's audit log."""
    return AuditEntry.objects.create(
        merchant_id=merchant_id, actor_id=actor_id, action=action[:80], subject=subject[:200], detail=dict(detail or {})
    )
