"""The stand-in reports as Stripe does: signed, to our own endpoint, again and again until it answers 200."""

from __future__ import annotations

import io
import json
import logging
import time

from django.core.handlers.wsgi import WSGIRequest

from catalog.payments.stripe_fake_sessions import expire_overdue
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from catalog.payments.webhooks import stripe_webhook

logger = logging.getLogger(__name__)

_BATCH = 100
_BACKOFF_S = (1, 300)  # first and longest pause; doubled between


def deliver_due() -> int:
    """Deliver every event that is due; return how many were taken. What fails stays, and is due again later.

    The store's behaviour may repeat and shuffle them.
    """
    store = fake_store()
    with store.transaction() as rows:
        expire_overdue(rows)
        due = rows.due_deliveries(time.time(), _BATCH)
    deliveries = [row for row in due for _copy in range(1 + store.behaviour.duplicates)]
    if store.behaviour.shuffle:
        store.behaviour.chance.shuffle(deliveries)
    return len({row[0] for row in deliveries if _deliver(store, *row)})


def _deliver(store: FakeStore, event_id: str, body: str, attempts: int) -> bool:
    error = _post(body, store.webhook_secret)
    with store.transaction() as rows:
        if not error:
            rows.delivered(event_id)
            return True
        first, longest = _BACKOFF_S
        rows.failed(event_id, due_at=time.time() + min(first * 2**attempts, longest), error=error)
    logger.warning("delivery of %s failed: %s", event_id, error)
    return False


def _post(body: str, secret: str) -> str:
    """Hand a signed request to the endpoint's own view, so that no port is needed; return what went wrong."""
    from catalog.payments.stripe_fake import sign  # brings the library, which is slow to import

    raw = body.encode()
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/webhooks/stripe/",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "HTTP_STRIPE_SIGNATURE": sign(body, secret),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": io.BytesIO(raw),
        }
    )
    try:
        response = stripe_webhook(request)
    except Exception as error:  # the endpoint would have answered 500
        logger.exception("the webhook endpoint failed")
        return repr(error)
    return "" if response.status_code == 200 else json.loads(response.content).get("code", str(response.status_code))
