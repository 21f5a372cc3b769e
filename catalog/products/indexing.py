"""Products become documents of the search index: one by one as they change, or all again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.outbox.subscribers import Event, TryLater, subscriber
from catalog.products.documents import documents
from catalog.products.models import Product
from catalog.products.services import TOPIC
from catalog.search.backend import backend
from catalog.search.ports import ProductDocument, SearchBackend, SearchUnavailable

LANE = "index"
_BATCH = 500
SETTLED_AFTER = timedelta(hours=1)  # no transaction stays open that long


@subscriber(lane=LANE)
def on_product_changed(event: Event) -> None:
    """Write the products that changed into the index as they are now, with the event's id as version.

    Raises: TryLater while the engine does not answer or takes no writes: edits wait for it, however long.
    """
    with event.scope():
        product_ids = [int(product_id) for product_id in event.payload["product_ids"]]
        found = documents(product_ids)
        try:
            backend().index((document, event.id) for document in found)
            for product_id in set(product_ids) - {document.product_id for document in found}:
                backend().delete(product_id, merchant_id=event.merchant_id or 0, version=event.id)
        except SearchUnavailable as error:
            raise TryLater(str(error)) from error


def reindex(*, merchant: Merchant | None = None, progress: Callable[[int], object] | None = None) -> int:
    """Write every product of one merchant, or of all, into the index; return how many stand in it now.

    `progress` hears how many products were looked at since it last heard. Products that are no longer sold are removed.
    Of all merchants: into a new index where the engine can have two, which then takes the place of the old one.
    """
    if merchant:
        backend().prepare()
        return _reindex_merchant(backend(), merchant, progress or _nobody)
    with backend().rebuilding() as target:
        return sum(_reindex_merchant(target, each, progress or _nobody) for each in Merchant.objects.all())


def products_to_index(*, merchant: Merchant | None = None) -> int:
    """Return how many products `reindex` will look at."""
    merchants = [merchant] if merchant else list(Merchant.objects.all())
    with merchant_scope(merchants):
        return Product.objects.count()


def _reindex_merchant(target: SearchBackend, merchant: Merchant, progress: Callable[[int], object]) -> int:
    with merchant_scope(merchant):
        stale = target.product_ids(merchant.pk)
        stale_versions = safe_versions(merchant.pk, stale)
        # One stream: an engine takes a batch while the next is read.
        target.index(_versioned(merchant, stale, progress))
        for product_id in stale:
            target.delete(product_id, merchant_id=merchant.pk, version=stale_versions[product_id])
        return len(target.product_ids(merchant.pk))


def _versioned(
    merchant: Merchant, stale: set[int], progress: Callable[[int], object]
) -> Iterator[tuple[ProductDocument, int]]:
    """Yield every product with its version; what is yielded is stale no more."""
    for batch in id_batches():
        versions = safe_versions(merchant.pk, batch)  # before the rows are read
        for document in documents(batch):
            stale.discard(document.product_id)
            yield document, versions[document.product_id]
        progress(len(batch))


def id_batches() -> Iterator[list[int]]:
    """Yield the ids of every product in scope, some hundreds at a time."""
    last_id = 0
    while batch := list(Product.objects.filter(pk__gt=last_id).order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        yield batch
        last_id = batch[-1]


def safe_versions(merchant_id: int, product_ids: Iterable[int]) -> dict[int, int]:
    """Return the version under which each product may be written, if it is read after this call.

    It is the newest event of that product that can be seen. Events of one product become visible in the order of their
    ids, so one that is still uncommitted gets a higher version and wins later, whatever other ids have come in between.
    """
    settled_before = timezone.now() - SETTLED_AFTER
    settled = OutboxMessage.objects.filter(created_at__lt=settled_before).aggregate(newest=Max("id"))["newest"]
    recent = OutboxMessage.objects.filter(
        topic=TOPIC, lane=LANE, merchant_id=merchant_id, created_at__gte=settled_before
    )
    versions = dict.fromkeys(product_ids, settled or 0)
    for message_id, payload in recent.order_by("id").values_list("id", "payload").iterator():
        for product_id in payload["product_ids"]:
            if product_id in versions:
                versions[product_id] = message_id
    return versions


def _nobody(_: int) -> None:
    """Hear progress and say nothing."""
