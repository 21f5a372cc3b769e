from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.outbox.subscribers import Event
from catalog.outbox.worker import drain
from catalog.products import indexing, services
from catalog.products.fields import VariantFields
from catalog.products.models import Product, ProductStatus
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery
from tests.factories import make_creator, make_merchant, make_product


def found(merchant: Merchant, text: str) -> list[int]:
    return [hit.product_id for hit in backend().search(ProductQuery(merchant_id=merchant.pk, text=text)).hits]


def test_a_document_holds_what_shoppers_search_and_filter_by(in_scope: Merchant) -> None:
    product = make_product(
        in_scope,
        titles={"en": "No. 3 Serum", "zh-hant": "3 號精華", "zh-hans": "3 号精华"},
        descriptions={"en": "For shine."},
        brand="Riceleaf",
        category_path="skincare/serum",
        category_names={"en": "Serum", "zh-hant": "精華"},
        model_number="N3",
        tags=("everyday",),
        attributes={
            "skin_types": ["oily"],
            "conflicts_with": ["retinal"],
            "avoid_in_pregnancy": True,
            "size_ml": 30,
            "spf": 50.0,
            "texture": "gel",
            "vegan": False,
            "package_height": 7,
            "empty": "",
            "nothing": None,
        },
        variants=(
            VariantFields("S", prices={"TWD": 200, "USD": 7}, on_hand=0),
            VariantFields("L", prices={"TWD": 100}, on_hand=1),
        ),
    )
    creator = make_creator(in_scope)
    services.put_on_shelf(creator=creator, product=product)

    (document,) = indexing.documents([product.pk])

    assert document.title == "No. 3 Niacinamide 5% Serum\nNo. 3 Serum\n3 號精華"
    assert (document.description, document.category) == ("For shine.", "Serum\n精華")
    assert (document.category_path, document.brand, document.model) == ("skincare/serum", "Riceleaf", "N3")
    assert sorted(document.skus) == ["L", "S"]
    assert document.prices == {"TWD": 100, "USD": 7}
    assert (document.in_stock, document.is_for_sale, document.creator_ids) == (True, True, (creator.pk,))
    assert document.attributes == {
        "skin_types": ["oily"],
        "conflicts_with": ["retinal"],
        "avoid_in_pregnancy": ["true"],
        "size_ml": ["30"],
        "spf": ["50"],
        "texture": ["gel"],
        "vegan": ["false"],
        "package_height": ["7"],
    }
    for word in ("oily skin", "油肌", "油性", "30 ml", "spf 50", "light gel", "everyday"):
        assert word in document.attribute_text
    assert "retinal" not in document.attribute_text
    assert "7" not in document.attribute_text


@pytest.mark.parametrize("word", ["oily", "油性", "油肌", "出油", "greasy"])
def test_attributes_are_found_in_every_language(in_scope: Merchant, word: str) -> None:
    product = make_product(in_scope, attributes={"skin_types": ["oily"]})
    drain()

    assert found(in_scope, word) == [product.pk]


def test_what_a_product_clashes_with_does_not_find_it(in_scope: Merchant) -> None:
    make_product(in_scope, attributes={"conflicts_with": ["retinal"], "avoid_in_pregnancy": True})
    drain()

    assert found(in_scope, "retinal") == found(in_scope, "pregnancy") == []


@pytest.mark.parametrize("status", [ProductStatus.DRAFT, ProductStatus.ARCHIVED])
def test_drafts_and_archived_products_are_never_indexed(in_scope: Merchant, status: str) -> None:
    make_product(in_scope, status=status)
    active = make_product(in_scope, slug="b")
    drain()
    assert backend().product_ids(in_scope.pk) == {active.pk}

    services.set_status(product_id=active.pk, status=status)
    drain()
    assert backend().product_ids(in_scope.pk) == set()


def test_a_product_sold_elsewhere_is_for_sale_and_in_stock(in_scope: Merchant) -> None:
    product = make_product(in_scope, external_url="https://maker.example/", variants=())

    (document,) = indexing.documents([product.pk])

    assert (document.is_for_sale, document.in_stock, document.prices) == (True, True, {})


def test_a_late_message_does_not_bring_back_what_was_removed(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    first = OutboxMessage.objects.get(lane="index")
    drain()
    services.retire(product_id=product.pk)
    drain()
    Product.objects.update(status="active")  # as if the late message had read the row before

    event = Event(first.pk, first.topic, first.key, first.payload, first.merchant_id, first.created_at)
    indexing.on_product_changed(event)

    assert backend().product_ids(in_scope.pk) == set()


def test_a_message_reaches_its_own_merchants_products_only(in_scope: Merchant) -> None:
    mine, other = make_product(in_scope), make_merchant()
    services.products_changed(product_ids=[mine.pk], merchant_id=other.pk)
    OutboxMessage.objects.filter(merchant_id=in_scope.pk).delete()
    drain()

    assert backend().product_ids(in_scope.pk) == backend().product_ids(other.pk) == set()


def test_reindex_makes_the_index_equal_to_the_shop(in_scope: Merchant) -> None:
    kept, gone = make_product(in_scope), make_product(in_scope, slug="b")
    drain()
    backend().clear(in_scope.pk)
    services.retire(product_id=gone.pk)
    heard: list[int] = []

    assert indexing.reindex(merchant=in_scope, progress=heard.append) == 1

    assert backend().product_ids(in_scope.pk) == {kept.pk}
    assert heard == [2]


def test_reindex_replaces_what_stands_there_and_removes_what_is_gone(in_scope: Merchant) -> None:
    product, gone = make_product(in_scope), make_product(in_scope, slug="b")
    drain()
    Product.objects.filter(pk=product.pk).update(title="Renamed")
    Product.objects.filter(pk=gone.pk).update(status="draft")

    indexing.reindex(merchant=in_scope)

    assert found(in_scope, "renamed") == [product.pk]
    assert backend().product_ids(in_scope.pk) == {product.pk}


def test_a_change_during_reindex_wins_whatever_other_ids_came_in_between(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    drain()
    # The message of a change that commits later has a lower id than this one of another product.
    services.product_changed(product_id=product.pk, merchant_id=in_scope.pk)
    late = OutboxMessage.objects.filter(lane="index").latest("id")
    fields = (late.pk, late.topic, late.key, late.payload, late.merchant_id, late.created_at)
    late.delete()
    make_product(in_scope, slug="b")
    indexing.reindex(merchant=in_scope)
    Product.objects.filter(pk=product.pk).update(title="Renamed")

    indexing.on_product_changed(Event(*fields))

    assert found(in_scope, "renamed") == [product.pk]


def test_reindex_command(in_scope: Merchant) -> None:
    other = make_merchant()
    make_product(in_scope)
    with merchant_scope(other):
        make_product(other)
    out = StringIO()

    with every_merchant():
        call_command("reindex", "--merchant", other.slug, stdout=out)
        assert backend().product_ids(in_scope.pk) == set()
        call_command("reindex", stdout=out)

    assert out.getvalue() == "1 products in the index\n2 products in the index\n"
    assert len(backend().product_ids(in_scope.pk)) == len(backend().product_ids(other.pk)) == 1
    with pytest.raises(CommandError, match="nobody"):
        call_command("reindex", "--merchant", "nobody")
