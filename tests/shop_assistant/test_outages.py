"""A database that does not answer is told as 503 with a way on; every other error stays what it is."""

from __future__ import annotations

import json

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from shop_assistant.outages import SaysWhatIsDown

TOLD = "The shop's database does not answer. Nothing was lost; try again in a moment."


@pytest.fixture
def middleware() -> SaysWhatIsDown:
    return SaysWhatIsDown(lambda request: HttpResponse("fine"))


@pytest.mark.parametrize("error", [OperationalError("connection refused"), InterfaceError("connection is closed")])
def test_the_api_says_that_the_database_is_down(middleware: SaysWhatIsDown, error: Exception) -> None:
    answer = middleware.process_exception(RequestFactory().get("/api/v1/shops/a/cart/"), error)

    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert json.loads(answer.content) == {"code": "database_down", "detail": TOLD}


def test_a_page_says_it_in_words(middleware: SaysWhatIsDown) -> None:
    answer = middleware.process_exception(RequestFactory().get("/s/a/"), OperationalError("gone"))

    assert answer is not None
    assert (answer.status_code, answer.content.decode()) == (503, TOLD)


def test_another_error_is_not_called_an_outage(middleware: SaysWhatIsDown) -> None:
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("ours")) is None
    assert middleware(RequestFactory().get("/")).content == b"fine"
