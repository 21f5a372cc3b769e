"""Every route × method × role with another shop's ids, made from the URL resolver: not found, and nothing told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant
from tests.architecture.test_routes_by_role import address, doors, model_route, routes
from tests.architecture.two_shops import ACTORS, STAFF, Shop

__all__ = ["doors"]  # a fixture

METHODS = ("get", "post", "put", "patch", "delete")
# An id in an address that is nobody's: what a route says of it, it must say of another shop's id too.
NOBODYS = {
    "row:variant_id": "999999999",
    "row:product_id": "999999999",
    "row:appointment_id": "999999999",
    "uuid:conversation_id": "00000000-0000-4000-8000-000000000000",
    "uuid:reference": "00000000-0000-4000-8000-000000000000",
    "slug:creator_slug": "nobody-of-that-name",
    "slug:slug": "nothing-of-that-name",
    "str:slug": "nothing-of-that-name",
    "str:token": "nothing-of-that-name",
}
# Ids that are no shop's: the address of a payment at the provider and of a label at the carrier, a tracked link (it
# leads to its own shop).
NO_SHOPS = ("str:session_id", "str:label_id", "str:link_id")
# Well-formed bodies, so that a refusal is about the id: by how the address ends.
BODIES: dict[str, dict[str, Any]] = {
    r"messages/$": {"client_id": "12345678", "text": "hello", "type": "send"},
    r"acts/$": {"type": "act", "client_id": "12345678", "act": "cart_show"},
    r"confirmations/$": {"type": "confirm", "action_id": NOBODYS["uuid:reference"], "accept": True},
    r"address/$": {"type": "address", "client_id": "12345678", "fields": {}},
    r"cart/lines/\d+/$": {"quantity": 1},
    r"links/$": {"product_id": 1},
    r"cancel/$": {"reason": "changed my mind"},
}


def open_routes() -> Iterator[tuple[str, list[str]]]:
    """Yield (pattern, its ids) of every route of the shops' pages and the REST interface that names a row."""
    for name, pattern in routes():
        ids = [found for found in re.findall(r"<([^>]+)>", pattern) if found != "slug:merchant_slug"]
        if not name.startswith("admin:") and ids and not set(ids) & set(NO_SHOPS):
            yield pattern, ids


def ask(client: Client, method: str, path: str) -> Any:
    """Send one request with a well-formed body."""
    if method == "get":
        return client.get(path)
    body = next((body for end, body in BODIES.items() if re.search(end, path)), {})
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")


def nobodys(pattern: str) -> str:
    """Return the address of a route with ids that do not exist."""
    filled = re.sub(r"<([^>]+)>", lambda found: {**NOBODYS, "slug:merchant_slug": "meis-shelf"}[found[1]], pattern)
    return f"/{filled}"


def told(response: Any, path: str) -> tuple[int, str]:
    """Return what an answer says, without the address it repeats and without tokens of the moment."""
    text = response.content.decode()
    for part in filter(None, path.split("/")):
        text = re.sub(rf"\b{re.escape(part)}\b", "…", text)
    return response.status_code, re.sub(r'csrf\w*[^>]*?"[\w-]{64}"|value="[\w-]{64}"', "", text)


def test_another_shops_id_is_not_found_by_any_method_or_role(doors: tuple[dict[str, Client], Shop]) -> None:
    people, shop = doors
    wrong, asked = [], 0
    for pattern, _ids in open_routes():
        path = address(pattern, shop)
        for method in METHODS:
            for actor in ACTORS:
                answer = ask(people[actor], method, path)
                if answer.status_code == 405:
                    break  # no such method here, for anybody
                asked += 1
                # 403 = not let in at all, before anything is looked up; somebody who is let in finds nothing.
                allowed = (404,) if actor == "shopper" else (403, 404)
                if answer.status_code not in allowed:
                    wrong.append((method, path, actor, answer.status_code))
    assert wrong == []
    assert asked > 20 * len(ACTORS)


@pytest.mark.parametrize("actor", ["anonymous", "shopper"])
def test_another_shops_id_is_told_of_as_one_that_does_not_exist(
    doors: tuple[dict[str, Client], Shop], actor: str
) -> None:
    people, shop = doors
    client, different = people[actor], []
    for pattern, _ids in open_routes():
        path, nowhere = address(pattern, shop), nobodys(pattern)
        for method in METHODS:
            if told(ask(client, method, path), path) != told(ask(client, method, nowhere), nowhere):
                different.append((method, path))
    assert different == []


@pytest.mark.parametrize("actor", STAFF)
def test_nothing_is_written_to_another_shops_row_in_the_admin(
    doors: tuple[dict[str, Client], Shop], actor: str
) -> None:
    people, shop = doors
    before = rows_of(shop)
    wrong = []
    for name, pattern in routes():
        found = model_route(name)
        if found is None or found[1] not in ("change", "delete", "history"):
            continue
        answer = people[actor].post(address(pattern, shop), {"post": "yes", "name": "taken over"})
        if answer.status_code not in (403, 404, 405):
            wrong.append((pattern, answer.status_code))
    assert wrong == []
    assert rows_of(shop) == before


def rows_of(shop: Shop) -> dict[str, dict[str, Any] | None]:
    """Return every row of the shop as the database has it."""
    with every_merchant():
        return {
            name: type(row)._base_manager.filter(pk=row.pk).values().first()
            for name, row in shop.rows.items()
            if name != "auth_user"
        }


def test_every_id_of_a_route_is_known_here(merchant: Merchant) -> None:
    ids = {one for _name, pattern in routes() for one in re.findall(r"<([^>]+)>", pattern) if "admin" not in pattern}

    assert ids - {*NOBODYS, *NO_SHOPS, "slug:merchant_slug"} == set(), "a new kind of id: write one that is nobody's"
