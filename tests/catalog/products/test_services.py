from __future__ import annotations

import pytest

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.products import services
from catalog.products.fields import MediaFields, ProductFields, VariantFields
from catalog.products.models import Category, Media, Offer, Product, Shelf, Stock, Variant
from tests.factories import make_creator, make_merchant, make_product


def told() -> list[list[int]]:
    """The product ids of every message to the index, oldest first."""
    rows = OutboxMessage.objects.filter(topic="product.changed", lane="index").order_by("id")
    return [row.payload["product_ids"] for row in rows]


def test_save_product_writes_everything_once(in_scope: Merchant) -> None:
    product = services.save_product(
        merchant=in_scope,
        fields=ProductFields(
            slug="cloud-cream",
            title="Cloud Cream",
            titles={"zh-hant": "雲朵乳霜"},
            descriptions={"en": "Soft."},
            brand="Cloudwork",
            category_path="skincare/moisturiser",
            category_names={"en": "Moisturiser", "zh-hant": "乳霜"},
            tags=("new",),
            attributes={"skin_types": ["dry"]},
            variants=(
                VariantFields("CC-50", {"Size": "50 ml"}, {"TWD": 108_000}, {"TWD": 120_000}, on_hand=9),
                VariantFields("CC-15", {"Size": "15 ml"}),
            ),
            media=(MediaFields("/a.svg"), MediaFields("/b.svg", {"en": "B"})),
        ),
    )

    assert (product.title_in("zh-hans"), product.description_in("en")) == ("云朵乳霜", "Soft.")
    assert str(product.brand) == "Cloudwork"
    assert [(row.path, row.name("zh-hant")) for row in Category.objects.all()] == [
        ("skincare", "Skincare"),
        ("skincare/moisturiser", "乳霜"),
    ]
    assert list(Variant.objects.values_list("sku", "position")) == [("CC-50", 0), ("CC-15", 1)]
    assert list(Offer.objects.values_list("currency", "amount_minor", "compare_at_minor")) == [
        ("TWD", 108_000, 120_000)
    ]
    assert sorted(Stock.objects.values_list("variant__sku", "on_hand", "is_tracked")) == [
        ("CC-15", 0, False),
        ("CC-50", 9, True),
    ]
    assert list(Media.objects.values_list("url", "position")) == [("/a.svg", 0), ("/b.svg", 1)]
    assert told() == [[product.pk]]


def test_saving_again_makes_the_product_equal_to_the_fields(in_scope: Merchant) -> None:
    product = make_product(in_scope, variants=(VariantFields("A", prices={"TWD": 100}), VariantFields("B")))
    kept = Variant.objects.get(sku="A")

    services.save_product(
        merchant=in_scope,
        product_id=product.pk,
        fields=ProductFields(slug="new", title="New", variants=(VariantFields("A", prices={"USD": 5}),)),
    )

    assert [variant.pk for variant in Variant.objects.all()] == [kept.pk]
    assert list(Offer.objects.values_list("currency", "amount_minor")) == [("USD", 5)]
    assert Product.objects.get().slug == "new"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (ProductFields(slug="x", title="  "), "title"),
        (ProductFields(slug="x", title="X", status="gone"), "status"),
        (ProductFields(slug="x", title="X", variants=(VariantFields("S", prices={"TWD": -1}),)), "price of S"),
        (ProductFields(slug="x", title="X", variants=(VariantFields("S", on_hand=-1),)), "stock of S"),
        (ProductFields(slug="no-3-serum", title="X"), "handle"),
        (ProductFields(slug="x", title="X", variants=(VariantFields("no-3-serum-1"),)), "SKU"),
    ],
)
def test_a_product_that_cannot_be_is_refused_and_leaves_nothing(
    in_scope: Merchant, fields: ProductFields, named: str
) -> None:
    make_product(in_scope)

    with pytest.raises(services.ProductRefused, match=named):
        services.save_product(merchant=in_scope, fields=fields)

    assert (Product.objects.count(), Variant.objects.count(), len(told())) == (1, 1, 1)


