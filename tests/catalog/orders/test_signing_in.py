"""A guest who signs in keeps his cart; what he ordered with his address becomes his account's."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from catalog.accounts import sign_in
from catalog.accounts.models import Merchant, Shopper
from catalog.orders import carts
from catalog.orders.errors import CartNotFound
from catalog.orders.models import Cart, CartLine, Order
from catalog.orders.signing_in import sign_in_with_code, sign_in_with_link
from catalog.outbox.worker import drain
from catalog.products.models import Variant
from tests.catalog.buying import Buying
from tests.catalog.hearing import EVERYTHING
from tests.factories import make_address, make_shopper, make_variant

EMAIL = "yi@example.com"


@dataclass
class Door:
    """A guest, the account behind his address, and two things for sale."""

    guest: Buying
    account: Shopper
    other: Variant

    def code(self) -> str:
        """Ask for a code; return it."""
        return found(self._mail(), r"\b\d{6}\b")

    def token(self) -> str:
        """Ask for a link; return its token."""
        return found(self._mail(), r"/sign-in/([^/]+)/", 1)

    def _mail(self) -> str:
        guest = self.guest
        sign_in.request_code(merchant=guest.merchant, email=EMAIL, guest_id=guest.shopper.pk)
        drain()
        return str(mail.outbox[-1].body)

    def enter(self) -> Shopper:
        """Sign in by code."""
        guest = self.guest
        return sign_in_with_code(merchant=guest.merchant, guest_id=guest.shopper.pk, email=EMAIL, code=self.code())


def found(text: str, pattern: str, group: int = 0) -> str:
    match = re.search(pattern, text)
    assert match is not None
    return match.group(group)


@pytest.fixture
def door(buying: Buying, settings: Settings) -> Door:
    """The account has an address but nothing else yet."""
    settings.OUTBOX_SUBSCRIBERS = {**EVERYTHING, "sign_in.requested": ["catalog.accounts.sign_in_mail.on_requested"]}
    account = make_shopper(buying.merchant, email=EMAIL, external_id="yi", display_name="Yi")
    return Door(buying, account, make_variant(buying.merchant, price=500_00))


def of_account(door: Door) -> Buying:
    return Buying(door.guest.merchant, door.account, door.guest.variant)


def lines(shopper: Shopper) -> list[tuple[int, int]]:
    rows = CartLine.objects.filter(cart__shopper=shopper, cart__is_open=True).order_by("variant_id")
    return list(rows.values_list("variant_id", "quantity"))


@pytest.mark.parametrize("way", ["code", "link"])
def test_the_guests_cart_becomes_the_accounts(door: Door, way: str) -> None:
    cart = door.guest.add(2)

    if way == "code":
        account = door.enter()
    else:
        guest = door.guest
        account = sign_in_with_link(merchant=guest.merchant, guest_id=guest.shopper.pk, token=door.token())

    assert account == door.account
    assert lines(door.account) == [(door.guest.variant.pk, 2)]
    moved = Cart.objects.get(pk=cart.pk)
    assert (moved.shopper_id, moved.is_open, moved.version) == (door.account.pk, True, cart.version + 1)


def test_two_carts_become_one_and_the_guests_is_closed(door: Door) -> None:
    mine = of_account(door)
    kept = mine.add(1)
    version = kept.version
    cart = door.guest.add(2)
    door.guest.add(1, variant=door.other)

    door.enter()

    assert lines(door.account) == [(door.guest.variant.pk, 3), (door.other.pk, 1)]
    kept.refresh_from_db()
    cart.refresh_from_db()
    assert (kept.is_open, kept.version, cart.is_open) == (True, version + 1, False)


def test_no_line_grows_above_what_one_order_may_hold(door: Door, settings: Settings) -> None:
    settings.CART_QUANTITY_MAX = 4
    of_account(door).add(3)
    door.guest.add(3)

    door.enter()

    assert lines(door.account) == [(door.guest.variant.pk, 4)]


def test_no_cart_grows_above_its_lines(door: Door, settings: Settings) -> None:
    of_account(door).add(1)
    door.guest.add(1, variant=door.other)
    settings.CART_LINES_MAX = 1

    door.enter()

    assert lines(door.account) == [(door.guest.variant.pk, 1)]


def test_a_cart_in_another_currency_takes_the_place_of_the_old_one(door: Door) -> None:
    old = of_account(door).add(1)
    Cart.objects.filter(pk=old.pk).update(currency="USD")
    door.guest.add(2)

    door.enter()

    old.refresh_from_db()
    assert (old.is_open, lines(door.account)) == (False, [(door.guest.variant.pk, 2)])


def test_an_empty_cart_of_the_guest_changes_nothing(door: Door) -> None:
    kept = of_account(door).add(1)
    version = kept.version
    carts.open_cart(merchant=door.guest.merchant, shopper_id=door.guest.shopper.pk, currency="TWD")

    door.enter()

    kept.refresh_from_db()
    assert (kept.version, lines(door.account)) == (version, [(door.guest.variant.pk, 1)])


def test_the_guests_orders_and_those_of_the_same_mailbox_become_the_accounts(door: Door) -> None:
    own = door.guest.order(1)
    earlier = Buying(door.guest.merchant, make_shopper(door.guest.merchant, email=EMAIL.upper()), door.guest.variant)
    make_address(earlier.shopper)
    before = earlier.order(1)

    door.enter()

    for order in (own, before):
        version = order.version
        order.refresh_from_db()
        assert (order.shopper_id, order.version) == (door.account.pk, version + 1)


def test_orders_of_others_stay_theirs(door: Door) -> None:
    signed_in = make_shopper(door.guest.merchant, email=EMAIL, external_id="another-yi")
    make_address(signed_in)
    other = Buying(door.guest.merchant, signed_in, door.guest.variant).order(1)
    stranger = make_shopper(door.guest.merchant, email="someone@example.com")
    make_address(stranger)
    strange = Buying(door.guest.merchant, stranger, door.guest.variant).order(1)

    door.enter()

    owners = dict(Order.objects.values_list("pk", "shopper_id"))
    assert (owners[other.pk], owners[strange.pk]) == (signed_in.pk, stranger.pk)


def test_a_wrong_code_brings_nothing_along(door: Door) -> None:
    door.guest.add(2)
    order = door.guest
    door.code()

    with pytest.raises(sign_in.WrongCode):
        sign_in_with_code(merchant=order.merchant, guest_id=order.shopper.pk, email=EMAIL, code="000000")

    assert lines(door.account) == []
    assert lines(order.shopper) == [(order.variant.pk, 2)]


def test_a_mailbox_without_account_keeps_the_guests_cart_where_it_is(door: Door, in_scope: Merchant) -> None:
    Shopper.objects.filter(pk=door.account.pk).delete()
    Shopper.objects.filter(pk=door.guest.shopper.pk).update(email=EMAIL)
    door.guest.add(2)

    account = door.enter()

    assert account.pk == door.guest.shopper.pk
    assert lines(account) == [(door.guest.variant.pk, 2)]


def test_the_guests_browser_cannot_change_the_cart_it_handed_over(door: Door) -> None:
    door.guest.add(2)
    door.enter()

    with pytest.raises(CartNotFound):
        carts.set_quantity(
            merchant=door.guest.merchant,
            shopper_id=door.guest.shopper.pk,
            variant_id=door.guest.variant.pk,
            quantity=1,
        )
