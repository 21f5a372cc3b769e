"""Products in the admin: what is saved reaches the index, and nothing of another shop can be chosen."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.accounts.models import AuditEntry, Brand, Membership, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.products.models import Offer, Product, Shelf, Stock
from tests.factories import make_creator, make_merchant, make_variant
from tests.shop_assistant.staff import form_of, signed_in, text_of


def test_price_and_stock_typed_beside_the_variant_are_saved_and_the_index_is_told(in_scope: Merchant) -> None:
    variant = make_variant(in_scope, sku="S-1")
    client = signed_in(in_scope, "editor")
    path = f"/admin/products/product/{variant.product_id}/change/"
    data = form_of(client, path) | {
        "title": "Night cream",
        "titles_zh-hant": "晚霜",
        "tags": "new, calm",
        "attributes": '{"spf": 30}',
        "variants-0-price": "560",
        "variants-0-was": "680",
        "variants-0-on_hand": "3",
    }
    OutboxMessage.objects.all().delete()

    answer = client.post(path, data)

    assert answer.status_code == 302, text_of(answer.content)
    product = Product.objects.get()
    assert (product.title, product.titles["zh-hant"], product.tags) == ("Night cream", "晚霜", ["new", "calm"])
    assert product.attributes == {"spf": 30}
    offer = Offer.objects.get()
    assert (offer.amount_minor, offer.compare_at_minor) == (56000, 68000)
    assert Stock.objects.get().on_hand == 3
    assert OutboxMessage.objects.filter(topic="product.changed").exists()
    assert AuditEntry.objects.get().action == "change product"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("variants-0-price", "-5", "greater than or equal to 0"),
        ("variants-0-on_hand", "1", "Open orders hold 2 units"),
        ("attributes", '{"a": {"b": 1}}', "a value is text, a number, true or a list"),
    ],
)
def test_a_bad_value_is_told_beside_its_field_and_nothing_is_saved(
    in_scope: Merchant, field: str, value: str, said: str
) -> None:
    variant = make_variant(in_scope, sku="S-1")
    Stock.objects.update(reserved=2)
    client = signed_in(in_scope, "editor")
    path = f"/admin/products/product/{variant.product_id}/change/"

    answer = client.post(path, form_of(client, path) | {field: value, "title": "Changed"})

    assert answer.status_code == 200
    assert said in text_of(answer.content)
    assert Product.objects.get().title != "Changed"


def test_a_sku_that_another_product_has_is_told_and_not_a_crash(in_scope: Merchant) -> None:
    make_variant(in_scope, sku="TAKEN")
    variant = make_variant(in_scope, sku="FREE")
    client = signed_in(in_scope, "editor")
    path = f"/admin/products/product/{variant.product_id}/change/"

    answer = client.post(path, form_of(client, path) | {"variants-0-sku": "TAKEN"})

    assert answer.status_code == 200
    assert "already exists" in text_of(answer.content)
    variant.refresh_from_db()
    assert variant.sku == "FREE"


def test_a_brand_of_another_shop_cannot_be_chosen(in_scope: Merchant) -> None:
    variant = make_variant(in_scope)
    other = make_merchant()
    with merchant_scope(other):
        brand = Brand.objects.create(merchant=other, slug="acme", name="Acme")
    client = signed_in(in_scope, "owner")
    path = f"/admin/products/product/{variant.product_id}/change/"

    answer = client.post(path, form_of(client, path) | {"brand": str(brand.pk)})

    assert "not one of the available choices" in text_of(answer.content)
    assert Product.objects.get().brand is None


def test_someone_who_works_for_two_shops_cannot_mix_them(in_scope: Merchant) -> None:
    other = make_merchant()
    client = signed_in(in_scope, "owner")
    with merchant_scope([in_scope, other]):
        user = User.objects.get(username="meis-shelf-owner")
        Membership.objects.create(merchant=other, user=user, role="analyst")
        creator = make_creator(other, slug="lena")
        product = make_variant(in_scope).product
    path = "/admin/products/shelf/add/"
    data = {"creator": creator.pk, "product": product.pk, "position": "1"}

    assert client.post(path, data | {"merchant": other.pk}).status_code == 403
    assert client.post(path, data | {"merchant": in_scope.pk}).status_code == 403
    with merchant_scope([in_scope, other]):
        assert Shelf.objects.count() == 0


def test_publish_and_archive_are_acts_on_many_products(in_scope: Merchant) -> None:
    product = make_variant(in_scope).product
    client = signed_in(in_scope, "editor")

    def act(name: str) -> str:
        data: dict[str, Any] = {"action": name, "_selected_action": [product.pk]}
        client.post("/admin/products/product/", data)
        return Product.objects.get().status

    assert [act("archive"), act("make_draft"), act("make_active")] == ["archived", "draft", "active"]


def test_an_analyst_reads_products_and_changes_nothing(in_scope: Merchant) -> None:
    product = make_variant(in_scope).product
    client = signed_in(in_scope, "analyst")
    path = f"/admin/products/product/{product.pk}/change/"

    assert client.get(path).status_code == 200
    assert client.post(path, {"title": "x"}).status_code == 403
    client.post("/admin/products/product/", {"action": "archive", "_selected_action": [product.pk]})
    assert Product.objects.get().status == "active"


def test_the_list_takes_as_many_queries_for_twenty_products_as_for_two(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")

    def queries(count: int) -> int:
        for _number in range(count):
            make_variant(in_scope)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get("/admin/products/product/").status_code == 200
        return len(seen)

    queries(1)
    assert queries(1) == queries(18)
