"""What the double looks up is logged as the shopper's search, and its cards tell which product was opened."""

from __future__ import annotations

from dataclasses import replace

from django.test import Client

from catalog.products.search_log import shopper_key
from catalog.products.search_log_models import SearchClick, SearchLog
from conversations.funnel.links import TurnLinks
from conversations.funnel.models import FunnelEvent
from tests.tools.conftest import Shop
from tests.tools.talking import call
from tools.context import ToolContext


def talking(shop: Shop, surface: str = "direct") -> ToolContext:
    """A turn whose links are real."""
    links = TurnLinks(merchant=shop.merchant, shopper_id=shop.shopper.pk, creator_id=shop.creator.pk, surface=surface)
    return replace(shop.ctx, links=links, surface=surface)


def test_a_card_that_is_opened_is_a_click_on_the_doubles_search_and_one_step_of_the_funnel(shop: Shop) -> None:
    result = call(talking(shop), "search_products", text="serum cleanser", limit=2)
    second = result.cards[1]

    for _ in range(2):
        assert Client().get(second.url).status_code == 302

    log = SearchLog.objects.get()
    assert (log.surface, log.query, log.shown) == (
        "agent", "serum cleanser", [card.product_id for card in result.cards],
    )  # fmt: skip
    assert log.shopper_key == shopper_key(merchant_id=shop.merchant.pk, shopper_id=shop.shopper.pk)
    click = SearchClick.objects.get()
    assert (click.search_id, click.product_id, click.place) == (log.pk, second.product_id, 2)
    event = FunnelEvent.objects.get()
    assert (event.step, event.product_id, event.link_id) == ("product_clicked", second.product_id, second.link_id)


def test_what_staff_try_out_is_nobodys_search(shop: Shop) -> None:
    call(talking(shop, "try_out"), "search_products", text="serum")

    assert SearchLog.objects.count() == 0
