"""Collects a booked difference: from the saved card without its owner, else on a pay page of its own."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.orders.errors import OrderNotFound
from catalog.orders.models import PaymentMethodKind
from catalog.payments import client, stripe_gateway
from catalog.payments.collecting import apply_intent, locked, next_attempt, owe, retry_wait_s
from catalog.payments.errors import GatewayRefused, GatewayUnavailable, LiveKeyRefused, NothingOwed
from catalog.payments.facts import ChargeRequest, IntentFacts
from catalog.payments.models import Collection, CollectionState, Payment, PaymentState
from catalog.payments.services import check_payment, open_session

# The provider forgets idempotency keys after a day; a charge that was not answered by then is not repeated.
_KEY_LASTS = timedelta(hours=23)
_signer = signing.Signer(salt="owed", sep="~")


def push(collection: Collection) -> CollectionState:
    """Bring a collection one step on at the provider, if it is due; return its state then.

    What the provider cannot answer now is asked again under the same key; what it refuses is asked of the shopper.
    """
    now = timezone.now()
    due = Collection.objects.filter(pk=collection.pk, due_at__lte=now, state=CollectionState.REQUESTED)
    wait = timedelta(seconds=retry_wait_s(collection.tries))
    if due.update(tries=F("tries") + 1, due_at=now + wait, asked_at=Coalesce("asked_at", now)):
        collection = Collection.objects.select_related("order__merchant", "entry__method").get(pk=collection.pk)
        try:
            _charge(collection)
        except GatewayUnavailable as error:
            _note(collection, f"unavailable: {error.__cause__ or error}")
        except GatewayRefused as error:
            owe(collection.pk, error=f"refused: {error}")  # certainly nothing was charged
    return CollectionState(Collection.objects.values_list("state", flat=True).get(pk=collection.pk))


def _charge(collection: Collection) -> None:
    """Charge the saved card, or ask how the charge stands.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    method, order = collection.entry.method, collection.order
    if method is None or method.kind != PaymentMethodKind.CREDIT_CARD or not method.provider_method:
        owe(collection.pk, error="no_saved_card")
        return
    if order.merchant.is_demo and client.is_live():
        owe(collection.pk, error="live_key_refused")
        return
    if collection.payment_intent_id:
        facts = stripe_gateway.retrieve_charge(collection.payment_intent_id)
    elif collection.asked_at and timezone.now() - collection.asked_at > _KEY_LASTS:
        owe(collection.pk, error="no_answer")
        return
    else:
        facts = stripe_gateway.charge(
            ChargeRequest(
                collection_id=collection.pk,
                order_reference=str(order.reference),
                customer=method.provider_customer,
                method=method.provider_method,
                amount=collection.amount,
                idempotency_key=collection.idempotency_key,
            )
        )
    _take_over(collection, facts)


def _take_over(collection: Collection, facts: IntentFacts) -> None:
    if facts.is_paid or facts.error:
        apply_intent(facts, at=timezone.now())
        return
    # The bank has not decided: the provider tells, and is asked again.
    Collection.objects.filter(pk=collection.pk).update(payment_intent_id=facts.payment_intent_id, error="processing")


def _note(collection: Collection, error: str) -> None:
    waiting = Collection.objects.filter(pk=collection.pk, state=CollectionState.REQUESTED)
    waiting.update(error=error[:500])


def start_owed_payment(*, collection_id: int) -> Payment:
    """Open the pay page of what is still owed, or return the one that is open.

    Raises: NothingOwed, LiveKeyRefused, GatewayUnavailable, GatewayRefused, FakeRefused.
    """
    payment = _owed_payment(collection_id)
    if payment.session_id and payment.expires_at and payment.expires_at <= timezone.now():
        check_payment(payment)
        payment = _owed_payment(collection_id)
    return payment if payment.session_id else open_session(payment)


@transaction.atomic
def _owed_payment(collection_id: int) -> Payment:
    """Return the open payment of what is owed, or write the next attempt; the collection's row is the lock."""
    collection = locked(collection_id)
    order = collection.order
    if collection.state != CollectionState.OWED:
        raise NothingOwed
    if order.merchant.is_demo and client.is_live():
        raise LiveKeyRefused
    opened = Payment.objects.filter(collection=collection, state=PaymentState.OPEN).order_by("-attempt").first()
    if opened is not None:
        return opened
    return Payment.objects.create(
        merchant_id=collection.merchant_id,
        order=order,
        collection=collection,
        attempt=next_attempt(order.pk),
        amount_minor=collection.amount_minor,
        currency=collection.currency,
        is_test=order.is_test,
    )


def owed_token(collection_id: int) -> str:
    """Return the signed name of an owed difference, for the link by which it is paid from any device."""
    return _signer.sign_object(collection_id)


def owed_of_token(token: str) -> Collection:
    """Return what a link asks to be paid, in whatever state it is. Call inside the merchant's scope.

    Raises: OrderNotFound for a link that is not one of this shop's.
    """
    try:
        collection_id = _signer.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise OrderNotFound from None
    found = Collection.objects.select_related("order").filter(pk=collection_id).first()
    if found is None:
        raise OrderNotFound
    return found
