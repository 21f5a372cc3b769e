"""One small function a model; every default can be overridden. Call inside a merchant's scope."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from catalog.accounts.models import Creator, Merchant, Shopper
from conversations.funnel.models import FunnelEvent


def make_merchant(**fields: Any) -> Merchant:
    """A second merchant, for what must stay apart."""
    return Merchant.objects.create(**{"slug": "north-ridge", "name": "North Ridge", "currency": "TWD", **fields})


def make_creator(merchant: Merchant, **fields: Any) -> Creator:
    """Mei Lin, unless told otherwise."""
    defaults = {
        "slug": "mei",
        "names": {"en": "Mei Lin", "zh-hant": "林小梅"},
        "short_names": {"en": "Mei", "zh-hant": "小梅"},
    }
    return Creator.objects.create(merchant=merchant, **{**defaults, **fields})


def make_shopper(merchant: Merchant, **fields: Any) -> Shopper:
    """A guest who reads English."""
    return Shopper.objects.create(merchant=merchant, **fields)


def make_event(merchant: Merchant, **fields: Any) -> FunnelEvent:
    """A view of Mei's content by some shopper, now; give `step`, `shopper_id`, `creator_id`, `occurred_at`."""
    defaults = {
        "step": "content_viewed",
        "dedupe_key": uuid.uuid4().hex,
        "occurred_at": timezone.now(),
        "shopper_id": uuid.uuid4(),
        "surface": "content",
    }
    return FunnelEvent.objects.create(merchant=merchant, **{**defaults, **fields})
