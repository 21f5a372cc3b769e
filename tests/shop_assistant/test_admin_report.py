"""The report page and its CSV, the home page, and the admin's own content security policy."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from catalog.accounts.models import Merchant
from conversations.funnel.steps import FUNNEL
from tests.factories import make_creator, make_event
from tests.shop_assistant.staff import signed_in, text_of


def walk(merchant: Merchant, creator_id: int, steps: int) -> None:
    """Let one shopper take the first `steps` steps, a minute each."""
    shopper, start = uuid.uuid4(), timezone.now() - timedelta(minutes=30)
    for place, step in enumerate(FUNNEL[:steps]):
        paid = {"order_id": 1, "amount_minor": 98000, "currency": "TWD"} if step == "order_paid" else {}
        make_event(
            merchant,
            step=step,
            shopper_id=shopper,
            creator_id=creator_id,
            occurred_at=start + timedelta(minutes=place),
            **paid,
        )


def cells(client: Client, query: str = "") -> list[list[str]]:
    """Return the CSV's rows."""
    answer = client.get(f"/admin/report.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_page_shows_the_csvs_own_cells(in_scope: Merchant) -> None:
    mei = make_creator(in_scope)
    for steps in (1, 2, 3, 7):
        walk(in_scope, mei.pk, steps)
    client = signed_in(in_scope, "analyst")

    page, rows = text_of(client.get("/admin/report/").content), cells(client)

    funnel = {row[0]: row for row in rows if row and row[0] in {str(step.label) for step in FUNNEL}}
    assert [funnel[str(step.label)][1] for step in FUNNEL] == ["4", "3", "2", "1", "1", "1", "1"]
    for row in funnel.values():
        assert all(cell in page for cell in row if cell), row
    assert "First question to payment" in {row[0] for row in rows if row}


def test_a_creator_sees_only_the_fans_of_her_own_double(in_scope: Merchant) -> None:
    mei, lena = make_creator(in_scope), make_creator(in_scope, slug="lena")
    walk(in_scope, mei.pk, 2)
    for _fan in range(3):
        walk(in_scope, lena.pk, 1)
    client = signed_in(in_scope, "creator", mei)

    rows = {row[0]: row for row in cells(client) if row}

    assert rows[str(FUNNEL[0].label)][1] == "1"
    assert client.get(f"/admin/report/?creator={lena.pk}").status_code == 404
    assert client.get(f"/admin/report/?creator={mei.pk}").status_code == 200


def test_a_period_nobody_can_read_falls_back_to_the_last_seven_days(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "analyst")

    for query in ("?start=yesterday", "?creator=me", "?start=2026-11-20&end=2026-11-01"):
        assert client.get(f"/admin/report/{query}").status_code == 200
    assert client.get("/admin/report/?start=0001-01-01&end=0001-01-02").status_code in (200, 404)


def test_the_home_page_leads_an_empty_shop_to_its_first_step(in_scope: Merchant) -> None:
    make_creator(in_scope)

    page = text_of(signed_in(in_scope, "owner").get("/admin/").content)

    assert "Mei's double is not live yet" in page.replace("&#x27;", "'")
    assert "0 of 5 steps are done" in page
    assert "No visits yet" in page


def test_roles_see_only_their_part_of_the_side_bar(in_scope: Merchant) -> None:
    analyst = text_of(signed_in(in_scope, "analyst").get("/admin/").content)
    editor = text_of(signed_in(in_scope, "editor").get("/admin/").content)

    assert "Funnel report" in analyst
    assert "Personas" not in analyst
    assert "Personas" in editor
    assert "Funnel report" not in editor
    assert "Outbox" not in editor


def test_scripts_may_be_evaluated_in_the_admin_and_nowhere_else(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")

    for path in ("/admin/", "/admin/report/", "/admin/products/product/"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval'" in policy, path
    assert "'unsafe-eval'" in Client().get("/admin/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/").headers["Content-Security-Policy"]
