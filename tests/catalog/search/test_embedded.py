from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from catalog.search.backend import backend
from catalog.search.elasticsearch_backend import ElasticsearchSearch
from catalog.search.embedded import EmbeddedSearch
from catalog.search.facet_ranges import price_step, range_name
from catalog.search.observed import ObservedSearch
from catalog.search.ports import ProductDocument, ProductQuery, SearchUnavailable


def test_backend_is_the_one_that_settings_name_and_one_object() -> None:
    wanted = ElasticsearchSearch if settings.ELASTICSEARCH_URL else EmbeddedSearch

    found = backend()

    assert isinstance(found, ObservedSearch)
    assert isinstance(found.engine, wanted)
    assert backend() is found


@override_settings(SEARCH_BACKEND="catalog.search.ports.ProductQuery")
def test_backend_follows_settings() -> None:
    with pytest.raises(TypeError):
        backend()


def test_a_file_that_is_no_index_is_unavailable_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite3"
    path.write_bytes(b"this is not a database, and long enough to be refused as one" * 20)

    with pytest.raises(SearchUnavailable, match=r"search\.sqlite3"):
        EmbeddedSearch(path).search(ProductQuery(merchant_id=1, text="serum"))


def test_an_index_of_another_version_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite3"
    EmbeddedSearch(path).index([(ProductDocument(product_id=1, merchant_id=1, title="Serum"), 1)])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")

    assert EmbeddedSearch(path).product_ids(1) == set()


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = EmbeddedSearch(tmp_path / "search.sqlite3")
    good = ProductDocument(product_id=1, merchant_id=1, title="Serum")
    bad = ProductDocument(product_id=2, merchant_id=1, title="Balm", prices={"TWD": 10**30})

    with pytest.raises(OverflowError):
        engine.index([(good, 1), (bad, 1)])

    assert engine.product_ids(1) == set()


def test_a_reader_is_not_blocked_by_a_writer(tmp_path: Path) -> None:
    engine = EmbeddedSearch(tmp_path / "search.sqlite3")
    engine.index([(ProductDocument(product_id=1, merchant_id=1, title="Serum"), 1)])
    found: list[int] = []

    with engine._store.writing() as connection:
        connection.execute("DELETE FROM documents")
        reader = threading.Thread(
            target=lambda: found.append(engine.search(ProductQuery(merchant_id=1, text="serum")).total)
        )
        reader.start()
        reader.join(timeout=5)

    assert found == [1]
    assert engine.search(ProductQuery(merchant_id=1, text="serum")).total == 0


@pytest.mark.parametrize(
    ("lowest", "highest", "step"), [(0, 0, 1), (0, 5, 1), (0, 6, 2), (0, 100, 20), (20_000, 108_000, 20_000)]
)
def test_price_ranges_are_round_and_few(lowest: int, highest: int, step: int) -> None:
    assert price_step(lowest, highest) == step
    assert highest // step - lowest // step <= 6


def test_range_name_is_half_open() -> None:
    assert range_name(2, 500) == "1000-1500"
