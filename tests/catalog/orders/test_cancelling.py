"""What a cancellation at the desk gives back."""

from __future__ import annotations

from django.utils import timezone

from catalog.orders.desk import planning
from catalog.orders.desk.carrying_out import carry_out
from catalog.orders.models import Order
from catalog.orders.promotion_models import Promotion
from catalog.orders.services import mark_paid
from tests.catalog.buying import Buying
from tests.catalog.orders.test_promotions import enter, promotion


def paid(buying: Buying, order: Order) -> Order:
    mark_paid(order_id=order.pk, paid=order.total, reference="pi_1", at=timezone.now())
    return Order.objects.select_related("merchant").get(pk=order.pk)


def test_a_cancellation_at_the_desk_gives_the_use_of_a_promotion_back(buying: Buying) -> None:
    promotion(buying, total_limit=1)
    buying.add(1)
    order = paid(buying, buying.place(enter(buying)))
    assert Promotion.objects.get().used_count == 1

    carry_out(planning.plan(order, operation=planning.CANCEL, arguments={"reason": "no longer needed"}))

    assert Promotion.objects.get().used_count == 0
