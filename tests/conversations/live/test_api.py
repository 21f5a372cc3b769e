"""REST of the room and of content views."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import shopper_token
from conversations.funnel.models import FunnelEvent
from conversations.live.models import LiveRoom
from conversations.live.services import pin
from tests.conversations.live.watching import make_room
from tests.factories import make_content, make_merchant, make_product, make_shopper

ROOM = "/api/v1/shops/meis-shelf/rooms/evening-clinic/"
VIEWS = "/api/v1/shops/meis-shelf/content-views/"


@pytest.fixture
def room(in_scope: Merchant) -> LiveRoom:
    return make_room(in_scope)


@pytest.fixture
def mina(in_scope: Merchant) -> Shopper:
    return make_shopper(in_scope)


def post(client: Client, path: str, shopper: Shopper | None, **data: Any) -> Any:
    headers = {"Authorization": f"Shopper {shopper_token(shopper)}"} if shopper else {}
    return client.post(path, data, content_type="application/json", headers=headers)


def test_anybody_reads_the_room(room: LiveRoom, client: Client) -> None:
    response = client.get(ROOM, {"language": "zh-TW"})

    assert response.status_code == 200
    assert response.json()["title"] == "小梅的晚間保養診間"
    assert client.get(ROOM.replace("evening", "morning")).status_code == 404
    assert client.get(ROOM.replace("meis-shelf", "nobody")).status_code == 404


def test_another_shops_room_is_not_found(room: LiveRoom, client: Client) -> None:
    make_merchant(slug="other")
    assert client.get(ROOM.replace("meis-shelf", "other")).status_code == 404


def test_a_viewer_gets_a_link_whose_get_is_the_click(room: LiveRoom, mina: Shopper, client: Client) -> None:
    product = make_product(room.merchant)
    pin(room_id=room.pk, product_id=product.pk)

    response = post(client, f"{ROOM}links/", mina, product_id=product.pk)

    assert response.status_code == 201
    assert client.get(response.json()["url"]).status_code == 302
    clicked = FunnelEvent.objects.get(step="product_clicked")
    assert (clicked.link_id, clicked.shopper_id, clicked.room_id) == (response.json()["link_id"], mina.pk, room.pk)


@pytest.mark.parametrize(
    ("data", "status"),
    [({}, 400), ({"product_id": 0}, 400), ({"product_id": "x"}, 400), ({"product_id": 987_654}, 404)],
)
def test_a_bad_link_request_is_refused(
    room: LiveRoom, mina: Shopper, client: Client, data: dict[str, Any], status: int
) -> None:
    response = post(client, f"{ROOM}links/", mina, **data)

    assert response.status_code == status
    assert "product_id" in response.content.decode()
    assert FunnelEvent.objects.count() == 0


def test_a_stranger_gets_no_link_and_counts_no_view(room: LiveRoom, client: Client) -> None:
    for path in (f"{ROOM}links/", VIEWS):
        assert post(client, path, None, product_id=1).status_code in (401, 403)


def test_a_content_view_is_counted_once(room: LiveRoom, mina: Shopper, client: Client) -> None:
    content = make_content(room.creator)

    answers = [post(client, VIEWS, mina, content=content.slug, view_id="view-0001") for _ in range(2)]

    assert [(answer.status_code, answer.json()["recorded"]) for answer in answers] == [(201, True), (201, False)]
    assert FunnelEvent.objects.get().content_id == content.pk


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"content": "four-step-night"}, (400, "view_id")),
        ({"content": "four-step-night", "view_id": "short"}, (400, "view_id")),
        ({"content": "four-step-night", "view_id": "has a space"}, (400, "view_id")),
        ({"view_id": "view-0001"}, (400, "content")),
        ({"content": "unknown", "view_id": "view-0001"}, (404, "content")),
        ({"content": "theirs", "view_id": "view-0001"}, (404, "content")),
        ({"content": "draft", "view_id": "view-0001"}, (404, "content")),
    ],
)
def test_a_bad_content_view_names_its_field(
    room: LiveRoom, mina: Shopper, client: Client, data: dict[str, Any], refusal: tuple[int, str]
) -> None:
    make_content(room.creator)
    make_content(room.creator, slug="draft", is_published=False)
    other = make_merchant()
    with merchant_scope(other):
        make_content(make_room(other).creator, slug="theirs")

    response = post(client, VIEWS, mina, **data)

    assert response.status_code == refusal[0]
    assert refusal[1] in response.content.decode()
    assert FunnelEvent.objects.filter(content_id__isnull=False).count() == 0