def test_two_merchants_may_use_the_same_handle_and_sku(in_scope: Merchant) -> None:
    make_product(in_scope)
    other = make_merchant()

    with merchant_scope(other):
        make_product(other)
        assert Product.objects.count() == 1


def test_set_price_changes_adds_and_takes_off_sale(in_scope: Merchant) -> None:
    product = make_product(in_scope, prices={"TWD": 100})
    variant = product.variants.get()

    services.set_price(variant_id=variant.pk, currency="TWD", amount_minor=90, compare_at_minor=100)
    services.set_price(variant_id=variant.pk, currency="EUR", amount_minor=3)
    assert sorted(Offer.objects.values_list("currency", "amount_minor", "compare_at_minor")) == [
        ("EUR", 3, None),
        ("TWD", 90, 100),
    ]

    services.set_price(variant_id=variant.pk, currency="TWD", amount_minor=None)
    assert list(Offer.objects.values_list("currency", flat=True)) == ["EUR"]
    assert told() == [[product.pk]] * 4


def test_a_negative_price_is_refused(in_scope: Merchant) -> None:
    variant = make_product(in_scope).variants.get()

    with pytest.raises(services.ProductRefused, match="price: -5"):
        services.set_price(variant_id=variant.pk, currency="TWD", amount_minor=-5)

    assert Offer.objects.get(currency="TWD").amount_minor == 980_00


def test_stock_is_never_set_below_what_is_promised(in_scope: Merchant) -> None:
    variant = make_product(in_scope, on_hand=5).variants.get()
    Stock.objects.filter(variant=variant).update(reserved=3)

    services.set_stock(variant_id=variant.pk, on_hand=3)
    with pytest.raises(services.ProductRefused, match="promised to orders"):
        services.set_stock(variant_id=variant.pk, on_hand=2)
    assert Stock.objects.get().on_hand == 3

    services.set_stock(variant_id=variant.pk, on_hand=None)
    assert not Stock.objects.get().is_tracked


def test_status(in_scope: Merchant) -> None:
    product = make_product(in_scope)

    services.retire(product_id=product.pk)
    assert Product.objects.get().status == "archived"
    with pytest.raises(services.ProductRefused, match="status"):
        services.set_status(product_id=product.pk, status="gone")
    assert told() == [[product.pk]] * 2


def test_another_merchants_rows_are_not_there(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    variant = product.variants.get()

    with merchant_scope(make_merchant()):
        with pytest.raises(Product.DoesNotExist):
            services.set_status(product_id=product.pk, status="draft")
        with pytest.raises(Variant.DoesNotExist):
            services.set_price(variant_id=variant.pk, currency="TWD", amount_minor=1)
        with pytest.raises(Variant.DoesNotExist):
            services.set_stock(variant_id=variant.pk, on_hand=1)


def test_shelf(in_scope: Merchant) -> None:
    product, creator = make_product(in_scope), make_creator(in_scope)

    services.put_on_shelf(creator=creator, product=product, position=2)
    services.put_on_shelf(creator=creator, product=product, position=1, notes={"en": "Daily."})
    assert list(Shelf.objects.values_list("position", "notes")) == [(1, {"en": "Daily."})]

    services.take_off_shelf(creator=creator, product=product)
    services.take_off_shelf(creator=creator, product=product)
    assert Shelf.objects.count() == 0


def test_brands_are_one_whatever_their_case(in_scope: Merchant) -> None:
    assert services.brand_named(merchant=in_scope, name="ACME") == services.brand_named(merchant=in_scope, name="Acme")


def test_many_changes_are_few_messages(in_scope: Merchant) -> None:
    services.products_changed(product_ids=range(1, 402), merchant_id=in_scope.pk)

    assert [len(ids) for ids in told()] == [200, 200, 1]
    assert [row.key for row in OutboxMessage.objects.filter(lane="index").order_by("id")] == ["1+199", "201+199", "401"]
