from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import BadRequestError
from pytest_django.fixtures import Settings

from catalog.search import elasticsearch_bulk as bulk
from catalog.search import elasticsearch_indices as indices
from catalog.search.elasticsearch_backend import ElasticsearchSearch
from catalog.search.elasticsearch_client import patient_client
from catalog.search.elasticsearch_documents import Write, attribute_key, written
from catalog.search.elasticsearch_query import body_of, completion_body, match_all
from catalog.search.fingerprints import fingerprint
from catalog.search.ports import ProductDocument, ProductQuery, SearchUnavailable
from catalog.search.reading import read
from catalog.search.vocabulary import Vocabulary
from tests.catalog.search.answers import answering_with

SHOP = 1
QUERY = ProductQuery(merchant_id=SHOP, text="serum")


def document(product_id: int, title: str = "Serum", **fields: Any) -> ProductDocument:
    return ProductDocument(product_id=product_id, merchant_id=SHOP, title=title, **fields)


def found(engine: ElasticsearchSearch, text: str = "") -> list[int]:
    return sorted(hit.product_id for hit in engine.search(ProductQuery(merchant_id=SHOP, text=text, limit=100)).hits)


def mapping_of(engine: ElasticsearchSearch) -> dict[str, Any]:
    (only,) = patient_client().indices.get_mapping(index=engine.names.searched).values()
    return dict(only["mappings"]["properties"])


# --- what is sent, without an engine ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        QUERY,
        ProductQuery(merchant_id=SHOP),
        ProductQuery(merchant_id=SHOP, text="精華 serum", product_ids=(1,), excluded_attributes={"a": ["b"]}),
    ],
)
def test_every_search_is_limited_to_one_merchant(query: ProductQuery) -> None:
    body = body_of(query, match_all(read(query.text, Vocabulary({}, 0))) if query.text else None)

    assert {"term": {"merchant_id": "1"}} in body["query"]["bool"]["filter"]


def test_every_completion_is_limited_to_one_merchant() -> None:
    body = completion_body(SHOP, "se")

    assert body is not None
    assert body["query"]["bool"]["filter"] == [{"term": {"merchant_id": "1"}}]


def test_a_pair_of_characters_is_one_question_not_two() -> None:
    clause = match_all(read("精華", Vocabulary({}, 0)))

    assert "operator" not in str(clause)


@pytest.mark.parametrize(
    ("name", "key"), [("skin_types", "skin_types"), ("a.b", "a%2Eb"), ("色", "%E8%89%B2"), ("*", "%2A"), ("", "%")]
)
def test_an_attributes_name_is_a_harmless_key(name: str, key: str) -> None:
    assert attribute_key(name) == key


def test_batches_are_bounded_by_number_and_by_size(settings: Settings) -> None:
    settings.ELASTICSEARCH_BATCH, settings.ELASTICSEARCH_BATCH_BYTES = 3, 10
    writes = [Write(n, SHOP, 1, b"x" * size) for n, size in enumerate((1, 1, 1, 1, 9, 30, 1))]

    assert [[write.product_id for write in batch] for batch in bulk.batches(writes)] == [[0, 1, 2], [3, 4], [5], [6]]


def test_the_next_batches_are_made_while_one_is_sent_and_no_more_than_that(settings: Settings) -> None:
    settings.ELASTICSEARCH_BATCH, settings.ELASTICSEARCH_WRITERS = 2, 2
    made: list[int] = []
    gate = threading.Semaphore(0)
    all_waited_for = threading.Event()

    def writes() -> Iterator[Write]:
        for number in range(20):
            made.append(number)
            yield Write(number, SHOP, 1, b"x")

    def send_one(batch: list[Write]) -> None:
        all_waited_for.set()
        assert gate.acquire(timeout=10)

    taken: list[int] = []

    def consume() -> None:
        taken.extend(write.product_id for batch in bulk.send_all(writes(), send_one) for write in batch)

    consumer = threading.Thread(target=consume)
    consumer.start()
    assert all_waited_for.wait(10)
    consumer.join(0.3)
    assert len(made) == 7  # two batches under way, one ready, one more looked at to see where that ends
    gate.release(20)
    consumer.join(10)

    assert taken == list(range(20))


def test_what_one_batch_raises_ends_the_writing(settings: Settings) -> None:
    settings.ELASTICSEARCH_BATCH = 1

    def send_one(batch: list[Write]) -> None:
        if batch[0].product_id == 2:
            raise SearchUnavailable("so it is")

    with pytest.raises(SearchUnavailable, match="so it is"):
        list(bulk.send_all((Write(number, SHOP, 1, b"x") for number in range(1_000)), send_one))


# --- an engine that does not answer, is busy or refuses --------------------------------------------------------------


@pytest.fixture
def unreachable(settings: Settings) -> ElasticsearchSearch:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    return ElasticsearchSearch("nobody")


