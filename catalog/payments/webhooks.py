"""Where Stripe reports: verify the raw body, store the event, act on it, answer 200."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog import observing
from catalog.payments.errors import BadWebhook
from catalog.payments.settling import apply_event
from catalog.payments.stripe_gateway import parse_event

logger = logging.getLogger(__name__)


@csrf_exempt  # the signature proves the sender; there is no cookie
@require_POST
def stripe_webhook(request: HttpRequest) -> JsonResponse:
    """Take one event. 400 = it will never be accepted; an error of ours is a 500 and Stripe sends it again."""
    try:
        event = parse_event(body=_raw_body(request), signature=request.headers.get("Stripe-Signature", ""))
    except BadWebhook as error:
        logger.warning("webhook refused: %s", error.code)
        observing.count("webhook_events", outcome="refused")
        return JsonResponse({"code": error.code, "detail": error.detail}, status=400)
    outcome = apply_event(event)
    observing.count("webhook_events", outcome=outcome)
    return JsonResponse({"outcome": outcome})


def _raw_body(request: HttpRequest) -> bytes:
    """Return the body as it was sent: the signature covers its bytes.

    Raises: BadWebhook when it is larger than WEBHOOK_BODY_MAX_BYTES, before it is read where the header tells.
    """
    limit: int = settings.WEBHOOK_BODY_MAX_BYTES
    too_large = BadWebhook("body_too_large", f"send at most {limit} bytes")
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdecimal() or int(declared) > limit:
        raise too_large
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise too_large from error
    if len(body) > limit:
        raise too_large
    return body
