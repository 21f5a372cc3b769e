"""A search engine whose calls are counted, timed and traced; it changes nothing else about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from catalog import observing
from catalog.search.ports import (
    Completions,
    ProductDocument,
    ProductQuery,
    SearchBackend,
    SearchPage,
    SearchUnavailable,
)

R = TypeVar("R")


class ObservedSearch:
    """The engine itself, but for the calls a shopper or the outbox waits for; those are told to `catalog.observing`."""

    def __init__(self, engine: SearchBackend) -> None:
        self.engine = engine
        self._name = type(engine).__name__

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def search(self, query: ProductQuery) -> SearchPage:
        """Return the page of products that match."""
        return self._told("search", lambda: self.engine.search(query))

    def suggest(self, merchant_id: int, prefix: str, *, limit: int = 5) -> list[str]:
        """Return completions of `prefix`."""
        return self._told("suggest", lambda: self.engine.suggest(merchant_id, prefix, limit=limit))

    def complete(self, merchant_id: int, prefix: str, *, limit: int = 5) -> Completions:
        """Return what `prefix` may become."""
        return self._told("complete", lambda: self.engine.complete(merchant_id, prefix, limit=limit))

    def index(self, documents: Iterable[tuple[ProductDocument, int]]) -> int:
        """Write documents."""
        return self._told("index", lambda: self.engine.index(documents))

    def delete(self, product_id: int, *, merchant_id: int, version: int) -> None:
        """Remove a product."""
        self._told("delete", lambda: self.engine.delete(product_id, merchant_id=merchant_id, version=version))

    def _told(self, operation: str, call: Callable[[], R]) -> R:
        watch, outcome = observing.Stopwatch(), "failed"
        with observing.span(f"search.{operation}", {"db.system.name": self._name, "db.operation.name": operation}):
            try:
                result = call()
                outcome = "answered"
                return result
            except SearchUnavailable:
                outcome = "unavailable"
                raise
            finally:
                observing.observe(
                    "search_seconds", watch.seconds, engine=self._name, operation=operation, outcome=outcome
                )
