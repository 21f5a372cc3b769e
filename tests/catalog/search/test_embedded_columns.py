"""Facets are counted from memory: they must be what the file says, whoever wrote it."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from catalog.search.embedded import EmbeddedSearch
from catalog.search.ports import ProductDocument, ProductQuery

FACETS = ("category", "brand", "price", "in_stock", "colour")
QUERY = ProductQuery(merchant_id=1, text="serum", currency="USD", facets=FACETS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "search.sqlite3"


def document(number: int, *, merchant_id: int = 1, **fields: object) -> ProductDocument:
    drawn = random.Random(str((number, sorted(fields.items()))))
    made = ProductDocument(
        product_id=number,
        merchant_id=merchant_id,
        title=f"Serum {number}",
        category_path=drawn.choice(("beauty/serum", "beauty/oil", "")),
        brand=drawn.choice(("Nehil", "Kamar", "")),
        attributes={"colour": drawn.sample(("Red", "red", "Blue", "Ivory"), 2)},
        prices={"USD": drawn.randrange(100, 9_000)},
        in_stock=drawn.random() < 0.5,
    )
    return replace(made, **fields)


def counted(documents: list[ProductDocument]) -> dict[str, dict[str, int]]:
    """Return brand, category and stock by hand."""
    return {
        "brand": dict(Counter(each.brand for each in documents if each.brand)),
        "category": dict(Counter(each.category_path for each in documents if each.category_path)),
        "in_stock": dict(Counter("true" if each.in_stock else "false" for each in documents)),
    }


def test_facets_are_what_another_process_wrote(path: Path) -> None:
    searching, writing = EmbeddedSearch(path), EmbeddedSearch(path)
    held = {number: document(number) for number in range(1, 40)}
    writing.index((each, 1) for each in held.values())
    assert searching.search(QUERY).facets["brand"] == counted(list(held.values()))["brand"]

    for version, number in enumerate((3, 7, 50, 51), 2):
        held[number] = document(number, brand="Lomi", in_stock=True)
        writing.index([(held[number], version)])
    writing.delete(9, merchant_id=1, version=9)
    del held[9]

    page = searching.search(QUERY)
    assert {name: page.facets[name] for name in ("brand", "category", "in_stock")} == counted(list(held.values()))
    assert page.total == len(held)
    assert sum(page.facets["price"].values()) == len(held)


def test_a_price_and_a_value_that_are_gone_are_counted_no_more(path: Path) -> None:
    engine = EmbeddedSearch(path)
    engine.index([(document(1, prices={"USD": 500}, attributes={"colour": ["red"]}), 1)])
    assert engine.search(QUERY).facets["colour"] == {"red": 1}

    engine.index([(document(1, prices={}, attributes={}), 2)])

    assert (engine.search(QUERY).facets["price"], engine.search(QUERY).facets["colour"]) == ({}, {})


def test_spellings_of_a_value_are_one_and_shown_as_the_first_of_the_products_that_match(path: Path) -> None:
    engine = EmbeddedSearch(path)
    engine.index(
        [
            (document(1, attributes={"colour": ["red"]}), 1),
            (document(2, attributes={"colour": ["Red"]}, brand="Other"), 1),
        ]
    )

    assert engine.search(QUERY).facets["colour"] == {"Red": 2}
    assert engine.search(replace(QUERY, excluded_product_ids=(2,))).facets["colour"] == {"red": 1}


def test_a_file_made_anew_is_read_anew(path: Path) -> None:
    engine = EmbeddedSearch(path)
    engine.index([(document(1, brand="Nehil"), 1)])
    assert engine.search(QUERY).facets["brand"] == {"Nehil": 1}

    with engine._store.writing() as connection:  # what a newer schema does
        connection.execute("DELETE FROM writes")
        connection.execute("INSERT INTO writes VALUES (random(), 0)")
    other = EmbeddedSearch(path)
    other.index([(document(1, brand="Kamar"), 2)])

    assert engine.search(QUERY).facets["brand"] == {"Kamar": 1}


def test_shops_searched_least_recently_make_room(path: Path, settings: Settings) -> None:
    settings.SEARCH_COLUMNS_PRODUCTS = 5
    engine = EmbeddedSearch(path)
    for shop in (1, 2, 3):
        engine.index([(document(10 * shop + number, merchant_id=shop), 1) for number in range(2)])

    for shop in (1, 2, 1, 3):
        assert engine.search(replace(QUERY, merchant_id=shop)).total == 2

    assert list(engine._columns._held) == [1, 3]


def test_the_index_of_values_is_used_where_nothing_else_narrows(path: Path) -> None:
    engine = EmbeddedSearch(path)
    engine.index([(document(number), 1) for number in range(1, 30)])
    browsing = replace(QUERY, text="", attributes={"colour": ["blue"]}, facets=())

    found = {hit.product_id for hit in engine.search(replace(browsing, limit=100)).hits}

    assert found == {number for number in range(1, 30) if "Blue" in document(number).attributes["colour"]}
    with sqlite3.connect(path) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT product_id FROM attributes WHERE name = 'colour' AND value IN ('blue')"
        ).fetchall()
    assert "attributes_by_value" in str(plan)


def test_a_filter_that_comes_again_finds_what_was_written_since(path: Path) -> None:
    engine = EmbeddedSearch(path)
    engine.index([(document(number, in_stock=number % 3 > 0), 1) for number in range(1, 40)])
    asked = replace(QUERY, in_stock_only=True, limit=100)

    def found() -> set[int]:
        return {hit.product_id for hit in engine.search(asked).hits}

    before = [found() for _ in range(3)]  # joined, worked out, remembered
    EmbeddedSearch(path).index([(document(1, in_stock=False), 2), (document(3, in_stock=True), 2)])
    after = [found() for _ in range(3)]

    assert before == [{number for number in range(1, 40) if number % 3}] * 3
    assert after == [(before[0] - {1}) | {3}] * 3


def test_a_filter_that_leaves_little_is_joined(path: Path) -> None:
    engine = EmbeddedSearch(path)
    engine.index([(document(number, in_stock=number == 7), 1) for number in range(1, 40)])

    found = [engine.search(replace(QUERY, in_stock_only=True)).hits for _ in range(3)]

    assert [[hit.product_id for hit in hits] for hits in found] == [[7]] * 3
    assert [held for held in engine._filters._held.values() if held] == []
