"""What is asked of the payment provider and what it tells, in our own words: no vendor's type leaves the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.money import Money


@dataclass(frozen=True, slots=True)
class LineToPay:
    """One line on the pay page."""

    title: str
    unit: Money
    quantity: int


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A checkout to open. Repeating it with the same `idempotency_key` opens nothing twice."""

    payment_id: int
    order_reference: str
    lines: tuple[LineToPay, ...]
    success_url: str
    cancel_url: str
    expires_at: datetime
    language: str
    idempotency_key: str
    saves_card: bool = False  # the shopper may tick that his card is kept
    is_taxed: bool = True  # the provider works the tax out, where it is asked to


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A saved card to charge without its owner. Repeating it with the same `idempotency_key` charges nothing twice."""

    collection_id: int
    order_reference: str
    customer: str
    method: str
    amount: Money
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that its owner let the provider keep."""

    customer: str
    method: str
    brand: str
    last4: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A checkout as the provider sees it. `status` is open, complete or expired."""

    session_id: str
    url: str
    status: str
    is_paid: bool
    amount: Money
    payment_intent_id: str
    payment_id: int | None  # ours, echoed
    order_reference: str  # ours, echoed
    expires_at: datetime
    tax: Money | None = None  # what the provider worked out as tax; inside `amount`


@dataclass(frozen=True, slots=True)
class IntentFacts:
    """A payment as the provider sees it, apart from its checkout."""

    payment_intent_id: str
    is_paid: bool
    received: Money
    error: str  # the provider's code of the last refusal, such as card_declined
    payment_id: int | None  # ours, echoed
    order_reference: str  # ours, echoed
    collection_id: int | None = None  # ours, echoed: a charge without the shopper


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """How much of a payment has gone back in all; a total, never an increment."""

    payment_intent_id: str
    refunded_in_all: Money
    payment_id: int | None  # ours, echoed: a refund may be told before the payment
    order_reference: str  # ours, echoed


@dataclass(frozen=True, slots=True)
class RefundReport:
    """One refund at the provider. `status` is pending, requires_action, succeeded, failed or canceled."""

    refund_id: str
    status: str
    payment_intent_id: str
    amount: Money
    request_id: int | None  # our RefundRequest, echoed; None when the refund was made at the provider
    error: str = ""


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A cardholder's complaint. `status` is the provider's word: needs_response, under_review, won, lost …"""

    dispute_id: str
    payment_intent_id: str
    status: str
    amount: Money
    reason: str
    opened_at: datetime
    evidence_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """Something that happened at the provider; `created` counts whole seconds. At most one of the facts is there."""

    id: str
    kind: str
    created: datetime
    body: str
    session: SessionFacts | None = None
    intent: IntentFacts | None = None
    refunded: RefundFacts | None = None
    refund: RefundReport | None = None
    dispute: DisputeFacts | None = None
