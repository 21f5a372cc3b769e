"""The Stripe client: Stripe's address and key, or the local stand-in when there is no key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from catalog.orders.placing import LIVE_KEY_PREFIXES
from catalog.payments.stripe_fake_store import FakeStore, fake_store

if TYPE_CHECKING:
    import stripe

_RETRIES = 2
_FAKE_KEY = "sk_test_local_stand_in"


def uses_fake() -> bool:
    """Return whether payments go to the local stand-in."""
    return not settings.STRIPE_SECRET_KEY


def is_live() -> bool:
    """Return whether the key moves real money."""
    return bool(settings.STRIPE_SECRET_KEY.startswith(LIVE_KEY_PREFIXES))


def stripe_client() -> stripe.StripeClient:
    """Return the client of the current settings.

    Raises: FakeRefused when there is no key and the stand-in may not run here.
    """
    return _fake_client(fake_store()) if uses_fake() else _real_client(_address())


def webhook_secrets() -> list[str]:
    """Return the secrets that sign events; the stand-in's own only while it is in use."""
    return [fake_store().webhook_secret] if uses_fake() else list(settings.STRIPE_WEBHOOK_SECRETS)


@dataclass(frozen=True, slots=True)
class _Address:
    key: str
    url: str
    connect_s: float
    read_s: float


def _address() -> _Address:
    return _Address(
        key=settings.STRIPE_SECRET_KEY,
        url=settings.STRIPE_API_URL,
        connect_s=settings.STRIPE_CONNECT_S,
        read_s=settings.STRIPE_TIMEOUT_S,
    )


@lru_cache(maxsize=2)
def _real_client(address: _Address) -> stripe.StripeClient:
    import stripe  # slow to import, and needed only once money moves

    # The library would wait 80 s for an answer, three times: longer than a shopper's turn may take.
    timeout = (address.connect_s, address.read_s)
    return stripe.StripeClient(
        address.key,
        http_client=stripe.RequestsClient(timeout=timeout),
        max_network_retries=settings.STRIPE_RETRIES,
        base_addresses={"api": address.url} if address.url else {},
    )


@lru_cache(maxsize=2)
def _fake_client(store: FakeStore) -> stripe.StripeClient:
    import stripe  # slow to import, and needed only once money moves

    from catalog.payments.stripe_fake import FakeStripe  # subclasses the library's HTTP client

    return stripe.StripeClient(_FAKE_KEY, http_client=FakeStripe(store), max_network_retries=_RETRIES)
