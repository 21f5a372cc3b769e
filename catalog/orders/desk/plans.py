"""What a write will do, worked out before the shopper is asked and again when he has agreed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from catalog.money import Money
from catalog.orders.addresses import Address
from catalog.orders.appointment_models import Appointment
from catalog.orders.appointments.slots import FreeSlot
from catalog.orders.desk.finding import method_ref
from catalog.orders.desk.units import Swap, Unit
from catalog.orders.models import Order, PaymentMethod

MoveKind = Literal["payment", "refund", "later_payment", "later_refund"]


@dataclass(frozen=True, slots=True)
class MoneyMove:
    """Money of one method: now, or later when the goods have come back."""

    kind: MoveKind
    amount: Money
    method: PaymentMethod | None  # None = the payment of the order's own checkout


@dataclass(frozen=True, slots=True)
class Plan:
    """One write on one order. `is_once`: afterwards this, and what goes with it, is no longer possible."""

    order: Order
    operation: str
    money: tuple[MoneyMove, ...] = ()
    goes: tuple[Unit, ...] = ()  # units that are cancelled or sent back
    swaps: tuple[Swap, ...] = ()
    stays: tuple[Unit, ...] = ()  # units that nothing happens to
    address: Address | None = None
    method: PaymentMethod | None = None
    reason: str = ""
    is_once: bool = False
    difference_minor: int = field(default=0)
    appointment: Appointment | None = None  # that is moved or cancelled
    slot: FreeSlot | None = None  # where it moves to

    @property
    def mark(self) -> str:
        """A fingerprint of what the shopper is shown: other goods, money or address need another yes."""
        facts = [
            self.operation,
            self.order.pk,
            [(move.kind, move.amount.minor, move.amount.currency, method_ref(move.method)) for move in self.money],
            [(unit.line.pk, unit.paid_minor) for unit in self.goes],
            [(swap.unit.line.pk, swap.variant.pk, swap.unit_minor) for swap in self.swaps],
            self.address.as_dict() if self.address else None,
            self.reason,
            self.appointment.pk if self.appointment else None,
            self.slot.starts_at.isoformat() if self.slot else None,
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def others(units: Sequence[Unit], taken: Sequence[Unit]) -> tuple[Unit, ...]:
    """Return the units that were not taken; equal units count one by one."""
    left = list(units)
    for unit in taken:
        left.remove(unit)
    return tuple(left)