def test_an_engine_that_is_not_there_is_unavailable_not_empty(unreachable: ElasticsearchSearch) -> None:
    calls = (
        lambda: unreachable.search(QUERY),
        lambda: unreachable.suggest(SHOP, "se"),
        lambda: unreachable.explain(QUERY, 1),
        lambda: unreachable.product_ids(SHOP),
        lambda: unreachable.fingerprints(SHOP),
        lambda: unreachable.index([(document(1), 1)]),
        lambda: unreachable.delete(1, merchant_id=SHOP, version=1),
        lambda: unreachable.prepare(),
        lambda: unreachable.clear(),
        lambda: unreachable.clear(SHOP),
        lambda: unreachable.rebuilding().__enter__(),
    )
    for call in calls:
        with pytest.raises(SearchUnavailable, match="does not answer"):
            call()


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_an_engine_that_says_it_cannot_is_unavailable(settings: Settings, status: int) -> None:
    with answering_with([(status, {"error": {"type": "trouble"}})]) as node:
        settings.ELASTICSEARCH_URL = node.url

        with pytest.raises(SearchUnavailable, match=str(status)):
            ElasticsearchSearch("x").search(QUERY)


@pytest.mark.parametrize(
    ("status", "error"), [(404, SearchUnavailable), (503, SearchUnavailable), (400, BadRequestError)]
)
def test_one_of_two_searches_that_failed_is_not_left_out(
    settings: Settings, status: int, error: type[Exception]
) -> None:
    good = {"hits": {"hits": [], "total": {"value": 0}}}
    words = {**good, "aggregations": {"words": {"buckets": []}}}
    bad = {"error": {"type": "trouble", "reason": "so it is"}, "status": status}
    with answering_with([(200, words), (200, good), (status, bad)]) as node:
        settings.ELASTICSEARCH_URL = node.url

        with pytest.raises(error, match="trouble"):
            ElasticsearchSearch("x").search(replace(QUERY, text="two words"))


def test_a_slow_engine_is_given_up_after_the_timeout_and_asked_once(settings: Settings) -> None:
    with answering_with([(200, {})], delay_s=1.0) as node:
        settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_TIMEOUT_S = node.url, 0.2

        engine = ElasticsearchSearch("x")
        with pytest.raises(SearchUnavailable, match="does not answer"):
            engine.search(QUERY)  # the first one of a process also asks for the words of the catalog
        node.asked.clear()
        with pytest.raises(SearchUnavailable, match="does not answer"):
            engine.search(QUERY)

    assert len(node.asked) == 1


def test_what_is_no_elasticsearch_is_unavailable(settings: Settings) -> None:
    with answering_with([(200, {"hits": {"hits": [], "total": {"value": 0}}})], product="") as node:
        settings.ELASTICSEARCH_URL = node.url

        with pytest.raises(SearchUnavailable, match="no Elasticsearch"):
            ElasticsearchSearch("x").search(QUERY)


def outcome(*statuses: int) -> tuple[int, dict[str, Any]]:
    items = [{"index": {"status": each, "error": {"type": "t", "reason": "so it is"}}} for each in statuses]
    return 200, {"errors": any(each >= 300 for each in statuses), "items": items}


def sent_ids(body: bytes) -> list[str]:
    return [line.split(b'"_id":"')[1].split(b'"')[0].decode() for line in body.splitlines() if b'"_id"' in line]


def send(statuses: Sequence[tuple[int, dict[str, Any]]], settings: Settings) -> list[bytes]:
    with answering_with(list(statuses)) as node:
        settings.ELASTICSEARCH_URL = node.url
        bulk.send([written(document(n), 1) for n in (1, 2, 3)], target="x", also=None)
    return [body for _, body in node.asked]


def test_only_what_was_rejected_is_sent_again(settings: Settings) -> None:
    bodies = send([outcome(201, 429, 429), outcome(201, 429), outcome(201)], settings)

    assert [sent_ids(body) for body in bodies] == [["1-1", "1-2", "1-3"], ["1-2", "1-3"], ["1-3"]]


def test_a_busy_engine_is_waited_for(settings: Settings) -> None:
    bodies = send([(429, {"error": {"type": "busy"}}), outcome(201, 201, 201)], settings)

    assert [len(sent_ids(body)) for body in bodies] == [3, 3]


def test_a_write_gives_up_when_the_engine_stays_busy(settings: Settings) -> None:
    settings.ELASTICSEARCH_WRITE_PATIENCE_S = 0.3

    with pytest.raises(SearchUnavailable, match="too busy to take 3"):
        send([outcome(429, 429, 429)], settings)


