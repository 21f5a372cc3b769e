"""Queries written by hand for the demo shops, as tests/harness/shop_queries.py tells them.

Files whose name ends in `_sealed` are kept back while rules are written; SHOP_QUERIES=all asks them too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import opencc
import pytest
from django.conf import settings as django_settings
from django.db import transaction

from catalog.search.backend import backend
from shop_assistant import demo, demo_shop
from tests.harness.shop_queries import (
    SHOPS,
    Answers,
    ShopQuery,
    answers_of,
    read_shop_queries,
    share_right,
    unlike_twins,
)

pytestmark = pytest.mark.django_db
BAR = 0.95  # of each file
DATA = Path(__file__).parents[2] / "data"
FILES = [
    path
    for path in sorted(DATA.glob("shop_queries*.jsonl"))
    if os.environ.get("SHOP_QUERIES") == "all" or not path.stem.endswith("_sealed")
]


@pytest.fixture(scope="module", params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.engine)])
def shops(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Both demo shops on one engine, in a transaction that is taken back at the end."""
    if request.param == "elasticsearch" and not django_settings.ELASTICSEARCH_URL:
        pytest.skip("TEST_ELASTICSEARCH_URL is not set; scripts/elasticsearch starts a node and prints its address")
    name = {"embedded": "embedded.EmbeddedSearch", "elasticsearch": "elasticsearch_backend.ElasticsearchSearch"}
    with pytest.MonkeyPatch.context() as patched, django_db_blocker.unblock(), transaction.atomic():
        patched.setattr(django_settings, "SEARCH_BACKEND", f"catalog.search.{name[request.param]}")
        for slug in SHOPS:
            demo_shop.make(demo.DATA / slug)
        yield request.param
        backend().clear()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _fresh_index() -> None:
    """Keep the index between the tests of this module: the shops are made once."""


@pytest.fixture(scope="module")
def answers(shops: str) -> Answers:
    """The answer to every query."""
    return answers_of(read_shop_queries(FILES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shoppers_see_what_they_ask_for(path: Path, answers: Answers) -> None:
    queries = read_shop_queries([path])

    wrong = {each.query: told for each in queries if (told := each.misses(answers[each.id]))}

    assert share_right(queries, answers) >= BAR, wrong


def test_traditional_ranks_exactly_as_its_simplified_twin(answers: Answers) -> None:
    queries = read_shop_queries(FILES)

    assert [each for each in queries if each.twin and each.twin in answers]
    assert unlike_twins(queries, answers) == []


def test_every_query_ranks_alike_in_either_script(shops: str, answers: Answers) -> None:
    queries = read_shop_queries(FILES)

    for script in ("t2s", "s2t"):
        converter = opencc.OpenCC(script)
        converted = [replace(each, query=converter.convert(each.query)) for each in queries]
        found = answers_of(converted)
        assert [each.query for each in converted if found[each.id] != answers[each.id]] == []


def test_an_answer_is_judged_by_all_it_must_and_must_not_hold() -> None:
    expect = {"first": ["a", "b"], "top": 2, "all_of": ["a"], "none_of": ["x"], "within": 3}
    query = ShopQuery("1", "meis-shelf", "en", "use", "query", "", "", expect)

    assert query.misses(["b", "a", "c", "x"]) == []
    assert query.misses(["c", "b", "a"]) == ["first is c, not one of a, b", "a is not among the first 2"]
    assert query.misses(["a", "x"]) == ["x is among the first 3"]
    assert query.misses([]) == ["first is nothing, not one of a, b", "a is not among the first 2"]
