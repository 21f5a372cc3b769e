"""Changes of orders through the dispatcher: proposed, traced, confirmed by the shopper's own hand, and on record."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Merchant
from catalog.confirmations.models import PendingAction, ToolCallLog
from catalog.orders.models import Order, OrderAddress
from catalog.orders.services import mark_processed
from tests.catalog.hearing import EVERYTHING
from tests.catalog.orders.desk_orders import Desk, make_desk
from tests.factories import make_address, make_creator, make_shopper
from tests.tools.talking import Words, make_ctx
from tools import dispatch
from tools.context import ToolContext
from tools.operations import Executed
from tools.registry import TOOLS
from tools.results import ConfirmCard, ToolResult

ADDRESS = {"line1": "No. 8, Minsheng Rd.", "city": "Tainan", "postal_code": "700", "country": "TW"}


class Talk:
    """A shopper at the desk in a conversation of his own."""

    def __init__(self, desk: Desk, shopper: Any = None, **fields: Any) -> None:
        self.desk, self.words = desk, Words()
        creator = desk.merchant and make_creator(desk.merchant, slug=f"mei-{Order.objects.count()}-{id(self)}")
        self.ctx: ToolContext = make_ctx(desk.merchant, creator, shopper or desk.shopper, words=self.words, **fields)

    def call(self, name: str, **arguments: Any) -> ToolResult:
        """Call a tool as the agent does."""
        return async_to_sync(dispatch.call)(ctx=self.ctx, tool=TOOLS[name], arguments=arguments)

    def answer(self, result: ToolResult, *, accept: bool = True, **fields: Any) -> Executed:
        """Press a button of the card."""
        (card,) = result.cards
        return async_to_sync(dispatch.execute)(ctx=self.ctx, action_id=card.action_id, accept=accept, **fields)

    def propose_cancel(self, order: Order) -> ToolResult:
        """Ask for the cancellation of an order he names himself."""
        self.words.texts.append(f"please cancel #{order.number}")
        return self.call("cancel_order", order_number=f"#{order.number}", reason="no longer needed")


@pytest.fixture(autouse=True)
def _hearing(settings: Settings) -> None:
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A shopper with a cream and a bag to order."""
    return make_desk(in_scope)


def last() -> ToolCallLog:
    """Return the last row of the log."""
    row = ToolCallLog.objects.first()
    assert row is not None
    return row


def test_a_proposal_changes_nothing_and_its_card_says_what_will_happen(desk: Desk) -> None:
    order = desk.order("C-30", "B-red")

    result = Talk(desk).propose_cancel(order)

    (card,) = result.cards
    assert isinstance(card, ConfirmCard)
    assert (card.operation, card.title, card.is_destructive) == ("order.cancel", "Cancel order #1001?", True)
    assert [(line.title, line.option, line.total.text) for line in card.lines] == [
        ("Cream", "30 ml", "NT$500"),
        ("Bag", "red", "NT$300"),
    ]
    assert card.facts == (
        "Back to you: NT$800 to visa •••• 4242",
        "A gift card has it at once; a card or PayPal in 5 to 7 business days.",
        "This cannot be undone.",
    )
    assert (card.total.text, card.confirm_label, card.decline_label) == ("NT$800", "Cancel the order", "Keep the order")
    order.refresh_from_db()
    assert (order.state, order.ledger.count()) == ("paid", 1)
    assert card.action_id not in result.text
    assert "Nothing is done yet" in result.text


def test_the_card_of_other_items_names_what_stays_and_that_it_is_once(desk: Desk) -> None:
    order = desk.order("C-30", "B-red")
    talk = Talk(desk)
    talk.call("order_details", order_number=order.number)
    talk.call("look_up_product", product="cream")

    result = talk.call("change_items", order_number=order.number, variants=["C-30"], new_variants=["C-50"])

    (card,) = result.cards
    assert [(line.option, line.total.text) for line in card.lines] == [("30 ml → 50 ml", "NT$800")]
    assert card.facts == (
        "To pay: NT$300 with visa •••• 4242",
        "Stays as it is: Bag · red",
        "Only once: afterwards this order can no longer be cancelled, and its items, address and payment stay.",
    )


