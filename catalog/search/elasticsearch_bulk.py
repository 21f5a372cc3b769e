"""Versioned writes in bounded batches; when the engine says "too busy", the batch waits and is sent again."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any, cast

import orjson
from django.conf import settings

from catalog.search.elasticsearch_client import answering, patient_client
from catalog.search.elasticsearch_documents import Write
from catalog.search.ports import SearchUnavailable

_FIRST_WAIT_S = 0.1
_OLDER, _BUSY, _MISSING = 409, 429, 404


class IndexMissing(SearchUnavailable):
    """The alias that was written to names no index."""


class WriteRefused(RuntimeError):
    """The engine will not take a document as it is; the message names the product."""


def batches(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Cut writes into requests of at most ELASTICSEARCH_BATCH documents and ELASTICSEARCH_BATCH_BYTES."""
    batch: list[Write] = []
    size = 0
    for write in writes:
        if batch and (
            len(batch) >= settings.ELASTICSEARCH_BATCH or size + len(write.body) > settings.ELASTICSEARCH_BATCH_BYTES
        ):
            yield batch
            batch, size = [], 0
        batch.append(write)
        size += len(write.body)
    if batch:
        yield batch


def send_all(writes: Iterable[Write], send_one: Callable[[list[Write]], None]) -> Iterator[list[Write]]:
    """Send writes in batches, ELASTICSEARCH_WRITERS at a time while the next ones are made; yield each that was taken.

    When the engine is slow, no more than those are held: `writes` wait. What `send_one` raises ends it; batches sent
    before may have been taken.
    """
    found = batches(writes)
    first, second = next(found, []), next(found, [])
    if not second:  # one edit needs no thread
        if first:
            send_one(first)
            yield first
        return
    under_way: deque[tuple[list[Write], Future[None]]] = deque()
    with ThreadPoolExecutor(settings.ELASTICSEARCH_WRITERS, thread_name_prefix="search-write") as pool:
        try:
            for batch in chain((first, second), found):
                if len(under_way) >= settings.ELASTICSEARCH_WRITERS:
                    yield _taken(under_way.popleft())
                under_way.append((batch, pool.submit(send_one, batch)))
            yield from map(_taken, under_way)
        finally:
            pool.shutdown(cancel_futures=True)


def _taken(sent: tuple[list[Write], Future[None]]) -> list[Write]:
    batch, outcome = sent
    outcome.result()
    return batch


def send(batch: Sequence[Write], *, target: str, also: str | None = None) -> None:
    """Write a batch to the index behind `target`, and to the one behind `also` as long as that is there.

    A document whose stored version is newer is left as it is.
    Raises: SearchUnavailable when the engine stays too busy, blocks writes or does not answer; IndexMissing;
    WriteRefused.
    """
    waiting = [(alias, write) for write in batch for alias in (target, also) if alias]
    until = time.monotonic() + settings.ELASTICSEARCH_WRITE_PATIENCE_S
    wait_s = _FIRST_WAIT_S
    while waiting := _rejected(waiting, optional=also):
        if time.monotonic() + wait_s > until:
            raise SearchUnavailable(f"Elasticsearch is too busy to take {len(waiting)} writes")
        time.sleep(wait_s * random.uniform(0.5, 1.0))
        wait_s = min(2 * wait_s, 2.0)


def _rejected(waiting: list[tuple[str, Write]], *, optional: str | None) -> list[tuple[str, Write]]:
    """Send once; return what was rejected because the engine is busy."""
    if not waiting:
        return []
    outcomes = _request(waiting)
    return [sent for sent, outcome in zip(waiting, outcomes, strict=True) if _is_busy(sent, outcome, optional)]


def _request(waiting: list[tuple[str, Write]]) -> list[dict[str, Any]]:
    from elasticsearch import ApiError

    lines = [line for alias, write in waiting for line in (_header(alias, write), write.body)]
    with answering():
        try:
            answer = patient_client().bulk(
                operations=cast(Any, lines),  # serialized lines are taken too, which its types do not tell
                require_alias=True,  # never make an index without its mapping
                refresh=settings.ELASTICSEARCH_REFRESH,
                filter_path="errors,items.index.status,items.index.error.type,items.index.error.reason",
            )
        except ApiError as error:
            if error.status_code != _BUSY:
                raise
            return [{"status": _BUSY}] * len(waiting)
    if not answer["errors"]:
        return [{"status": 200}] * len(waiting)
    return [item["index"] for item in answer["items"]]


def _header(alias: str, write: Write) -> bytes:
    return orjson.dumps(
        {
            "index": {
                "_index": alias,
                "_id": write.id,
                "routing": str(write.merchant_id),
                "version": write.version,
                "version_type": "external_gte",
            }
        }
    )


def _is_busy(sent: tuple[str, Write], outcome: dict[str, Any], optional: str | None) -> bool:
    """Say whether to send again; raise what waiting does not mend."""
    alias, write = sent
    status = int(outcome["status"])
    if status < 300 or status == _OLDER:
        return False
    if status == _BUSY:
        return True
    reason = outcome.get("error", {}).get("reason", "no reason given")
    if status == _MISSING:
        if alias == optional:
            return False  # a rebuilt index took its place meanwhile, and `target` is that one now
        raise IndexMissing(f"there is no search index behind {alias}: run manage.py reindex")
    if status == 403 or status >= 500:
        raise SearchUnavailable(f"Elasticsearch refuses writes to {alias}: {reason}")
    raise WriteRefused(f"Elasticsearch does not take product {write.product_id}: {reason}")
