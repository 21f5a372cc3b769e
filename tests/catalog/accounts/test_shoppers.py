"""A shopper is known by a signed token of one merchant, and by nothing else."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import signing
from django.test import Client

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import BadToken, new_shopper, shopper_of_token, shopper_token
from tests.factories import make_merchant


def test_a_token_names_its_shopper(in_scope: Merchant) -> None:
    shopper = new_shopper(merchant=in_scope, language="zh-TW")

    assert shopper_of_token(merchant=in_scope, token=shopper_token(shopper)) == shopper
    assert shopper.language == "zh-hant"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "a~b~c",
        signing.TimestampSigner(salt="shopper", sep="~").sign_object(["x"]),
        signing.TimestampSigner(salt="other", sep="~").sign_object([1, "x"]),
    ],
    ids=["nothing", "a word", "three parts", "no number", "another salt"],
)
def test_a_forged_token_is_refused(in_scope: Merchant, token: str) -> None:
    with pytest.raises(BadToken):
        shopper_of_token(merchant=in_scope, token=token)


def test_a_token_can_be_a_websocket_subprotocol(in_scope: Merchant) -> None:
    token = shopper_token(new_shopper(merchant=in_scope, language="en"))

    assert re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", token)  # RFC 9110, token


def test_a_token_of_another_merchant_is_refused(merchant: Merchant) -> None:
    other = make_merchant()
    with merchant_scope(other):
        token = shopper_token(new_shopper(merchant=other, language="en"))

    with merchant_scope(merchant), pytest.raises(BadToken, match="another shop"):
        shopper_of_token(merchant=merchant, token=token)


def test_a_token_grows_old(in_scope: Merchant) -> None:
    with time_machine.travel("2026-01-01"):
        token = shopper_token(new_shopper(merchant=in_scope, language="en"))

    with time_machine.travel("2026-06-29"):
        assert shopper_of_token(merchant=in_scope, token=token)
    with time_machine.travel("2026-07-01"), pytest.raises(BadToken):
        shopper_of_token(merchant=in_scope, token=token)


def test_a_token_of_an_erased_shopper_is_refused(in_scope: Merchant) -> None:
    shopper = new_shopper(merchant=in_scope, language="en")
    token = shopper_token(shopper)
    Shopper.objects.all().delete()

    with pytest.raises(BadToken, match="no longer known"):
        shopper_of_token(merchant=in_scope, token=token)


def test_the_api_gives_a_token_and_an_unknown_shop_is_404(merchant: Merchant, client: Client) -> None:
    answer = client.post("/api/v1/shops/meis-shelf/shoppers/", {"language": "zh-Hant"}, "application/json")

    assert answer.status_code == 201
    with merchant_scope(merchant):
        shopper = shopper_of_token(merchant=merchant, token=answer.json()["token"])
    assert (str(shopper.pk), shopper.language) == (answer.json()["shopper"], "zh-hant")
    assert client.post("/api/v1/shops/nobody/shoppers/").status_code == 404
