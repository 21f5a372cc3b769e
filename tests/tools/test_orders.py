"""Where an order is: the shopper's own, by number or the latest; everyone else's is not there."""

from __future__ import annotations

from django.utils import timezone

from catalog.orders.models import Order
from catalog.orders.services import mark_paid, mark_processed
from tests.factories import make_shopper
from tests.tools.conftest import Shop
from tests.tools.talking import call, make_ctx
from tests.tools.test_checkout import answer, propose


def test_the_latest_order_with_its_pay_button(shop: Shop) -> None:
    answer(shop.ctx, propose(shop))

    result = call(shop.ctx, "order_status")

    order = Order.objects.get()
    card, checkout = result.cards
    assert (card.kind, card.number, card.state, card.state_text) == (
        "order", order.number, "awaiting_payment", "Waiting for payment",
    )  # fmt: skip
    assert card.url == f"/s/meis-shelf/orders/{order.reference}/"
    assert card.steps == (("Ordered", "now"), ("Paid", "later"), ("Sent", "later"), ("Delivered", "later"))
    assert (checkout.kind, checkout.order_number) == ("checkout", order.number)
    assert result.text.endswith("It waits for payment; the card has the pay button.")


def test_a_sent_order_by_number_with_its_tracking(shop: Shop) -> None:
    answer(shop.ctx, propose(shop))
    order = Order.objects.get()
    mark_paid(order_id=order.pk, paid=order.total, reference="pi_1", at=timezone.now())
    mark_processed(order_id=order.pk, tracking_numbers=("TW123",))

    result = call(shop.ctx, "order_status", order_number=f"#{order.number}")

    (card,) = result.cards
    assert (card.state, card.tracking) == ("processed", ("TW123",))
    assert card.steps[2] == ("Sent", "now")
    assert "Total NT$1,060. Tracking: TW123." in result.text


def test_unknown_and_foreign_numbers_answer_alike(shop: Shop) -> None:
    answer(shop.ctx, propose(shop))
    order = Order.objects.get()
    stranger = make_ctx(shop.merchant, shop.creator, make_shopper(shop.merchant))

    foreign = call(stranger, "order_status", order_number=order.number)
    unknown = call(shop.ctx, "order_status", order_number="9999")
    none_yet = call(stranger, "order_status")

    assert foreign == unknown == none_yet
    assert (foreign.error, foreign.cards) == ("order_not_found", ())