def test_a_yes_does_it_once_and_the_log_keeps_who_confirmed(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    result = talk.propose_cancel(order)
    assert (last().code, last().kind, last().confirmed_by) == ("not_confirmed", "proposal", "")

    first = talk.answer(result, confirmed_by="words")
    row = last()
    second = talk.answer(result)

    assert (first.outcome, first.text) == (
        "executed",
        "Order #1001 is cancelled. Back to you: NT$500 to visa •••• 4242.",
    )
    assert first.cards[0].state == "cancelled"
    assert (row.code, row.kind, row.tool, row.confirmed_by) == ("ok", "execution", "order.cancel", "words")
    assert (row.shopper_ref, row.subject) == (desk.shopper.pk, "#1001")
    assert (second.outcome, second.cards[0].state) == ("used", "cancelled")
    assert order.ledger.count() == 2


def test_a_no_leaves_everything(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    result = talk.propose_cancel(order)

    declined = talk.answer(result, accept=False)

    assert (declined.outcome, declined.text, last().kind) == ("declined", "Nothing was changed.", "decline")
    assert talk.answer(result).outcome == "used"
    order.refresh_from_db()
    assert order.state == "paid"


def test_an_order_that_moved_on_is_shown_again_instead(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    result = talk.propose_cancel(order)
    mark_processed(order_id=order.pk)

    done = talk.answer(result)

    assert (done.outcome, done.cards[0].state) == ("changed", "processed")
    assert order.ledger.count() == 1


def test_another_price_than_the_one_shown_needs_another_yes(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    talk.call("order_details", order_number=order.number)
    talk.call("look_up_product", product="cream")
    result = talk.call("change_items", order_number=order.number, variants=["C-30"], new_variants=["C-50"])
    desk.cream.variants.get(sku="C-50").offers.update(amount_minor=900_00)

    assert talk.answer(result).outcome == "changed"
    order.refresh_from_db()
    assert order.state == "paid"


def test_somebody_elses_order_reads_like_one_that_does_not_exist(desk: Desk) -> None:
    mine, theirs = desk.order("C-30"), desk.order("B-red")
    stranger = make_shopper(desk.merchant, identified_at=timezone.now())
    Order.objects.filter(pk=theirs.pk).update(shopper=stranger)
    talk = Talk(desk)
    talk.words.texts.append(f"{theirs.number} 9999 {json.dumps(ADDRESS)}")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("order_details", {}),
        ("track_order", {}),
        ("cancel_order", {"reason": "no longer needed"}),
        ("change_address", ADDRESS),
        ("change_payment_method", {"payment_method": "gift_1"}),
        ("change_items", {"variants": ["C-30"], "new_variants": ["C-50"]}),
        ("return_items", {"variants": ["C-30"]}),
        ("exchange_items", {"variants": ["C-30"], "new_variants": ["C-50"]}),
    ]

    for name, arguments in calls:
        foreign = talk.call(name, order_number=theirs.number, **arguments)
        foreign_code = last().code
        unknown = talk.call(name, order_number="9999", **arguments)

        assert foreign.model_dump_json().encode() == unknown.model_dump_json().encode(), name
        assert (foreign.error, foreign_code, last().code) == ("order_not_found", "not_owner", "order_not_found")
    assert not PendingAction.objects.exists()
    mine.refresh_from_db()


def test_a_browser_nobody_knows_is_asked_to_sign_in(desk: Desk) -> None:
    order = desk.order("C-30")
    guest = Talk(desk, shopper=make_shopper(desk.merchant))

    for name, arguments in (("order_details", {"order_number": order.number}), ("find_my_orders", {})):
        result = guest.call(name, **arguments)
        assert (result.error, last().code) == ("not_authenticated", "not_authenticated")
        assert order.number not in result.text


def test_an_imported_number_is_matched_as_it_was_printed(desk: Desk) -> None:
    order = desk.order("C-30")
    Order.objects.filter(pk=order.pk).update(external_id="#W77", number="W77")
    talk = Talk(desk)

    assert talk.call("order_details", order_number="#W77").error == ""
    assert talk.call("order_details", order_number="W77").error == "order_not_found"


def test_an_address_nobody_said_is_not_even_proposed(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    talk.words.texts.append(f"where is {order.number}?")

    result = talk.call("change_address", order_number=order.number, **ADDRESS)

    assert (result.error, result.cards) == ("not_confirmed", ())
    assert "No. 8, Minsheng Rd." in result.text
    assert not PendingAction.objects.exists()


@pytest.mark.parametrize("source", ["words", "form"])
def test_an_address_the_shopper_gave_himself_is_proposed(source: str, desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    talk.words.texts.append(f"send {order.number} somewhere else")
    if source == "words":
        talk.words.texts.append("to NO. 8,  Minsheng Rd., Tainan 700 please")
    else:
        make_address(desk.shopper, **ADDRESS)

    result = talk.call("change_address", order_number=order.number, **ADDRESS)
    row = last()
    done = talk.answer(result)

    assert done.outcome == "executed"
    assert row.provenance["line1"] == {"words": "said", "form": "form"}[source]
    assert row.arguments["line1"] == "(19 characters)"
    address = OrderAddress.objects.get(order=order)
    assert (address.line1, address.city, address.recipient) == ("No. 8, Minsheng Rd.", "Tainan", "Lin Yi-ting")


def test_ids_come_from_this_session_or_the_shoppers_words(desk: Desk) -> None:
    order, talk = desk.order("C-30", state="delivered"), Talk(desk)
    wanted = {"order_number": order.number, "variants": ["C-30"], "payment_method": "gift_1"}
    talk.words.texts.append(f"return {order.number}")

    refused = talk.call("return_items", **wanted)
    talk.call("order_details", order_number=order.number)
    asked = talk.call("return_items", **wanted)

    assert (refused.error, asked.error) == ("not_confirmed", "")
    assert last().provenance == {"order_number": "shown", "variants": "shown", "payment_method": "shown"}
    other_window = Talk(desk, session=f"conversation:{UUID(int=8)}")
    assert other_window.call("return_items", **wanted).error == "not_confirmed"


def test_while_a_person_was_asked_nothing_is_written(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    result = talk.propose_cancel(order)
    talk.call("talk_to_person", reason="complaint", summary="angry")

    assert talk.propose_cancel(order).error == "handed_off"
    done = talk.answer(result)
    assert (done.outcome, done.error) == ("failed", "handed_off")
    order.refresh_from_db()
    assert order.state == "paid"


@pytest.mark.parametrize("limit", ["ORDER_WRITES_PER_SESSION", "ORDER_WRITES_PER_DAY", "ORDER_PROPOSALS_PER_SESSION"])
def test_changes_are_counted_and_end_with_a_person(limit: str, desk: Desk, settings: Settings) -> None:
    setattr(settings, limit, 1)
    first, second = desk.order("C-30"), desk.order("B-red")
    talk = Talk(desk)
    result = talk.propose_cancel(first)
    if limit != "ORDER_PROPOSALS_PER_SESSION":
        assert talk.answer(result).outcome == "executed"

    assert talk.propose_cancel(second).error == "too_many_changes"


def test_a_yes_from_another_session_or_shopper_finds_nothing(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    (card,) = talk.propose_cancel(order).cards
    stranger = make_shopper(desk.merchant, identified_at=timezone.now())

    for ctx in (replace(talk.ctx, session="conversation:8"), replace(talk.ctx, shopper_id=stranger.pk)):
        done = async_to_sync(dispatch.execute)(ctx=ctx, action_id=card.action_id, accept=True)
        assert (done.outcome, done.error) == ("failed", "not_found")
    order.refresh_from_db()
    assert order.state == "paid"


def test_a_proposal_changed_in_the_database_is_not_carried_out(desk: Desk) -> None:
    order, talk = desk.order("C-30"), Talk(desk)
    result = talk.propose_cancel(order)
    action = PendingAction.objects.get()
    PendingAction.objects.update(arguments={**action.arguments, "reason": "ordered by mistake"})

    assert talk.answer(result).outcome == "failed"
    order.refresh_from_db()
    assert order.state == "paid"


def test_the_log_is_only_added_to(desk: Desk) -> None:
    Talk(desk).call("calculate", expression="1 + 1")
    row = last()

    with pytest.raises(ValueError, match="only added to"):
        row.save()
    with pytest.raises(ValueError, match="only added to"):
        row.delete()


def test_refusals_speak_the_shoppers_language_without_naming_codes(desk: Desk) -> None:
    order = desk.order("C-30", state="delivered")

    result = Talk(desk).propose_cancel(order)

    assert result.error == "wrong_status"
    assert result.text == "Order #1001 cannot be changed this way any more: Delivered."
