"""The Elasticsearch client: made once a process, with short timeouts; its errors become SearchUnavailable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from catalog.search.ports import SearchUnavailable

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

# The engine is there but cannot serve: refused, blocked, busy, or its index is gone. 400 is our own mistake.
_UNAVAILABLE = frozenset({401, 403, 404, 408, 429})


def client() -> Elasticsearch:
    """Return this process's client, with the timeout of a search."""
    return _client(os.getpid(), settings.ELASTICSEARCH_URL)


def patient_client() -> Elasticsearch:
    """Return this process's client with the timeout of a write."""
    return client().options(request_timeout=settings.ELASTICSEARCH_WRITE_TIMEOUT_S)


@contextmanager
def answering() -> Iterator[None]:
    """Run requests inside.

    Raises: SearchUnavailable when the engine does not answer in time, or says that it cannot.
    """
    from elasticsearch import ApiError, TransportError, UnsupportedProductError

    try:
        yield
    except TransportError as error:
        raise SearchUnavailable(f"Elasticsearch does not answer: {error.message}") from error
    except UnsupportedProductError as error:
        raise SearchUnavailable(f"ELASTICSEARCH_URL is no Elasticsearch: {error.message}") from error
    except ApiError as error:
        if _is_unavailable(error.status_code):
            raise SearchUnavailable(_told(error.status_code, error.message)) from error
        raise


def _told(status: int, message: str) -> str:
    remedy = "; there is no search index: run manage.py reindex" if status == 404 else ""
    return f"Elasticsearch cannot answer: {status} {message}{remedy}"


def _is_unavailable(status: int) -> bool:
    return status in _UNAVAILABLE or status >= 500


@lru_cache(maxsize=4)
def _client(_pid: int, url: str) -> Elasticsearch:
    """Make a client; one for each process, as a forked one must not share its parent's sockets."""
    # Here: a second of CPU that `manage.py check` need not spend.
    from elasticsearch import Elasticsearch, OrjsonSerializer

    hosts = [host.strip() for host in url.split(",") if host.strip()]
    return Elasticsearch(
        hosts,
        serializer=OrjsonSerializer(),  # an answer holds the terms of a hundred products
        api_key=settings.ELASTICSEARCH_API_KEY or None,
        request_timeout=settings.ELASTICSEARCH_TIMEOUT_S,
        # Each other node is tried once; the same one is not asked again while a shopper waits.
        max_retries=len(hosts) - 1,
        retry_on_timeout=False,
        retry_on_status=(),
        connections_per_node=max(10, settings.DATABASE_THREADS + 2),
    )
