"""Edits made while Elasticsearch is gone, slow or refuses writes wait in the outbox and arrive once, in order."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from catalog.products.models import Product
from catalog.products.services import retire, set_price, set_stock
from catalog.products.verifying import verify
from catalog.search.backend import backend
from catalog.search.elasticsearch_indices import Names
from catalog.search.ports import ProductQuery
from tests.conversations.chat.shop import Shop
from tests.faults.services.proxy import Mood, Proxy, proxy
from tests.wire.provider import closed_port

NODE = os.environ.get("TEST_ELASTICSEARCH_URL", "")
ENGINE = "catalog.search.elasticsearch_backend.ElasticsearchSearch"
INDEXING = "catalog.products.indexing.on_product_changed"
needs_node = pytest.mark.skipif(not NODE, reason="TEST_ELASTICSEARCH_URL is not set: scripts/elasticsearch has a node")


@contextmanager
def sick_for_a_while(settings: Settings, stand: Proxy | None = None, mood: Mood = "gone") -> Iterator[None]:
    """The engine is sick inside: the one behind `stand`, or, without one, nothing listens at its address.

    Limits are short inside only: a node on a busy machine needs its time.
    """
    before = (settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_WRITE_TIMEOUT_S)
    patience_s = settings.ELASTICSEARCH_WRITE_PATIENCE_S
    settings.ELASTICSEARCH_WRITE_TIMEOUT_S = settings.ELASTICSEARCH_WRITE_PATIENCE_S = 0.5
    if stand is None:
        settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = ENGINE, f"http://127.0.0.1:{closed_port()}"
    else:
        stand.be(mood)
    try:
        yield
    finally:
        settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_WRITE_TIMEOUT_S = before
        settings.ELASTICSEARCH_WRITE_PATIENCE_S = patience_s
        if stand is not None:
            stand.be("well")


@pytest.fixture
def edited(shop: Shop, settings: Settings) -> Shop:
    """Mei's shop with nothing on the way; only the index hears of edits."""
    settings.OUTBOX_SUBSCRIBERS = {"product.changed": [INDEXING]}
    drain(lanes=["index"])
    OutboxMessage.objects.all().delete()
    return shop


@pytest.fixture
def stand(edited: Shop, settings: Settings) -> Iterator[Proxy]:
    """A proxy before the real node; the shop stands in the node's index already."""
    before = (settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL)
    with proxy(NODE) as running:
        settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = ENGINE, running.url
        yield running
        settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = before


def edits(shop: Shop) -> list[int]:
    """Change prices, stock and status, one product several times; return the messages' ids in order."""
    before = list(OutboxMessage.objects.values_list("pk", flat=True))
    serum, cream = shop.products["no-3-serum"], shop.products["cloud-cream"]
    for minor in (29_00, 28_00, 27_00):
        set_price(variant_id=serum.variants.get().pk, currency="USD", amount_minor=minor)
    set_stock(variant_id=cream.variants.get().pk, on_hand=0)
    retire(product_id=shop.products["tea-serum"].pk)
    set_price(variant_id=serum.variants.get().pk, currency="USD", amount_minor=26_00)
    return list(OutboxMessage.objects.exclude(pk__in=before).order_by("pk").values_list("pk", flat=True))


def waiting() -> list[tuple[int, int, bool]]:
    """Return (message, attempts, given up) of what was not delivered, in order."""
    rows = OutboxMessage.objects.filter(delivered_at=None).order_by("pk")
    return [(row.pk, row.attempts, row.dead_at is not None) for row in rows]


def later() -> None:
    """Let the pauses pass."""
    OutboxMessage.objects.filter(delivered_at=None).update(available_at=timezone.now() - timedelta(seconds=1))


def price_range(shop: Shop, low: int, high: int) -> set[int]:
    query = ProductQuery(merchant_id=shop.merchant.pk, currency="USD", price_min=low, price_max=high)
    return {hit.product_id for hit in backend().search(query).hits}


def test_edits_outlast_an_outage_of_any_length(edited: Shop, settings: Settings) -> None:
    with sick_for_a_while(settings):
        messages = edits(edited)
        for _hour in range(settings.OUTBOX_MAX_ATTEMPTS + 4):
            later()
            assert drain(lanes=["index"]) == 0

    assert [(pk, dead) for pk, _attempts, dead in waiting()] == [(pk, False) for pk in messages]
    assert "does not answer" in OutboxMessage.objects.get(pk=messages[0]).error
    later()
    assert drain(lanes=["index"]) == len(messages)
    found = verify(merchant=edited.merchant)
    assert (found.wrong, found.waiting, found.indexed) == ((), (), found.products)


