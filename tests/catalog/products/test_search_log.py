from __future__ import annotations

import sqlite3
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.worker import drain
from catalog.products import search_log
from catalog.products.indexing import reindex
from catalog.products.search_clicks import clicked, clicked_on_page
from catalog.products.search_log import Asker, shopper_key
from catalog.products.search_log_models import SearchClick, SearchLog
from catalog.products.selectors import ProductPage, search_products
from catalog.search.ports import ProductQuery
from conversations.funnel.models import FunnelEvent
from tests.factories import make_creator, make_merchant, make_product, make_shopper


def sold(merchant: Merchant, *titles: str) -> list[int]:
    ids = []
    for title in titles:
        slug = title.lower().replace(" ", "-")
        ids.append(make_product(merchant, title=title, slug=slug, external_id=slug).pk)
    reindex(merchant=merchant)
    return ids


def searched(merchant: Merchant, text: str, *, asked_by: Asker | None = None, **fields: Any) -> ProductPage:
    query = ProductQuery(merchant_id=merchant.pk, text=text, **fields)
    return search_products(query=query, language="en", asked_by=asked_by or Asker("shop"))


def test_a_search_is_logged_with_what_it_asked_and_what_it_showed(in_scope: Merchant, settings: Settings) -> None:
    ids = sold(in_scope, "Rose serum", "Sage serum", "Balm")
    shopper = make_shopper(in_scope)

    page = searched(
        in_scope, " SERUM ", asked_by=Asker("shop", shopper.pk), currency="TWD", price_max=200000, in_stock_only=True
    )

    row = SearchLog.objects.get()
    assert page.search_id == row.pk.hex
    assert (row.query, row.query_key, row.language, row.surface) == ("SERUM", "serum", "en", "shop")
    assert row.filters == {"price_max": 200000, "currency": "TWD", "in_stock": True}
    assert (row.total, row.shown, row.first_place) == (2, ids[:2], 1)
    engine = settings.SEARCH_BACKEND.rpartition(".")[2]
    assert (row.engine, row.sort, row.is_relaxed, row.corrected) == (engine, "relevance", False, "")
    assert row.shopper_key == shopper_key(merchant_id=in_scope.pk, shopper_id=shopper.pk)
    assert str(shopper.pk) not in row.shopper_key


def test_a_later_page_knows_its_places(in_scope: Merchant) -> None:
    sold(in_scope, *(f"Serum {n}" for n in range(5)))

    searched(in_scope, "serum", limit=2, offset=2)

    assert SearchLog.objects.get().first_place == 3


def test_zero_results_and_corrections_are_told(in_scope: Merchant) -> None:
    sold(in_scope, *(f"Moisturizer {n}" for n in range(12)))

    searched(in_scope, "keyboard")
    searched(in_scope, "moisturzer")

    assert list(SearchLog.objects.order_by("occurred_at").values_list("total", "corrected")) == [
        (0, ""),
        (12, "moisturizer"),
    ]


def test_looking_around_and_work_of_the_house_are_not_logged(in_scope: Merchant, settings: Settings) -> None:
    sold(in_scope, "Rose serum")

    searched(in_scope, "  ")
    search_products(query=ProductQuery(merchant_id=in_scope.pk, text="serum"), language="en")
    settings.SEARCH_LOG = False
    assert searched(in_scope, "serum").search_id == ""

    assert SearchLog.objects.count() == 0


def test_an_address_typed_into_the_search_box_is_not_kept(in_scope: Merchant) -> None:
    searched(in_scope, "order of lin.mei@example.com please")

    assert SearchLog.objects.get().query == "order of @ please"


def test_a_search_costs_one_statement_more(in_scope: Merchant) -> None:
    sold(in_scope, "Rose serum")
    query = ProductQuery(merchant_id=in_scope.pk, text="serum")
    search_products(query=query, language="en")  # the first one learns the names in the catalog

    with CaptureQueriesContext(connection) as without:
        search_products(query=query, language="en")
    with CaptureQueriesContext(connection) as logged:
        search_products(query=query, language="en", asked_by=Asker("shop"))

    more = [each["sql"].partition(" ")[0] for each in logged.captured_queries[len(without) :]]
    assert more == ["SAVEPOINT", "INSERT", "RELEASE"]  # the savepoint is for the transaction that a test is in


