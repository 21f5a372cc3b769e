"""The log of tool calls: added to by the dispatcher, read by the merchant and by the checks that count."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.confirmations.models import ToolCallKind, ToolCallLog

OK = "ok"
NOT_CONFIRMED = "not_confirmed"
# Kept as they are: ids, codes and choices. Everything else a person wrote is replaced by its length.
_PLAIN = frozenset(
    (
        "order_number", "variants", "new_variants", "payment_method", "reason", "variant", "variant_id", "product",
        "product_id", "quantity", "line", "ordinal", "limit", "page", "state", "cart", "order_id", "version",
        "total_minor", "expression",
    )
)  # fmt: skip
_SHOWN_ROWS = 200


def write(
    *,
    merchant: Merchant,
    session: str,
    shopper_id: uuid.UUID,
    kind: ToolCallKind,
    tool: str,
    arguments: Mapping[str, Any],
    code: str,
    subject: str = "",
    provenance: Mapping[str, str] | None = None,
    shown: Sequence[str] = (),
    confirmed_by: str = "",
    action_id: uuid.UUID | None = None,
) -> ToolCallLog:
    """Add a row. Inside the transaction of the write it tells of, the two stand or fall together."""
    return ToolCallLog.objects.create(
        merchant=merchant,
        session=session,
        shopper_ref=shopper_id,
        kind=kind,
        tool=tool[:60],
        subject=subject[:120],
        arguments={name: _minimised(name, value) for name, value in arguments.items()},
        provenance=dict(provenance or {}),
        shown=list(shown),
        code=code[:40],
        confirmed_by=confirmed_by[:40],
        action_ref=action_id,
    )


def shown_in(*, session: str, shopper_id: uuid.UUID) -> frozenset[str]:
    """Return the ids that results of this session have shown to this shopper."""
    rows = ToolCallLog.objects.filter(session=session, shopper_ref=shopper_id).exclude(shown=[])
    return frozenset(chain.from_iterable(rows.values_list("shown", flat=True)[:_SHOWN_ROWS]))


@dataclass(frozen=True, slots=True)
class Tally:
    """How much a shopper has asked for: proposals and changes of one session, changes of the last 24 hours."""

    proposals: int
    changes: int
    changes_of_day: int

    @property
    def is_full(self) -> bool:
        """Whether one more would be too many."""
        return bool(
            self.proposals >= settings.ORDER_PROPOSALS_PER_SESSION
            or self.changes >= settings.ORDER_WRITES_PER_SESSION
            or self.changes_of_day >= settings.ORDER_WRITES_PER_DAY
        )


def tally(*, session: str, shopper_id: uuid.UUID) -> Tally:
    """Count what a shopper proposed and changed of his orders; placing an order is no change of one."""
    here, since = Q(session=session), timezone.now() - timedelta(days=1)
    done = Q(kind=ToolCallKind.EXECUTION, code=OK, tool__startswith="order.") & ~Q(tool="order.place")
    counts = ToolCallLog.objects.filter(Q(at__gt=since) | here, shopper_ref=shopper_id).aggregate(
        proposals=Count("pk", filter=here & Q(kind=ToolCallKind.PROPOSAL, code=NOT_CONFIRMED)),
        changes=Count("pk", filter=here & done),
        changes_of_day=Count("pk", filter=done & Q(at__gt=since)),
    )
    return Tally(**counts)


def _minimised(name: str, value: Any) -> Any:
    if name in _PLAIN or isinstance(value, bool | int | float) or value in ("", None):
        return value
    if isinstance(value, str):
        return f"({len(value)} characters)"
    return f"({len(value)} parts)" if isinstance(value, list | tuple | dict) else "(kept back)"
