"""Staff decide returns, exchanges and refunds in the admin; each decision happens once, by those who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.accounts.models import AuditEntry, Merchant
from catalog.orders.models import Order, OrderRequest, RefundApproval
from catalog.outbox.worker import drain
from catalog.payments.models import Collection
from tests.catalog.hearing import EVERYTHING, heard
from tests.catalog.orders.desk_orders import Desk, make_desk
from tests.shop_assistant.staff import signed_in, text_of

REQUESTS = "/admin/orders/orderrequest/"
APPROVALS = "/admin/orders/refundapproval/"
COLLECTIONS = "/admin/payments/collection/"


@pytest.fixture(autouse=True)
def _hearing(settings: Settings) -> None:
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A shop with a refund limit of NT$600."""
    in_scope.refund_limits = {"TWD": 600_00}
    in_scope.save()
    return make_desk(in_scope)


def returned(desk: Desk) -> Order:
    return desk.do(desk.order("C-50", state="delivered"), "order.return_items", variants=["C-50"])


def exchanged(desk: Desk) -> Order:
    arguments = {"variants": ["C-50"], "new_variants": ["C-30"]}
    return desk.do(desk.order("C-50", state="delivered"), "order.exchange_items", **arguments)


def act(client: Client, page: str, name: str, *pks: int) -> Any:
    return client.post(page, {"action": name, "_selected_action": [str(pk) for pk in pks]}, follow=True)


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.state


def test_goods_that_came_back_end_the_return_and_can_be_sold_again(desk: Desk) -> None:
    order, on_hand = returned(desk), desk.stock("C-50")[0]
    request = OrderRequest.objects.get()
    client = signed_in(desk.merchant, "agent")
    listed = text_of(client.get(REQUESTS).content)
    assert ("#1001" in listed, "800" in listed) == (True, True)

    answer = act(client, REQUESTS, "finish", request.pk)

    assert (state(order), desk.stock("C-50")[0]) == ("returned", on_hand + 1)
    assert "Return #1001" in text_of(answer.content)
    request.refresh_from_db()
    assert (request.state, request.decided_by and request.decided_by.username) == ("done", "meis-shelf-agent")
    assert AuditEntry.objects.get(action="return.finished").subject == "#1001"


def test_goods_that_cannot_be_sold_again_stay_off_the_shelf(desk: Desk) -> None:
    order, on_hand = returned(desk), desk.stock("C-50")[0]

    act(signed_in(desk.merchant, "owner"), REQUESTS, "finish_without_stock", OrderRequest.objects.get().pk)

    assert (state(order), desk.stock("C-50")[0]) == ("returned", on_hand)


def test_an_exchange_that_came_back_sends_the_new_goods(desk: Desk) -> None:
    order = exchanged(desk)
    on_hand, reserved = desk.stock("C-30")
    assert reserved == 1

    act(signed_in(desk.merchant, "agent"), REQUESTS, "finish", OrderRequest.objects.get().pk)

    assert (state(order), desk.stock("C-30")) == ("exchanged", (on_hand - 1, 0))


def test_a_refused_request_leaves_the_order_delivered(desk: Desk) -> None:
    order = exchanged(desk)

    act(signed_in(desk.merchant, "agent"), REQUESTS, "refuse", OrderRequest.objects.get().pk)

    assert (state(order), desk.stock("C-30")[1]) == ("delivered", 0)


def test_a_second_decision_is_told_and_changes_nothing(desk: Desk) -> None:
    order = returned(desk)
    client, pk = signed_in(desk.merchant, "agent"), OrderRequest.objects.get().pk
    act(client, REQUESTS, "finish", pk)

    answer = act(client, REQUESTS, "refuse", pk)

    assert "This was decided before. Nothing more was done." in text_of(answer.content)
    assert state(order) == "returned"
    assert order.ledger.filter(kind="refund").count() == 1


def test_who_only_reads_decides_nothing(desk: Desk) -> None:
    order = returned(desk)

    act(signed_in(desk.merchant, "analyst"), REQUESTS, "finish", OrderRequest.objects.get().pk)

    assert state(order) == "return_requested"


def test_the_pieces_of_a_request_can_be_read(desk: Desk) -> None:
    returned(desk)

    page = signed_in(desk.merchant, "agent").get(f"{REQUESTS}{OrderRequest.objects.get().pk}/change/")

    assert "C-50" in text_of(page.content)


def test_a_refund_above_the_limit_is_sent_when_somebody_agrees_and_once(desk: Desk) -> None:
    returned(desk)
    client = signed_in(desk.merchant, "owner")
    act(client, REQUESTS, "finish", OrderRequest.objects.get().pk)
    approval = RefundApproval.objects.get()
    listed = text_of(client.get(APPROVALS).content)
    assert ("#1001" in listed, "NT$800" in listed, heard("refund.booked")) == (True, True, [])

    act(client, APPROVALS, "approve", approval.pk)
    act(client, APPROVALS, "approve", approval.pk)

    assert [told["amount_minor"] for told in heard("refund.booked")] == [800_00]
    approval.refresh_from_db()
    assert approval.approved_by is not None
    assert AuditEntry.objects.filter(action="refund.approved").count() == 1


def test_an_analyst_does_not_agree_to_refunds(desk: Desk) -> None:
    returned(desk)
    act(signed_in(desk.merchant, "owner"), REQUESTS, "finish", OrderRequest.objects.get().pk)

    act(signed_in(desk.merchant, "analyst"), APPROVALS, "approve", RefundApproval.objects.get().pk)

    assert heard("refund.booked") == []


def owing(desk: Desk, settings: Settings) -> Order:
    """An order that owes NT$300 because its card is of another system."""
    settings.OUTBOX_SUBSCRIBERS = {**EVERYTHING, "charge.booked": ["catalog.payments.tasks.on_charge_booked"]}
    arguments = {"variants": ["C-30"], "new_variants": ["C-50"], "payment_method": "card_1"}
    order = desk.do(desk.order("C-30"), "order.modify_items", **arguments)
    drain()
    return order


def test_what_is_owed_is_listed_and_can_be_noted_as_paid_another_way(desk: Desk, settings: Settings) -> None:
    order = owing(desk, settings)
    client, collection = signed_in(desk.merchant, "agent"), Collection.objects.get()
    listed = text_of(client.get(COLLECTIONS).content)
    assert ("NT$300" in listed, "no_saved_card" in listed) == (True, True)

    act(client, COLLECTIONS, "settle_by_hand", collection.pk)

    collection.refresh_from_db()
    order.refresh_from_db()
    assert (collection.state, order.owed_minor) == ("settled", 0)
    assert AuditEntry.objects.filter(action="collection settled").count() == 1
