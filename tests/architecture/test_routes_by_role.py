"""Every route, every role, with another shop's ids: nobody gets in, and no route is left out of the table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from catalog.accounts.consents import consent_token
from catalog.accounts.models import Merchant
from catalog.orders.digital.links import token_of
from catalog.orders.waitlist import entry_token
from catalog.payments.charging import owed_token
from tests.architecture.two_shops import ACTORS, Shop, clients, other_shop

# Which area of work each admin table belongs to; "platform" is for platform staff alone.
AREAS = {
    "accounts_merchant": "staff", "accounts_creator": "staff", "accounts_brand": "shop",
    "accounts_membership": "staff", "accounts_shopper": "conversations", "accounts_consent": "staff",
    "accounts_auditentry": "staff", "auth_user": "platform", "outbox_outboxmessage": "work",
    "outbox_scheduledrun": "platform", "products_importrun": "shop", "products_product": "shop",
    "products_category": "shop", "products_shelf": "double", "products_contentitem": "double",
    "confirmations_pendingaction": "conversations", "orders_cart": "orders", "orders_deliverymethod": "staff",
    "orders_promotion": "shop", "orders_taxrate": "staff", "orders_ordermessage": "orders",
    "products_liveprice": "shop", "products_pricefloor": "shop",
    "products_attribute": "shop", "products_relation": "shop",
    "products_searchrule": "shop", "products_synonym": "shop", "products_searchlog": "insight",
    "orders_order": "orders", "payments_payment": "orders", "payments_webhookevent": "platform",
    "payments_refundrequest": "orders", "payments_dispute": "orders",
    "payments_collection": "orders", "orders_returnlabel": "orders", "orders_cartreminder": "conversations",
    "orders_service": "shop", "orders_resource": "shop", "orders_specialdays": "shop", "orders_digitalfile": "shop",
    "orders_appointment": "orders", "orders_downloadgrant": "orders",
    "orders_orderrequest": "orders", "orders_refundapproval": "orders", "confirmations_toolcalllog": "conversations",
    "funnel_funnelevent": "insight", "personas_persona": "double", "personas_knowledgedocument": "double",
    "chat_conversation": "conversations", "chat_handoff": "conversations", "live_liveroom": "live",
}  # fmt: skip
# area: who sees, who changes (anonymous shopper | analyst agent editor creator owner)
SEES = {
    "shop": "analyst agent editor creator owner", "double": "editor creator owner",
    "live": "agent editor creator owner", "orders": "analyst agent owner",
    "conversations": "analyst agent editor creator owner", "insight": "analyst creator owner",
    "staff": "owner", "work": "owner", "platform": "",
}  # fmt: skip
CHANGES = {
    "shop": "editor owner", "double": "editor creator owner", "live": "agent editor creator owner",
    "orders": "agent owner", "conversations": "agent owner", "insight": "", "staff": "owner", "work": "owner",
    "platform": "",
}  # fmt: skip
_NOT_ADDED = """
accounts_merchant accounts_shopper accounts_consent accounts_auditentry outbox_outboxmessage outbox_scheduledrun
confirmations_pendingaction orders_cart orders_order orders_ordermessage payments_payment payments_webhookevent
funnel_funnelevent
payments_collection orders_returnlabel orders_cartreminder products_searchlog
payments_refundrequest payments_dispute orders_orderrequest orders_refundapproval confirmations_toolcalllog
chat_conversation chat_handoff orders_appointment orders_downloadgrant
"""
NOT_ADDED = frozenset(_NOT_ADDED.split())
NOT_DELETED = NOT_ADDED | {"products_importrun", "products_product", "personas_persona"}
ADDED_ELSEWHERE = {"products_importrun", "personas_persona"}  # the plus sign leads to a page of its own
# Pages where a row that is not the user's is told before the role is asked about.
LOOKS_FIRST = {"products_importrun", "personas_persona", "chat_conversation"}

# Routes beside the tables of the admin: what each actor gets, with the other shop's ids in the address.
#                              anonymous shopper analyst agent editor creator owner
ROWS: dict[str, str] = {
    "admin:search": "302 302 200 200 200 200 200",
    "admin:report": "302 302 404 404 404 404 404",
    "admin:report-csv": "302 302 404 404 404 404 404",
    "admin:try-out": "302 302 404 404 404 404 404",
    "admin:index": "302 302 200 200 200 200 200",
    "admin:login": "200 200 302 302 302 302 302",
    "admin:logout": "302 302 405 405 405 405 405",
    "admin:password_change": "302 302 200 200 200 200 200",
    "admin:password_change_done": "302 302 200 200 200 200 200",
    "admin:autocomplete": "302 302 403 403 403 403 403",
    "admin:jsi18n": "302 302 200 200 200 200 200",
    "admin:view_on_site": "302 302 404 404 404 404 404",
    "admin:app_list": "302 302 200 200 200 200 200",
    "admin:": "302 302 404 404 404 404 404",
    "admin:products_importrun_new": "302 302 403 403 404 403 404",
    "admin:products_importrun_columns": "302 302 404 404 404 404 404",
    "admin:products_importrun_dry_run": "302 302 404 404 404 404 404",
    "admin:products_importrun_errors": "302 302 404 404 404 404 404",
    "admin:products_importrun_done": "302 302 404 404 404 404 404",
    "admin:products_importrun_undo": "302 302 404 404 404 404 404",
    "admin:products_importrun_go_on": "302 302 404 404 404 404 404",
    "admin:products_relation_sheet": "302 302 200 200 200 200 200",
    "admin:products_relation_import": "302 302 403 403 200 403 200",
    "admin:products_searchrule_preview": "302 302 200 200 200 200 200",
    "admin:products_synonym_sheet": "302 302 200 200 200 200 200",
    "admin:products_synonym_import": "302 302 403 403 200 403 200",
    "admin:search-explain": "302 302 404 404 404 404 404",
    "admin:search-demand": "302 302 404 404 404 404 404",
    "admin:search-demand-csv": "302 302 404 404 404 404 404",
    "admin:personas_persona_draft": "302 302 404 404 404 404 404",
    "admin:personas_persona_first_draft": "302 302 404 404 404 404 404",
    "admin:chat_conversation_act": "302 302 404 404 404 404 404",
    "admin:live_liveroom_host": "302 302 404 404 404 404 404",
    "admin:live_liveroom_act": "302 302 404 404 404 404 404",
}
# What is written to routes that have no page to read; elsewhere a variant of the other shop.
BODIES: dict[str, dict[str, object]] = {
    r"/cancel/$": {"reason": "changed my mind"},
    r"/suggestions/$": {},
    r"/conversations/$": {"creator": "lena", "surface": "direct", "place": "", "language": "en"},
    r"/links/$": {"product_id": 1},
    r"/content-views/$": {"content": "ridge-walk", "view_id": "1234567890"},
}
# Routes of shops and of the whole site: asked for in the first shop with the other's ids, by GET where there is one,
# else by POST with the other's ids in the body. Staff have no rights there that a guest has not.
#                                     anonymous shopper owner
OPEN_ROWS: dict[str, str] = {
    "/livez/": "200 200 200",
    "/healthz/": "200 200 200",
    "/readyz/": "200 200 200",
    "/metrics/": "404 404 404",
    "/api/v1/shops/SHOP/shoppers/": "201 201 201",
    "/api/v1/shops/SHOP/products/": "200 200 200",
    "/api/v1/shops/SHOP/products/<str:slug>/": "404 404 404",
    "/api/v1/shops/SHOP/products/<str:slug>/similar/": "404 404 404",
    "/api/v1/shops/SHOP/products/<str:slug>/together/": "404 404 404",
    "/api/v1/shops/SHOP/suggestions/": "200 200 200",
    "/api/v1/shops/SHOP/cart/": "403 200 403",
    "/api/v1/shops/SHOP/cart/lines/": "403 404 403",
    "/api/v1/shops/SHOP/cart/lines/<row:variant_id>/": "403 404 403",
    "/api/v1/shops/SHOP/services/<row:product_id>/slots/": "404 404 404",
    "/api/v1/shops/SHOP/cart/code/": "403 400 403",
    "/api/v1/shops/SHOP/cart/delivery/": "403 400 403",
    "/api/v1/shops/SHOP/address/": "403 204 403",
    "/api/v1/shops/SHOP/orders/": "403 200 403",
    "/api/v1/shops/SHOP/orders/<uuid:reference>/": "403 404 403",
    "/api/v1/shops/SHOP/waitlist/": "403 200 403",
    "/api/v1/shops/SHOP/waitlist/<row:variant_id>/": "403 404 403",
    "/api/v1/shops/SHOP/checkout/": "403 400 403",
    "/api/v1/shops/SHOP/orders/<uuid:reference>/pay/": "403 404 403",
    "/api/v1/shops/SHOP/orders/<uuid:reference>/cancel/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/": "404 404 404",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/messages/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/acts/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/confirmations/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/address/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/sign-in/": "403 404 403",
    "/api/v1/shops/SHOP/conversations/<uuid:conversation_id>/sign-in/code/": "403 404 403",
    "/api/v1/shops/SHOP/rooms/<slug:slug>/": "404 404 404",
    "/api/v1/shops/SHOP/rooms/<slug:slug>/links/": "403 404 403",
    "/api/v1/shops/SHOP/content-views/": "403 404 403",
    "/api/schema/": "200 200 200",
    "/webhooks/stripe/": "400 400 400",
    "/pay/<str:session_id>/": "404 404 404",
    "/l/<str:link_id>/": "302 302 302",
    "/": "200 200 200",
    "/favicon.ico": "302 302 302",
    "/language/": "302 302 302",
    "/s/SHOP/": "200 200 200",
    "/s/SHOP/theme.css": "200 200 200",
    "/s/SHOP/shopper/": "204 204 204",
    "/s/SHOP/c/<slug:creator_slug>/": "404 404 404",
    "/s/SHOP/c/<slug:creator_slug>/chat/": "404 404 404",
    "/s/SHOP/p/<str:slug>/": "404 404 404",
    "/s/SHOP/p/<str:slug>/beside/": "404 404 404",
    "/s/SHOP/search/": "200 200 200",
    "/s/SHOP/compare/": "200 200 200",
    "/s/SHOP/v/<slug:slug>/": "404 404 404",
    "/s/SHOP/live/<slug:slug>/": "404 404 404",
    "/s/SHOP/waitlist/<str:token>/": "404 404 404",
    "/s/SHOP/sign-in/<str:token>/": "404 404 404",
    "/s/SHOP/cart/": "200 200 200",
    "/s/SHOP/cart/line/": "409 409 409",
    "/s/SHOP/cart/address/": "422 422 422",
    "/s/SHOP/cart/code/": "302 302 302",
    "/s/SHOP/cart/delivery/": "409 409 409",
    "/s/SHOP/cart/pay/": "409 409 409",
    "/s/SHOP/orders/<uuid:reference>/": "404 404 404",
    "/s/SHOP/orders/<uuid:reference>/pay/": "404 404 404",
    "/s/SHOP/orders/<uuid:reference>/<row:appointment_id>.ics": "404 404 404",
    "/s/SHOP/downloads/<str:token>/": "404 404 404",
    "/s/SHOP/orders/<uuid:reference>/owed/": "404 404 404",
    "/s/SHOP/owed/<str:token>/": "404 404 404",
    "/s/SHOP/cart/reminders/": "302 302 302",
    "/s/SHOP/reminders/<str:token>/": "404 404 404",
    "/returns/<str:label_id>/": "404 404 404",
}


def routes(resolver: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name with namespace, pattern) of every route."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name or ''}", prefix + str(entry.pattern)


def model_route(name: str) -> tuple[str, str] | None:
    """Return (table, kind) of a route that the admin makes for a table."""
    found = re.fullmatch(r"admin:(\w+)_(changelist|add|history|delete|change)", name)
    return (found[1], found[2]) if found and found[1] in AREAS else None


def expected(table: str, kind: str, actor: str) -> int:  # noqa: PLR0911 (a table in code)
    """Return what an actor gets from a table's page with the other shop's row."""
    area = AREAS[table]
    sees, changes = actor in SEES[area].split(), actor in CHANGES[area].split()
    if actor in ("anonymous", "shopper"):
        return 302
    if kind == "changelist":
        return 200 if sees else 403
    if kind == "add":
        if table == "products_importrun":
            return 302
        allowed = changes and table not in NOT_ADDED
        return (302 if table in ADDED_ELSEWHERE else 200) if allowed else 403
    if kind == "history" or (kind == "change" and table in LOOKS_FIRST):
        return 403 if area == "platform" and kind == "history" else 404
    if kind == "delete":
        return 404 if changes and table not in NOT_DELETED else 403
    return 404 if sees else 403


@pytest.fixture
def doors(merchant: Merchant) -> tuple[dict[str, Client], Shop]:
    """The people of one shop, and the other shop."""
    return clients(merchant), other_shop()


def address(pattern: str, shop: Shop) -> str:
    """Return the address of a route with the other shop's ids in it."""
    rows = shop.rows
    table = re.match(r"admin/(\w+)/(\w+)/", pattern)
    own = rows.get(f"{table[1]}_{table[2]}") if table else None
    fills = {
        "path:object_id": own.pk if own else 1,
        "path:content_type_id": 1,
        "int:persona_id": rows["personas_persona"].pk,
        "int:creator_id": shop.creator.pk,
        "int:run_id": rows["products_importrun"].pk,
        "row:variant_id": rows["products_variant"].pk,
        "row:product_id": rows["products_product"].pk,
        "row:appointment_id": rows["orders_appointment"].pk,
        "uuid:conversation_id": rows["chat_conversation"].pk,
        "uuid:room_id": rows["live_liveroom"].pk,
        "uuid:reference": getattr(rows["orders_order"], "reference", ""),
        "str:link_id": rows["funnel_productlink"].pk,
        "str:session_id": "cs_of_nobody",
        "str:label_id": "rl_of_nobody",
        "str:token": entry_token(rows["orders_waitlistentry"]),
        "slug:merchant_slug": "meis-shelf",
        "slug:creator_slug": shop.creator.slug,
        "slug:slug": slug_for(pattern),
        "str:slug": "tent",
    }
    if "/owed/<" in pattern:
        fills["str:token"] = owed_token(rows["payments_collection"].pk)
    elif "/downloads/<" in pattern:
        fills["str:token"] = token_of(rows["orders_downloadgrant"])
    elif "/reminders/<" in pattern:
        fills["str:token"] = consent_token(rows["accounts_consent"])
    plain = re.sub(r"\^\(\?P<app_label>.*", "products/", pattern).replace("(?P<url>.*)$", "nothing/here/")
    path = re.sub(r"<([^>]+)>", lambda found: str(fills[found[1]]), plain)
    query = "?shop=north-ridge" if re.search(r"report|importrun/new|admin/search/", path) else ""
    return f"/{path}{query}"