@pytest.mark.django_db(transaction=True)
def test_a_search_does_not_wait_for_a_long_write(settings: Settings) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's inserts wait for nobody")
    merchant = make_merchant()
    with merchant_scope(merchant):
        name = str(connection.settings_dict["NAME"])
        other = sqlite3.connect(name, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        started = time.perf_counter()
        page = searched(merchant, "serum")
        took_s = time.perf_counter() - started
        other.execute("ROLLBACK")
        other.close()

        assert page.search_id == ""
        assert took_s < 1
        assert searched(merchant, "serum").search_id != ""
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA busy_timeout").fetchone() == (30_000,)


def test_a_click_is_kept_once_with_its_place(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Rose serum", "Sage serum", "Balm")
    search_id = searched(in_scope, "Serum").search_id

    def opened(product_id: int) -> bool:
        return clicked(merchant=in_scope, search_id=search_id, product_id=product_id, shopper_id=None)

    assert [opened(ids[1]), opened(ids[1]), opened(ids[2]), opened(999)] == [True, False, False, False]
    row = SearchClick.objects.get()
    assert (row.search_id.hex, row.product_id, row.place, row.query_key) == (search_id, ids[1], 2, "serum")


@pytest.mark.parametrize("search_id", ["", "x", "0" * 32, "' OR 1=1"])
def test_an_unknown_search_is_no_click(in_scope: Merchant, search_id: str) -> None:
    assert not clicked(merchant=in_scope, search_id=search_id, product_id=1, shopper_id=None)


def test_a_link_passed_on_and_a_bookmark_are_no_clicks(in_scope: Merchant, settings: Settings) -> None:
    (product_id,) = sold(in_scope, "Rose serum")
    mine, friend = make_shopper(in_scope), make_shopper(in_scope)
    search_id = searched(in_scope, "serum", asked_by=Asker("shop", mine.pk)).search_id

    def opened(shopper_id: uuid.UUID | None, **late: Any) -> bool:
        return clicked(merchant=in_scope, search_id=search_id, product_id=product_id, shopper_id=shopper_id, **late)

    after = timezone.now() + timedelta(seconds=settings.SEARCH_CLICK_WINDOW_S + 1)
    assert [opened(friend.pk), opened(None), opened(mine.pk, at=after)] == [False, False, False]
    assert opened(mine.pk)


def test_another_shops_search_is_no_click(in_scope: Merchant) -> None:
    (product_id,) = sold(in_scope, "Rose serum")
    search_id = searched(in_scope, "serum").search_id
    other = make_merchant()

    with merchant_scope(other):
        assert not clicked(merchant=other, search_id=search_id, product_id=product_id, shopper_id=None)
        assert shopper_key(merchant_id=other.pk, shopper_id=(same := uuid.uuid4())) != shopper_key(
            merchant_id=in_scope.pk, shopper_id=same
        )


def test_a_click_on_a_page_is_told_to_the_funnel_once(in_scope: Merchant) -> None:
    (product_id,) = sold(in_scope, "Rose serum")
    creator, shopper = make_creator(in_scope), make_shopper(in_scope)
    search_id = searched(in_scope, "serum", asked_by=Asker("shop", shopper.pk)).search_id

    for _ in range(2):
        clicked_on_page(
            merchant=in_scope,
            search_id=search_id,
            product_id=product_id,
            shopper_id=shopper.pk,
            creator_id=creator.pk,
        )
    drain()

    event = FunnelEvent.objects.get()
    assert (event.step, event.surface, event.product_id, event.shopper_id, event.creator_id) == (
        "product_clicked",
        "search",
        product_id,
        shopper.pk,
        creator.pk,
    )
    assert event.dedupe_key == f"search:{search_id}:{product_id}"


@pytest.mark.parametrize(
    ("headers", "counted"),
    [({}, 1), ({"User-Agent": "Googlebot/2.1 bot"}, 0), ({"Sec-Purpose": "prefetch"}, 0)],
)
def test_the_product_page_tells_what_was_chosen(in_scope: Merchant, headers: dict[str, str], counted: int) -> None:
    sold(in_scope, "Rose serum")
    make_creator(in_scope)
    search_id = searched(in_scope, "serum").search_id

    answer = Client(headers=headers).get(f"/s/{in_scope.slug}/p/rose-serum/?search={search_id}")

    assert answer.status_code == 200
    assert SearchClick.objects.count() == counted


def test_the_rest_interface_gives_the_search_and_takes_the_click(in_scope: Merchant) -> None:
    sold(in_scope, "Rose serum")
    base = f"/api/v1/shops/{in_scope.slug}/products/"
    found = Client().get(base, {"q": "serum"}).json()

    assert Client().get(f"{base}rose-serum/", {"search": found["search_id"]}).status_code == 200
    assert Client().get(f"{base}rose-serum/", {"search": "x"}).status_code == 400

    assert SearchClick.objects.get().search_id.hex == found["search_id"]
    assert SearchLog.objects.get().surface == "api"


def test_old_rows_are_swept_and_newer_ones_stay(in_scope: Merchant, settings: Settings) -> None:
    ids = sold(in_scope, "Rose serum")
    for _ in range(2):
        search_id = searched(in_scope, "serum").search_id
        clicked(merchant=in_scope, search_id=search_id, product_id=ids[0], shopper_id=None)
    long_ago = timezone.now() - timedelta(days=settings.SEARCH_LOG_DAYS + 1)
    SearchLog.objects.filter(pk=search_id).update(occurred_at=long_ago)
    SearchClick.objects.filter(search_id=search_id).update(occurred_at=long_ago)

    assert search_log.sweep() == 2
    assert search_log.sweep() == 0
    assert (SearchLog.objects.count(), SearchClick.objects.count()) == (1, 1)


def test_a_shopper_is_forgotten_with_his_clicks(in_scope: Merchant, capsys: pytest.CaptureFixture[str]) -> None:
    (product_id,) = sold(in_scope, "Rose serum")
    gone, other = make_shopper(in_scope), make_shopper(in_scope)
    for shopper in (gone, gone, other):
        search_id = searched(in_scope, "serum", asked_by=Asker("shop", shopper.pk)).search_id
        clicked(merchant=in_scope, search_id=search_id, product_id=product_id, shopper_id=shopper.pk)

    call_command("search_log", shopper=gone.pk, merchant=in_scope.slug)

    assert capsys.readouterr().out == "2 searches of the shopper deleted\n"
    assert SearchLog.objects.get().shopper_key == shopper_key(merchant_id=in_scope.pk, shopper_id=other.pk)
    assert SearchClick.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("me@example.com serum", "@ serum"), ("我的信箱是me@example.com要保濕乳液", "我的信箱是@要保濕乳液"),
        ("mail ＭＥ＠example.com", "mail @"), ("serum @ home", "serum @ home"),
    ],
)  # fmt: skip
def test_an_address_is_left_out_and_the_words_beside_it_stay(in_scope: Merchant, typed: str, kept: str) -> None:
    sold(in_scope, "Rose serum")

    searched(in_scope, typed)

    assert SearchLog.objects.get().query == kept
