"""A demo shop with an order, a conversation and a waitlist in it, made once; every request is taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import shopper_token
from catalog.orders import carts
from catalog.orders.models import ShopperAddress
from catalog.orders.services import place_order
from catalog.products.models import Variant
from conversations.chat.services import open_conversation
from conversations.live.models import LiveRoom
from shop_assistant import demo, demo_shop
from tests.factories import TAIPEI

# How many requests an operation is sent in a mode; API_EXAMPLES=40 looks longer.
EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """The shop that is fuzzed: what its addresses and bodies can name."""

    headers: dict[str, str]
    path_parameters: dict[str, list[Any]]
    bodies: dict[str, list[Any]]


@pytest.fixture(scope="module")
def fuzzed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Fuzzed]:
    """The demo shop, in a transaction that is taken back at the end."""
    with django_db_blocker.unblock(), _connection_kept(), transaction.atomic():
        merchant = demo_shop.make(demo.DATA / "meis-shelf")
        with merchant_scope(merchant):
            yield _names(merchant)
        transaction.set_rollback(True)


@contextmanager
def _connection_kept() -> Iterator[None]:
    """A server drops a connection that is in a transaction at a request's end; Django's test client knows better."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _fresh_index() -> None:
    """Keep the index between the tests of a module: the shop is made once."""


def _names(merchant: Merchant) -> Fuzzed:
    shopper = Shopper.objects.create(merchant=merchant, email="fan@example.com")
    ShopperAddress.objects.create(merchant=merchant, shopper=shopper, **TAIPEI)
    creator = Creator.objects.all()[0]
    variants = list(Variant.objects.filter(offers__currency=merchant.currency, stock__on_hand__gt=2)[:3])
    bought, *_others = variants
    wish = {"merchant": merchant, "shopper_id": shopper.pk, "currency": merchant.currency}
    fields = {"creator_id": creator.pk, "source_ref": "page:x", "quantity": 1}
    cart = carts.add_to_cart(**wish, **fields, variant_id=bought.pk)
    order = place_order(
        merchant=merchant, shopper_id=shopper.pk, cart_id=cart.pk, cart_version=cart.version, language="en"
    )
    carts.add_to_cart(**wish, **fields, variant_id=bought.pk)
    talk = open_conversation(
        merchant=merchant,
        creator=creator,
        shopper=shopper,
        surface="direct",
        language="en",
        currency=merchant.currency,
    )
    room = LiveRoom.objects.all()[0]
    ids = [variant.pk for variant in variants]
    return Fuzzed(
        headers={"Authorization": f"Shopper {shopper_token(shopper)}"},
        path_parameters={
            "merchant_slug": [merchant.slug],
            "variant_id": ids,
            "reference": [str(order.reference)],
            "conversation_id": [str(talk.pk)],
            "slug": [bought.product.slug, room.slug],
        },
        bodies={
            "variant": ids,
            "variant_id": ids,
            "cart": [str(cart.pk)],
            "creator": [creator.slug],
            "product_id": [bought.product_id],
            "email": ["fan@example.com"],
        },
    )
