"""A difference that the ledger has booked on a saved method: how far its collecting is, and what that changes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.events import order_payload
from catalog.orders.models import LedgerEntry, LedgerKind, Order, PaymentMethodKind
from catalog.outbox.services import publish
from catalog.payments.facts import IntentFacts
from catalog.payments.models import Collection, CollectionState, Payment, PaymentState

WAITING = (CollectionState.REQUESTED, CollectionState.OWED)
CHANGED_PAYMENT = "payment-change"  # the ledger's reference of a change of payment, both ways


@transaction.atomic
def request_collection(*, entry_id: int) -> Collection:
    """Write that a booked payment is to be collected; repeated, it returns the row there is."""
    entry = LedgerEntry.objects.select_related("order").get(pk=entry_id)
    collection, _created = Collection.objects.get_or_create(
        entry=entry,
        defaults={
            "merchant_id": entry.merchant_id,
            "order": entry.order,
            "amount_minor": entry.amount_minor,
            "currency": entry.currency,
            "due_at": timezone.now(),
        },
    )
    return collection


def locked(collection_id: int) -> Collection:
    """Return the collection, its row locked until the end of the transaction."""
    rows = Collection.objects.select_for_update(of=("self",)).select_related("order", "entry__method")
    return rows.get(pk=collection_id)


@transaction.atomic
def owe(collection_id: int, *, error: str) -> bool:
    """Give up charging without the shopper: he is asked to pay himself. False when that was decided before.

    `error` is the provider's word, such as card_declined.
    """
    collection = locked(collection_id)
    if collection.state != CollectionState.REQUESTED:
        return False
    _move(collection, CollectionState.OWED, error=error[:500])
    _tell("order.owed", collection)
    _tell_ended(collection)
    return True


@transaction.atomic
def collected(collection_id: int, *, paid: Money, intent: str, at: datetime) -> str:
    """Take over money that the provider took without the shopper. Safe to repeat.

    Return collected, already, or refund_due for money that was no longer owed: it goes back.
    """
    collection = locked(collection_id)
    if Payment.objects.filter(order_id=collection.order_id, payment_intent_id=intent).exists():
        return "already"
    Payment.objects.create(
        merchant_id=collection.merchant_id,
        order_id=collection.order_id,
        collection=collection,
        attempt=next_attempt(collection.order_id),
        payment_intent_id=intent,
        state=PaymentState.PAID,
        amount_minor=paid.minor,
        currency=paid.currency,
        is_test=collection.order.is_test,
        paid_at=at,
    )
    return settle(collection, paid=paid, intent=intent, at=at)


def settle(collection: Collection, *, paid: Money, intent: str, at: datetime) -> str:
    """Count a payment towards a collection whose row the caller has locked; what is too much goes back."""
    if collection.state not in WAITING:
        return _give_back(collection.order, paid, intent, at)
    _end(collection, CollectionState.COLLECTED, error="", payment_intent_id=intent, finished_at=at)
    _tell("order.charged", collection)
    _tell_ended(collection)
    return "collected"


@transaction.atomic
def settle_by_hand(*, collection_id: int) -> bool:
    """Record that an owed difference came another way, or is let go; False when nothing is owed any more."""
    collection = locked(collection_id)
    if collection.state != CollectionState.OWED:
        return False
    _end(collection, CollectionState.SETTLED, finished_at=timezone.now())
    _tell_ended(collection)
    return True


@transaction.atomic
def apply_intent(facts: IntentFacts, *, at: datetime) -> str:
    """Take over what the provider tells of a charge made without the shopper. Safe to repeat, in any order.

    Return collected, already, refund_due, declined, or unknown for a charge that is not ours.
    """
    if facts.collection_id is None:
        return "unknown"
    collection = Collection.objects.select_related("order").filter(pk=facts.collection_id).first()
    if collection is None or str(collection.order.reference) != facts.order_reference:
        return "unknown"
    if facts.is_paid:
        return collected(collection.pk, paid=facts.received, intent=facts.payment_intent_id, at=at)
    return "declined" if owe(collection.pk, error=facts.error) else "already"


def holds_back(entry: LedgerEntry) -> bool:
    """Whether a refund has to wait for a charge of the same order.

    While a card is being charged nobody knows yet what the shopper has paid; and who changes how he pays has his
    old payment sent back once the new one has arrived.
    """
    charges = LedgerEntry.objects.filter(order_id=entry.order_id, kind=LedgerKind.PAYMENT)
    if Collection.objects.filter(order_id=entry.order_id, state=CollectionState.REQUESTED).exists():
        return True
    known = Collection.objects.filter(order_id=entry.order_id, state__in=WAITING)
    asked = known.aggregate(total=Sum("amount_minor"))["total"] or 0
    if Order.objects.filter(pk=entry.order_id, owed_minor__gt=asked).exists():
        return True  # booked, and `charge.booked` is not heard yet
    if entry.reference != CHANGED_PAYMENT:
        return False
    new = charges.filter(reference=CHANGED_PAYMENT).exclude(method=None)
    new = new.exclude(method__kind=PaymentMethodKind.GIFT_CARD)
    ended = Collection.objects.filter(entry__in=new).exclude(state__in=WAITING)
    return new.exists() and not ended.exists()


def drop_what_a_refund_covers(entry: LedgerEntry) -> int:
    """Strike out what the order owes as far as a refund covers it whole; return the minor units struck out."""
    left = entry.amount_minor
    if entry.reference == CHANGED_PAYMENT:
        return 0
    owed = Collection.objects.select_for_update(of=("self",)).select_related("order", "entry__method")
    for collection in owed.filter(order_id=entry.order_id, state=CollectionState.OWED).order_by("pk"):
        if collection.amount_minor <= left:
            left -= collection.amount_minor
            _end(collection, CollectionState.DROPPED, finished_at=timezone.now())
            _tell_ended(collection)
    return entry.amount_minor - left


def waits_for_shopper(*, order_id: int) -> Collection | None:
    """Return what the shopper is asked to pay himself, the oldest first; None when there is nothing."""
    rows = Collection.objects.select_related("order").filter(order_id=order_id, state=CollectionState.OWED)
    return rows.order_by("pk").first()


def next_attempt(order_id: int) -> int:
    """Return the number of the order's next payment."""
    last = Payment.objects.filter(order_id=order_id).aggregate(last=Max("attempt"))["last"]
    return int(last or 0) + 1