def test_an_older_version_is_no_error(settings: Settings) -> None:
    assert len(send([outcome(409, 201, 409)], settings)) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, SearchUnavailable), (503, SearchUnavailable), (404, bulk.IndexMissing), (400, bulk.WriteRefused)],
)
def test_what_waiting_does_not_mend_is_told(settings: Settings, status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        send([outcome(201, status, 201)], settings)


# --- the real engine -------------------------------------------------------------------------------------------------


@pytest.fixture
def engine(elasticsearch: ElasticsearchSearch) -> Iterator[ElasticsearchSearch]:
    yield elasticsearch
    elasticsearch.clear()


@pytest.mark.engine
def test_a_missing_index_is_unavailable_until_something_is_written(engine: ElasticsearchSearch) -> None:
    indices.remove_all(engine.names)

    with pytest.raises(SearchUnavailable, match=r"run manage\.py reindex"):
        engine.search(QUERY)
    with pytest.raises(SearchUnavailable):
        engine.product_ids(SHOP)

    engine.index([(document(1), 1)])
    assert found(engine) == [1]
    assert mapping_of(engine)["merchant_id"] == {"type": "keyword"}


@pytest.mark.engine
@pytest.mark.parametrize("make", [lambda engine: engine.prepare(), lambda engine: engine.clear(SHOP)])
def test_an_empty_index_is_made_when_asked_for(
    engine: ElasticsearchSearch, make: Callable[[ElasticsearchSearch], None]
) -> None:
    indices.remove_all(engine.names)

    make(engine)

    assert found(engine) == []


@pytest.mark.engine
def test_processes_that_begin_at_once_make_one_index(engine: ElasticsearchSearch) -> None:
    indices.remove_all(engine.names)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: engine.index([(document(n), 1)]), range(1, 9)))

    assert found(engine) == list(range(1, 9))
    assert len(patient_client().indices.get(index=engine.names.indices)) == 1


@pytest.mark.engine
def test_blocked_writes_are_unavailable_and_searches_go_on(engine: ElasticsearchSearch) -> None:
    engine.index([(document(1), 1)])
    patient_client().indices.put_settings(index=engine.names.searched, settings={"index.blocks.write": True})

    with pytest.raises(SearchUnavailable, match="refuses writes"):
        engine.index([(document(2), 1)])

    assert found(engine) == [1]


@pytest.mark.engine
def test_searches_and_writes_go_on_while_an_index_is_rebuilt(engine: ElasticsearchSearch) -> None:
    shop = {n: document(n) for n in range(1, 201)}
    engine.index((each, 1) for each in shop.values())
    stop, failures, versions = threading.Event(), [], dict.fromkeys(shop, 1)

    def search() -> None:
        while not stop.is_set():
            if engine.search(replace(QUERY, text="")).total != len(shop):
                failures.append("a product was not there")

    def write() -> None:
        for step in range(2, 10_000):
            number = step % len(shop) + 1
            shop[number], versions[number] = document(number, f"Balm {step}"), step
            engine.index([(shop[number], step)])
            if stop.is_set():
                return

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(search), threads.submit(write)]
        try:
            for _ in range(3):
                with engine.rebuilding() as target:
                    for start in range(1, 201, 20):  # version before content, as in catalog.products.indexing
                        seen = {n: versions[n] for n in range(start, start + 20)}
                        target.index((shop[n], version) for n, version in seen.items())
        finally:
            stop.set()
        for each in running:
            each.result(timeout=30)

    assert failures == []
    assert engine.fingerprints(SHOP) == {n: fingerprint(each) for n, each in shop.items()}
    assert len(patient_client().indices.get(index=engine.names.indices)) == 1


@pytest.mark.engine
def test_an_index_that_is_built_refreshes_only_when_asked_until_it_is_searched(engine: ElasticsearchSearch) -> None:
    def interval(name: str) -> str:
        (only,) = patient_client().indices.get_settings(index=name).values()
        return str(only["settings"]["index"]["refresh_interval"])

    with engine.rebuilding() as target:
        target.index([(document(1), 1)])
        assert interval(engine.names.being_built) == "-1"
        assert target.product_ids(SHOP) == {1}

    assert interval(engine.names.searched) == "1s"


@pytest.mark.engine
def test_a_rebuild_that_fails_leaves_the_old_index(engine: ElasticsearchSearch) -> None:
    engine.index([(document(1), 1)])

    with pytest.raises(ZeroDivisionError), engine.rebuilding() as target:
        target.index((document(1 // n), n) for n in (1, 0))

    assert found(engine) == [1]
    assert len(patient_client().indices.get(index=engine.names.indices)) == 1


@pytest.mark.engine
def test_a_rebuild_that_was_broken_off_is_begun_anew(engine: ElasticsearchSearch) -> None:
    engine.index([(document(1), 1)])
    broken = engine.rebuilding()
    broken.__enter__().index([(document(3), 1)])

    with engine.rebuilding() as target:
        target.index([(document(2), 1)])
    assert found(engine) == [2]

    with pytest.raises(SearchUnavailable, match="another reindex"):
        broken.__exit__(None, None, None)
    assert found(engine) == [2]
    assert len(patient_client().indices.get(index=engine.names.indices)) == 1


@pytest.mark.engine
def test_unknown_fields_are_refused_and_named(engine: ElasticsearchSearch) -> None:
    with pytest.raises(bulk.WriteRefused, match="product 1"):
        bulk.send([Write(1, SHOP, 1, b'{"surprise": 1}')], target=engine.names.searched)


@pytest.mark.engine
def test_many_products_are_listed_page_by_page(engine: ElasticsearchSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.search.elasticsearch_scan._PAGE", 7)
    engine.index((document(n), 1) for n in range(1, 31))
    engine.delete(30, merchant_id=SHOP, version=2)

    assert engine.product_ids(SHOP) == set(range(1, 30))
