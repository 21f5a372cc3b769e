"""The Elasticsearch adapter beside the bare official client: searches, autocomplete, a million products."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.benchmarks.beside import beside, figures, timed
from tests.benchmarks.generated import prefixes, products, queries
from tests.harness import console

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from catalog.search.elasticsearch_backend import ElasticsearchSearch
    from catalog.search.ports import ProductDocument, ProductQuery

SHOP = 1
SMALL = 20_000
ASKED, ROUNDS = 150, 5
SEARCH_BAR, COMPLETION_BAR, IMPORT_BAR = 1.5, 1.0, 0.6
CHUNK = 10_000  # products that the product's way in and the bare one take in turn
BARE_EVERY = 4  # of so many chunks the bare client takes one: its rate needs no second million
CLIENTS, ASKED_BY_EACH = 8, 100
_forked: list[ElasticsearchSearch] = []  # what the processes of the clients are born with
_PATIENCE_S = 20.0  # a figure, not a shopper, waits here


def measure() -> dict[str, Any]:
    """Return the figures at 20,000 products."""
    engine = _engine()
    with engine.rebuilding() as target:
        target.index((document, 1) for document in products(SMALL, merchant_id=SHOP))
    asked = queries(ASKED, merchant_id=SHOP, catalog=SMALL)
    return {
        f"elasticsearch_{SMALL}": beside(asked, engine.search, _bare(engine), rounds=ROUNDS, bar=SEARCH_BAR),
        f"elasticsearch_{SMALL}_completion": _completion(engine, asked),
    }


def measure_large(small: int, large: int) -> dict[str, Any]:
    """Return how fast `large` products go in, and what searches cost under many clients there and at `small`."""
    engine = _engine()
    with engine.rebuilding() as target:
        target.index((document, 1) for document in products(small, merchant_id=SHOP))
    before = _under_load(engine, small)
    imported = _import(engine, large)
    after = _under_load(engine, large)
    ratios = {f"{name}_ratio": round(after[name] / before[name], 2) for name in ("p50_ms", "p95_ms", "p99_ms")}
    return {
        f"import_{large}": imported,
        f"clients_{CLIENTS}_at_{small}": before,
        f"clients_{CLIENTS}_at_{large}": {**after, **ratios},
    }


def _engine() -> ElasticsearchSearch:
    from django.conf import settings

    from catalog.search.elasticsearch_backend import ElasticsearchSearch

    settings.ELASTICSEARCH_TIMEOUT_S = _PATIENCE_S
    settings.ELASTICSEARCH_WRITE_TIMEOUT_S = _PATIENCE_S
    return ElasticsearchSearch()


def _bare_client() -> Elasticsearch:
    from django.conf import settings
    from elasticsearch import Elasticsearch

    return Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=_PATIENCE_S)


def _bare(engine: ElasticsearchSearch) -> Callable[[ProductQuery], object]:
    """Return what sends the bodies that the adapter's answers come from, by the official client as it is."""
    client, bodies = _bare_client(), dict[str, Any]()

    def ask(query: ProductQuery) -> object:
        if query.text not in bodies:  # the first round warms up and is not counted
            bodies[query.text] = engine.body_of(query)
        body = bodies[query.text]
        return client.search(index=engine.names.searched, routing=str(SHOP), body=body) if body else None

    return ask


def _completion(engine: ElasticsearchSearch, asked: Sequence[ProductQuery]) -> dict[str, Any]:
    from catalog.search.ports import ProductQuery

    typed = dict(zip(prefixes([query.text for query in asked]), asked, strict=True))
    return beside(
        list(typed),
        lambda prefix: engine.suggest(SHOP, prefix),
        lambda prefix: engine.search(ProductQuery(merchant_id=SHOP, text=typed[prefix].text)),
        rounds=ROUNDS,
        bar=COMPLETION_BAR,
    )


def _import(engine: ElasticsearchSearch, count: int) -> dict[str, Any]:
    """Fill a new index as a reindex does, chunk by chunk; of every so many chunks the bare client takes one too."""
    from tqdm import tqdm

    from catalog.search.elasticsearch_mapping import index_body

    client, bare_index = _bare_client(), f"{engine.names.prefix}-bare"
    client.indices.create(index=bare_index, **index_body())
    ours = bare = taken = bare_taken = 0.0
    try:
        with engine.rebuilding() as target, tqdm(total=count, unit=" products") as bar:
            for number, first in enumerate(range(1, count + 1, CHUNK)):
                documents = list(products(min(CHUNK, count - first + 1), merchant_id=SHOP, first=first))
                ours += timed(lambda each: target.index((document, 1) for document in each), documents) / 1000
                taken += len(documents)
                if number % BARE_EVERY == 0:
                    actions = list(_actions(documents, bare_index))
                    bare += timed(lambda each: _bulk(client, each), actions) / 1000
                    bare_taken += len(actions)
                bar.update(len(documents))
        held = _counted(client, engine.names.searched)
    finally:
        client.indices.delete(index=bare_index)
    if held != count:
        raise ValueError(f"{count} products went in, {held} stand in the index")
    rate, bare_rate = taken / ours, bare_taken / bare
    return {
        "products": count,
        "products_per_s": round(rate),
        "bare_products_per_s": round(bare_rate),
        "ratio": round(rate / bare_rate, 2),
        "bar": IMPORT_BAR,
        "holds": rate / bare_rate >= IMPORT_BAR,
    }


def _actions(documents: Sequence[ProductDocument], index: str) -> Iterator[dict[str, Any]]:
    """Yield what the adapter sends for these products, as the official helper takes it."""
    from catalog.search.elasticsearch_documents import written

    for write in (written(document, 1) for document in documents):
        place = {"_index": index, "_id": write.id, "routing": str(write.merchant_id)}
        yield {**place, "_source": json.loads(write.body)}


def _bulk(client: Elasticsearch, actions: Sequence[dict[str, Any]]) -> None:
    from elasticsearch.helpers import parallel_bulk

    for taken, answer in parallel_bulk(client, actions):
        if not taken:
            raise ValueError(f"the bare client's write was refused: {answer}")


def _counted(client: Elasticsearch, alias: str) -> int:
    client.indices.refresh(index=alias)
    return int(client.count(index=alias)["count"])


def _under_load(engine: ElasticsearchSearch, catalog: int) -> dict[str, Any]:
    """Ask from many processes at once; return percentiles of all answers and how many there were a second."""
    asked = queries(CLIENTS * ASKED_BY_EACH, merchant_id=SHOP, catalog=catalog)
    console.note(f"{CLIENTS} clients at {catalog:,} products")
    for query in asked[:ASKED]:
        engine.search(query)  # the words are learned and the node is warm before anybody is timed
    parts = [asked[start : start + ASKED_BY_EACH] for start in range(0, len(asked), ASKED_BY_EACH)]
    started = time.perf_counter()
    # Forked, so that each has the engine with the words it learned; the client is made anew in every process.
    _forked[:] = [engine]
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        times = list(itertools.chain.from_iterable(pool.map(_client, parts, chunksize=1)))
    return {**figures(times), "answers_per_s": round(len(times) / (time.perf_counter() - started), 1)}


def _client(asked: Sequence[ProductQuery]) -> list[float]:
    (engine,) = _forked
    return [timed(engine.search, query) for query in asked]
