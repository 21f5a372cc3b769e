from __future__ import annotations

import random
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.click_priors import curve_for, priors_for, refresh_click_priors
from catalog.products.indexing import reindex
from catalog.products.position_bias import Seen
from catalog.products.search_log_models import ClickPrior, SearchClick, SearchLog
from catalog.products.selectors import search_products
from catalog.products.tasks import refresh_click_priors as task
from catalog.search.ports import ProductQuery
from tests.factories import make_merchant, make_product

# Place by place: how many of those who look at it open it. The sixth suits most.
SUITS = [0.2, 0.3, 0.1, 0.1, 0.1, 0.9]


def shelf(merchant: Merchant, count: int = len(SUITS)) -> list[int]:
    """Products that answer "serum" equally well: they stand in the order of their ids."""
    ids = [
        make_product(merchant, title=f"Serum {'abcdefgh'[n]}", slug=f"s{n}", external_id=f"s{n}").pk
        for n in range(count)
    ]
    reindex(merchant=merchant)
    return ids


def found(merchant: Merchant, text: str = "serum") -> list[int]:
    page = search_products(query=ProductQuery(merchant_id=merchant.pk, text=text), language="en")
    return [view.product_id for view in page.products]


def search_row(merchant: Merchant, ids: list[int], **fields: object) -> SearchLog:
    defaults = {
        "occurred_at": timezone.now(), "query": "serum", "query_key": "serum", "language": "en", "engine": "x",
        "total": len(ids), "shown": ids, "took_ms": 1, "surface": "shop",
    }  # fmt: skip
    return SearchLog(merchant=merchant, **{**defaults, **fields})


def click_row(row: SearchLog, product_id: int) -> SearchClick:
    return SearchClick(
        merchant_id=row.merchant_id, search_id=row.pk, product_id=product_id, query_key=row.query_key,
        place=row.shown.index(product_id) + 1, occurred_at=row.occurred_at,
    )  # fmt: skip


def play(merchant: Merchant, ids: list[int], *, searches: int = 600, **fields: object) -> None:
    """Let shoppers search and open what they look at and like; the n-th place is looked at by one in n."""
    chance = random.Random(11)
    rows = [search_row(merchant, ids, **fields) for _ in range(searches)]
    clicks = [
        click_row(row, product_id)
        for row in rows
        for place, product_id in enumerate(ids, start=1)
        if chance.random() < SUITS[place - 1] / place
    ]
    SearchLog.objects.bulk_create(rows)
    SearchClick.objects.bulk_create(clicks)


def test_what_suits_rises_though_it_stood_low(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    assert found(in_scope) == ids
    play(in_scope, ids)

    learned = refresh_click_priors(merchant=in_scope)

    assert (learned.queries, learned.products, learned.exponent) == (1, 6, 1.0)
    assert found(in_scope)[:3] == [ids[5], ids[1], ids[0]]


def test_control_without_care_for_places_what_stood_first_stays_first(in_scope: Merchant, settings: Settings) -> None:
    settings.PROPENSITY_EXPONENT = 0.0  # every place is looked at alike: clicks are just counted
    ids = shelf(in_scope)
    play(in_scope, ids)

    refresh_click_priors(merchant=in_scope)

    assert found(in_scope)[0] == ids[0]
    assert found(in_scope)[0] != ids[5]


def test_a_prior_is_for_its_query_alone_and_for_any_way_to_write_it(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    play(in_scope, ids)
    refresh_click_priors(merchant=in_scope)

    assert found(in_scope, " SERUM ")[0] == ids[5]
    assert found(in_scope, "serum s") != found(in_scope)
    assert priors_for("cream") == {}


def test_too_few_impressions_change_nothing(in_scope: Merchant, settings: Settings) -> None:
    ids = shelf(in_scope)
    play(in_scope, ids, searches=settings.CLICK_PRIOR_IMPRESSIONS - 1)

    assert refresh_click_priors(merchant=in_scope).products == 0
    assert found(in_scope) == ids


def test_the_prior_is_gentle(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    far = make_product(in_scope, title="Balm", slug="balm", external_id="balm", descriptions={"en": "not a serum"}).pk
    reindex(merchant=in_scope)
    rows = [search_row(in_scope, [far]) for _ in range(500)]
    SearchLog.objects.bulk_create(rows)
    SearchClick.objects.bulk_create([click_row(row, far) for row in rows])
    play(in_scope, ids)

    refresh_click_priors(merchant=in_scope)

    assert priors_for("serum")[far] > 0.4
    assert found(in_scope)[-1] == far  # it is liked, but it is no serum


def test_old_searches_and_other_orders_teach_nothing(in_scope: Merchant, settings: Settings) -> None:
    ids = shelf(in_scope)
    play(in_scope, ids, occurred_at=timezone.now() - timedelta(days=settings.CLICK_PRIOR_DAYS + 1))
    play(in_scope, ids, sort="price")

    assert refresh_click_priors(merchant=in_scope).products == 0


def test_one_shopper_cannot_press_a_product_up(in_scope: Merchant, settings: Settings) -> None:
    ids = shelf(in_scope)
    play(in_scope, ids, shopper_key="the same one")

    assert refresh_click_priors(merchant=in_scope).products == 0
    settings.CLICK_PRIOR_PER_SHOPPER = 600
    assert refresh_click_priors(merchant=in_scope).products == 6


def test_what_is_no_longer_clicked_is_forgotten_and_a_second_run_changes_nothing(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    play(in_scope, ids)
    refresh_click_priors(merchant=in_scope)
    before = priors_for("serum")

    assert task() == 6
    assert priors_for("serum") == before
    SearchClick.objects.all().delete()
    assert task() == 0
    assert ClickPrior.objects.count() == 0


def test_another_shops_clicks_teach_nothing_here(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    other = make_merchant()
    with merchant_scope(other):
        play(other, ids)
        refresh_click_priors(merchant=other)
        assert len(priors_for("serum")) == 6

    refresh_click_priors(merchant=in_scope)

    assert priors_for("serum") == {}
    assert found(in_scope) == ids


def test_the_curve_is_estimated_from_enough_clicks_only(settings: Settings) -> None:
    settings.PROPENSITY_CURVE = "estimated"
    few = {"serum": {1: Seen({1: (10, 5), 2: (10, 2)}), 2: Seen({2: (10, 2), 1: (10, 5)})}}
    # Twice as many look at the first place as at the second, whichever of the two products stands there.
    many = {
        str(uuid.uuid4()): {1: Seen({1: (9000, 4500), 2: (9000, 2250)}), 2: Seen({2: (9000, 2250), 1: (9000, 4500)})}
    }

    assert curve_for(few).exponent == settings.PROPENSITY_EXPONENT
    assert curve_for(many).exponent == pytest.approx(1.0, abs=0.01)
    settings.PROPENSITY_CURVE = "steep"
    with pytest.raises(ImproperlyConfigured, match="power or estimated"):
        curve_for(few)