def slug_for(pattern: str) -> str:
    """Return the slug of the other shop's room or video."""
    return "friday" if re.search(r"rooms|live", pattern) else "ridge-walk"


def row_of(name: str, pattern: str) -> str:
    """Return the name of a route's row: its own name in the admin, its pattern elsewhere (names repeat there)."""
    return name if name.startswith("admin:") else f"/{pattern}".replace("<slug:merchant_slug>", "SHOP")


def answer(client: Client, path: str, shop: Shop) -> int:
    """Return what a route answers to a read, or to the first write it knows."""
    got = client.get(path).status_code
    body: dict[str, object] = {"variant": shop.rows["products_variant"].pk, "quantity": 1}
    for pattern, given in BODIES.items():
        body = given if re.search(pattern, path) else body
    for method in (client.post, client.put, client.patch, client.delete):
        if got == 405:
            got = method(path, json.dumps(body), content_type="application/json").status_code
    return got


def test_every_route_stands_in_the_table() -> None:
    known = {*ROWS, *OPEN_ROWS}
    there = {row_of(name, pattern) for name, pattern in routes() if model_route(name) is None}

    assert there - known == set(), "a new route: write what each role gets there"
    assert known - there == set(), "these routes are gone"


def _leave_undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of pages are asked who may see them; drawing each would take a minute and is tested elsewhere."""

    def blank(self: SimpleTemplateResponse) -> SimpleTemplateResponse:
        self.content = b""
        return self

    monkeypatch.setattr(SimpleTemplateResponse, "render", blank)


def test_no_role_reaches_another_shops_rows_in_the_admin(
    doors: tuple[dict[str, Client], Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    people, shop = doors
    _leave_undrawn(monkeypatch)
    wrong = []
    for name, pattern in routes():
        found = model_route(name)
        if found is None:
            continue
        for actor in ACTORS:
            path = address(pattern, shop)
            got, wanted = people[actor].get(path).status_code, expected(*found, actor)
            if got != wanted:
                wrong.append((path, actor, got, wanted))
    assert wrong == []


def test_the_admins_own_pages_answer_each_role_as_the_table_says(doors: tuple[dict[str, Client], Shop]) -> None:
    people, shop = doors
    got = dict.fromkeys(ROWS, "")
    for name, pattern in routes():
        if name in ROWS and not (name == "admin:" and "object_id" in pattern):
            act = re.search(r"try-out|/act/|/undo/", pattern)
            path = address(pattern, shop)
            ask = [
                people[actor].post(path).status_code if act else people[actor].get(path).status_code for actor in ACTORS
            ]
            got[name] = " ".join(map(str, ask))
    assert got == ROWS


def test_shop_routes_never_answer_with_another_shops_rows(doors: tuple[dict[str, Client], Shop]) -> None:
    people, shop = doors
    got = {}
    for name, pattern in routes():
        if not name.startswith("admin:"):
            found = [answer(people[actor], address(pattern, shop), shop) for actor in ("anonymous", "shopper", "owner")]
            got[row_of(name, pattern)] = " ".join(map(str, found))
    assert got == OPEN_ROWS
