"""Is the search index equal to the shop? Counted by content, with writes going on, and repaired."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Min, QuerySet
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.products.documents import documents
from catalog.products.indexing import LANE, SETTLED_AFTER, id_batches, safe_versions
from catalog.products.services import TOPIC
from catalog.search.backend import backend
from catalog.search.fingerprints import fingerprint

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Verification:
    """How index and shop compare. `waiting`: changed just now, their messages are still on the way.

    `behind_s`: how long ago the oldest change that has not reached the index was made; 0 when all have.
    """

    products: int  # that shoppers may find
    indexed: int
    missing: tuple[int, ...]
    different: tuple[int, ...]
    extra: tuple[int, ...]
    waiting: tuple[int, ...]
    behind_s: float = 0.0

    @property
    def wrong(self) -> tuple[int, ...]:
        """Every product that the index holds otherwise than the shop, and that no message will mend."""
        return (*self.missing, *self.different, *self.extra)


def verify(*, merchant: Merchant) -> Verification:
    """Compare every document of a merchant with the shop.

    Raises: SearchUnavailable.
    """
    with merchant_scope(merchant):
        # In this order: what was delivered before is in what is read after it; all else is waiting.
        delivered = set(_recent(merchant).filter(delivered_at__isnull=False).values_list("pk", flat=True))
        wanted = {document.product_id: fingerprint(document) for batch in id_batches() for document in documents(batch)}
        held = backend().fingerprints(merchant.pk)
        waiting = _on_the_way(merchant, delivered)
    differing = {
        product_id for product_id in wanted.keys() | held.keys() if wanted.get(product_id) != held.get(product_id)
    }
    wrong = sorted(differing - waiting)
    return Verification(
        products=len(wanted),
        indexed=len(held),
        missing=tuple(each for each in wrong if each not in held),
        different=tuple(each for each in wrong if each in held and each in wanted),
        extra=tuple(each for each in wrong if each not in wanted),
        waiting=tuple(sorted(differing & waiting)),
        behind_s=behind_s(merchant=merchant),
    )


def behind_s(*, merchant: Merchant) -> float:
    """Return how many seconds ago the oldest change of a merchant's products that waits for the index was made."""
    waiting = OutboxMessage.objects.filter(
        lane=LANE, topic=TOPIC, merchant_id=merchant.pk, delivered_at__isnull=True, dead_at__isnull=True
    )
    first = waiting.aggregate(first=Min("created_at"))["first"]
    return max((timezone.now() - first).total_seconds(), 0.0) if first else 0.0


def repair(*, merchant: Merchant, found: Verification) -> Verification:
    """Write what is wrong again, as it is in the shop now, and compare once more.

    A change that comes in between is newer and stays. Raises: SearchUnavailable.
    """
    with merchant_scope(merchant):
        for start in range(0, len(found.wrong), _BATCH):
            product_ids = found.wrong[start : start + _BATCH]
            versions = safe_versions(merchant.pk, product_ids)  # before the rows are read
            present = documents(product_ids)
            backend().index((document, versions[document.product_id]) for document in present)
            for product_id in set(product_ids) - {document.product_id for document in present}:
                backend().delete(product_id, merchant_id=merchant.pk, version=versions[product_id])
    return verify(merchant=merchant)


def _on_the_way(merchant: Merchant, delivered: set[int]) -> set[int]:
    """Return the products whose messages had not been delivered when `delivered` was read, given-up ones left out."""
    old = OutboxMessage.objects.filter(topic=TOPIC, merchant_id=merchant.pk, delivered_at__isnull=True)
    rows = _recent(merchant).exclude(pk__in=delivered) | old
    payloads = rows.filter(dead_at__isnull=True).values_list("payload", flat=True)
    return {product_id for payload in payloads for product_id in payload["product_ids"]}


def _recent(merchant: Merchant) -> QuerySet[OutboxMessage]:
    since = timezone.now() - SETTLED_AFTER
    return OutboxMessage.objects.filter(created_at__gte=since, topic=TOPIC, merchant_id=merchant.pk)