def retry_wait_s(tries: int) -> float:
    """Return the pause before the next try, in seconds: longer each time."""
    return float(min(settings.COLLECTION_RETRY_BASE_S * 2**tries, settings.COLLECTION_RETRY_MAX_S))


def _move(collection: Collection, state: CollectionState, **changes: object) -> None:
    Collection.objects.filter(pk=collection.pk).update(state=state, **changes)
    collection.refresh_from_db(fields=["state", *changes])


def _end(collection: Collection, state: CollectionState, **changes: object) -> None:
    """Close a collection: its order owes that much less."""
    _move(collection, state, **changes)
    Order.objects.filter(pk=collection.order_id).update(
        owed_minor=F("owed_minor") - collection.amount_minor, version=F("version") + 1
    )
    collection.order.refresh_from_db(fields=["owed_minor", "version"])


def _tell(topic: str, collection: Collection) -> None:
    payload = {
        **order_payload(collection.order, at=timezone.now()),
        "collection_id": collection.pk,
        "amount_minor": collection.amount_minor,
        "currency": collection.currency,
    }
    key = f"{collection.order.reference}:{collection.pk}"
    publish(topic, key=key, payload=payload, merchant_id=collection.merchant_id, once=True)


def _tell_ended(collection: Collection) -> None:
    """Let refunds go that waited to hear how the charge ended."""
    payload = {"order_id": collection.order_id}
    key = f"{collection.pk}:{collection.state}"
    publish("charge.ended", key=key, payload=payload, merchant_id=collection.merchant_id, once=True)


def _give_back(order: Order, paid: Money, intent: str, at: datetime) -> str:
    if not ledger.book(order=order, kind=LedgerKind.PAYMENT, amount=paid, reference=intent, at=at):
        return "already"
    publish(
        "refund.due",
        key=f"{order.reference}:{intent}",
        payload={
            "order_id": order.pk,
            "amount_minor": paid.minor,
            "currency": paid.currency,
            "payment_reference": intent,
        },
        merchant_id=order.merchant_id,
        once=True,
    )
    return "refund_due"
