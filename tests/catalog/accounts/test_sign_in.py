"""A one-time code shows that a mailbox is one's own; nobody learns from it which addresses are known."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts import sign_in
from catalog.accounts.identity import Caller, NotThere, NotYours, Unconfirmed, Unknown, is_known, own_record_to_change
from catalog.accounts.models import Merchant, Shopper, SignInCode
from catalog.accounts.shoppers import BadEmail
from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from tests.factories import make_merchant, make_shopper


@pytest.fixture
def guest(in_scope: Merchant, settings: Settings) -> Shopper:
    """A browser nobody knows."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return make_shopper(in_scope)


def ask(guest: Shopper, email: str) -> str:
    """Ask for a code and return the one in the mail, or an empty text."""
    sign_in.request_code(merchant=guest.merchant, email=email, guest_id=guest.pk, network_address="203.0.113.7")
    before = len(mail.outbox)
    drain()
    found = re.search(r"\b\d{6}\b", mail.outbox[-1].body) if len(mail.outbox) > before else None
    return found.group(0) if found else ""


def use(guest: Shopper, email: str, code: str) -> Shopper:
    """Give a code back."""
    return sign_in.confirm_code(merchant=guest.merchant, email=email, code=code, guest_id=guest.pk)


def test_the_code_in_the_mail_opens_the_account(guest: Shopper) -> None:
    account = make_shopper(guest.merchant, email="Yi@example.com", external_id="yi", display_name="Yi")

    code = ask(guest, "yi@example.com")

    assert mail.outbox[-1].to == ["Yi@example.com"]
    assert use(guest, "yi@example.com", code).pk == account.pk
    account.refresh_from_db()
    assert account.identified_at is not None
    with pytest.raises(sign_in.WrongCode):
        use(guest, "yi@example.com", code)


def test_a_mailbox_without_account_makes_the_guest_its_account(guest: Shopper) -> None:
    Shopper.objects.filter(pk=guest.pk).update(email="new@example.com")

    assert not is_known(guest.pk)
    assert use(guest, "new@example.com", ask(guest, "new@example.com")).pk == guest.pk
    assert is_known(guest.pk)


def test_a_known_and_an_unknown_address_leave_the_same_traces(guest: Shopper) -> None:
    make_shopper(guest.merchant, email="yi@example.com", external_id="yi")

    known = sign_in.request_code(merchant=guest.merchant, email="yi@example.com", guest_id=guest.pk)
    unknown = sign_in.request_code(merchant=guest.merchant, email="no@example.com", guest_id=guest.pk)
    assert OutboxMessage.objects.filter(topic="sign_in.requested").count() == 2
    drain()

    assert [len(mail.outbox), type(known)] == [1, type(unknown)]
    messages = []
    for email in ("yi@example.com", "no@example.com"):
        with pytest.raises(sign_in.WrongCode) as refused:
            use(guest, email, "000000")
        messages.append(refused.value.message)
    assert messages[0] == messages[1]


def test_guesses_are_counted_and_end(guest: Shopper, settings: Settings) -> None:
    make_shopper(guest.merchant, email="yi@example.com", external_id="yi")
    code = ask(guest, "yi@example.com")
    wrong = "111111" if code != "111111" else "222222"

    for _guess in range(settings.SIGN_IN_TRIES):
        with pytest.raises(sign_in.WrongCode):
            use(guest, "yi@example.com", wrong)
    with pytest.raises(sign_in.WrongCode):
        use(guest, "yi@example.com", code)


def test_a_code_is_good_for_its_browser_shop_and_time_only(guest: Shopper) -> None:
    make_shopper(guest.merchant, email="yi@example.com", external_id="yi")
    code = ask(guest, "yi@example.com")
    other_browser = make_shopper(guest.merchant)

    with pytest.raises(sign_in.WrongCode):
        use(other_browser, "yi@example.com", code)
    with pytest.raises(sign_in.WrongCode):
        sign_in.confirm_code(merchant=make_merchant(), email="yi@example.com", code=code, guest_id=guest.pk)
    SignInCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(sign_in.WrongCode):
        use(guest, "yi@example.com", code)


def test_the_link_of_the_mail_opens_the_account_once(guest: Shopper) -> None:
    account = make_shopper(guest.merchant, email="yi@example.com", external_id="yi")
    ask(guest, "yi@example.com")
    token = re.search(r"/sign-in/(\S+)/", mail.outbox[-1].body).group(1)

    assert sign_in.confirm_link(merchant=guest.merchant, token=token, guest_id=guest.pk).pk == account.pk
    for spent in (token, token[:-2] + "xx", ""):
        with pytest.raises(sign_in.WrongCode):
            sign_in.confirm_link(merchant=guest.merchant, token=spent, guest_id=guest.pk)


@pytest.mark.parametrize("key", ["email_hash", "asked_by", "address_hash"])
def test_requests_are_limited_by_address_browser_and_network(key: str, guest: Shopper, settings: Settings) -> None:
    settings.SIGN_IN_PER_HOUR = {**settings.SIGN_IN_PER_HOUR, key: 2}
    ask(guest, "yi@example.com")
    ask(guest, "yi@example.com")

    with pytest.raises(sign_in.TooManyRequests):
        ask(guest, "yi@example.com")


def test_a_wrong_address_is_told_before_anything_is_written(guest: Shopper) -> None:
    with pytest.raises(BadEmail):
        ask(guest, "nobody")

    assert not SignInCode.objects.exists()


def test_a_record_is_its_owners_and_changed_by_his_own_hand(guest: Shopper) -> None:
    me = make_shopper(guest.merchant, external_id="me")
    other = make_shopper(guest.merchant, external_id="other")

    for caller, customer_id, refusal in (
        (Caller(None), me.pk, Unknown),
        (Caller(guest.pk, is_confirmed=True), me.pk, Unknown),
        (Caller(me.pk, is_confirmed=True), other.pk, NotYours),
        (Caller(me.pk, is_confirmed=True), guest.merchant and SignInCode().pk, NotThere),
        (Caller(me.pk), me.pk, Unconfirmed),
    ):
        with pytest.raises(refusal):
            own_record_to_change(caller, customer_id=customer_id)
    assert own_record_to_change(Caller(me.pk, is_confirmed=True), customer_id=me.pk) == me
    assert NotYours().message == NotThere().message