def test_the_pause_grows_with_the_outage_up_to_its_limit(edited: Shop, settings: Settings) -> None:
    (first, *_rest) = edits(edited)
    OutboxMessage.objects.exclude(pk=first).delete()

    pauses = []
    with sick_for_a_while(settings):
        for age_s in (0, 40, 3600):
            now = timezone.now()
            OutboxMessage.objects.update(created_at=now - timedelta(seconds=age_s), available_at=now)
            drain(lanes=["index"])
            pauses.append(round((OutboxMessage.objects.get().available_at - timezone.now()).total_seconds()))

    assert pauses == [2, 10, 60]


def test_a_message_that_is_wrong_itself_is_still_given_up(edited: Shop, settings: Settings) -> None:
    (first, *_rest) = edits(edited)
    OutboxMessage.objects.exclude(pk=first).delete()
    OutboxMessage.objects.update(payload={"product_ids": ["no number"]}, attempts=settings.OUTBOX_MAX_ATTEMPTS - 1)

    drain(lanes=["index"])

    assert waiting() == [(first, settings.OUTBOX_MAX_ATTEMPTS, True)]


@pytest.mark.engine
@needs_node
@pytest.mark.parametrize("mood", ["gone", "silent", "slow", "busy", "forbids", "broken"])
def test_edits_arrive_once_in_order_and_the_index_equals_the_shop(
    edited: Shop, stand: Proxy, settings: Settings, mood: Mood
) -> None:
    stand.asked.clear()
    with sick_for_a_while(settings, stand, mood):
        messages = edits(edited)
        assert drain(lanes=["index"]) == 0
        assert [pk for pk, _attempts, _dead in waiting()] == messages
        assert stand.writes() == []

    later()
    assert drain(lanes=["index"]) == len(messages)

    assert waiting() == []
    assert [status for _method, path, status, _body in stand.asked if "_bulk" in path] == [200] * len(messages)
    assert [lines[0]["index"]["version"] for lines in stand.writes()] == messages  # one write each, oldest first
    check_index(edited)


@pytest.mark.engine
@needs_node
def test_an_index_that_takes_no_writes_still_answers_and_gets_the_edits_later(edited: Shop, stand: Proxy) -> None:
    serum = edited.products["no-3-serum"].pk
    block_writes(True)
    try:
        messages = edits(edited)
        assert drain(lanes=["index"]) == 0
        assert serum in price_range(edited, 31_00, 31_00)  # as it was: searches go on
        assert [dead for _pk, _attempts, dead in waiting()] == [False] * len(messages)
    finally:
        block_writes(False)

    later()
    assert drain(lanes=["index"]) == len(messages)
    check_index(edited)


@pytest.mark.engine
@needs_node
def test_messages_that_come_late_do_not_bring_the_old_price_back(
    edited: Shop, stand: Proxy, settings: Settings
) -> None:
    with sick_for_a_while(settings, stand):
        messages = edits(edited)
        drain(lanes=["index"])
    OutboxMessage.objects.update(available_at=timezone.now())
    OutboxMessage.objects.filter(pk=messages[0]).update(available_at=timezone.now() + timedelta(hours=1))
    assert drain(lanes=["index"]) == len(messages) - 1

    later()
    assert drain(lanes=["index"]) == 1
    check_index(edited)


def check_index(shop: Shop) -> None:
    """The index holds what the shop holds, the newest price among it."""
    serum = shop.products["no-3-serum"].pk
    found = verify(merchant=shop.merchant)
    assert (found.wrong, found.waiting) == ((), ())
    assert found.products == found.indexed == Product.objects.filter(status="active").count()
    assert serum in price_range(shop, 26_00, 26_00)
    assert serum not in price_range(shop, 27_00, 99_00)
    assert OutboxMessage.objects.filter(attempts__gt=1, delivered_at__isnull=False).count() == 0


def block_writes(blocked: bool) -> None:
    """Tell the real node to take no writes for our index, as a full disk does."""
    body = json.dumps({"index.blocks.write": blocked}).encode()
    address = f"{NODE}/{Names(django_settings.ELASTICSEARCH_INDEX_PREFIX).searched}/_settings"
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers, method="PUT")  # noqa: S310 (loopback)
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert answer.status == 200
