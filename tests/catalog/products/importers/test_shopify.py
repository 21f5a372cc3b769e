"""Shopify's sheets: what a merchant exports is what stands in the shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.accounts.models import Merchant
from catalog.outbox.models import OutboxMessage
from catalog.products.importers import run_import
from catalog.products.models import Media, Product, Variant
from tests.catalog.products.importers.sheets import brief, classic, everything, imported, sheet, write


def test_a_product_with_three_options_and_several_variants_and_pictures(in_scope: Merchant, tmp_path: Path) -> None:
    options = {"Option1__Name": "Size", "Option2__Name": "Scent", "Option3__Name": "Pack"}
    first = classic(**options, Option1__Value="30 ml", Option2__Value="Rose", Option3__Value="1")
    first |= {"Image Src": "https://cdn.example/b.png", "Image Position": "2", "Image Alt Text": "Bottle"}
    blank = dict.fromkeys(first, "")
    second = blank | {
        "Handle": "serum", "Option1 Value": "50 ml", "Option2 Value": "Tea", "Option3 Value": "2",
        "Variant SKU": "S-2", "Variant Price": "1280.00", "Variant Compare At Price": "1,480",
        "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "0", "Variant Image": "https://cdn.example/v.png",
        "Image Src": "https://cdn.example/a.png", "Image Position": "1", "Image Alt Text": "瓶子",
    }  # fmt: skip
    third = blank | {"Handle": "serum", "Image Src": "https://cdn.example/c.png", "Image Position": "3"}

    summary = imported(in_scope, sheet(tmp_path, [first, second, third]))

    assert (summary.created, summary.rows, summary.format) == (1, 3, "shopify_classic")
    product = Product.objects.get()
    assert (product.slug, product.title, product.status, product.brand.name) == (
        "serum", "No. 3 Serum", "active", "Hanbi",
    )  # fmt: skip
    small, large = product.variants.all()
    assert (small.sku, small.options) == ("S-1", {"Size": "30 ml", "Scent": "Rose", "Pack": "1"})
    assert (large.sku, large.options) == ("S-2", {"Size": "50 ml", "Scent": "Tea", "Pack": "2"})
    offer = large.offers.get()
    assert (offer.currency, offer.amount_minor, offer.compare_at_minor) == ("TWD", 128000, 148000)
    assert (small.stock.on_hand, large.stock.on_hand, large.stock.is_tracked) == (5, 0, True)
    pictures = [(row.url, row.alt_texts, row.variant_id) for row in product.media.all()]
    assert pictures == [
        ("https://cdn.example/a.png", {"zh-hant": "瓶子"}, None),
        ("https://cdn.example/b.png", {"en": "Bottle"}, None),
        ("https://cdn.example/c.png", {}, None),
        ("https://cdn.example/v.png", {}, large.pk),
    ]


def test_rows_of_one_product_may_stand_apart(in_scope: Merchant, tmp_path: Path) -> None:
    rows = [
        classic(Option1__Name="Size", Option1__Value="S"),
        classic(Handle="cream", Title="Cream", Variant__SKU="C-1"),
        {"Handle": "serum", "Option1 Value": "L", "Variant SKU": "S-2", "Variant Price": "5"},
    ]

    summary = imported(in_scope, sheet(tmp_path, rows))

    assert summary.created == 2
    assert list(Variant.objects.values_list("product__slug", "sku").order_by("sku")) == [
        ("cream", "C-1"), ("serum", "S-1"), ("serum", "S-2"),
    ]  # fmt: skip


def test_the_sheet_of_2024_with_metafields_as_typed_attributes(in_scope: Merchant, tmp_path: Path) -> None:
    row = {
        "Title": "Tea Toner", "URL handle": "tea-toner", "Description": "<p>Calm <b>skin</b></p><script>x()</script>",
        "Vendor": "Still", "Product category": "Beauty > Skin care", "Type": "Toner", "Tags": "new, calm",
        "Published on online store": "TRUE", "Status": "Active", "SKU": "T-1", "Barcode": "'4710000000017",
        "Price": "31.00", "Compare-at price": "29.00", "Inventory tracker": "", "Inventory quantity": "3",
        "Continue selling when out of stock": "deny", "Weight value (grams)": "120.4", "Requires shipping": "TRUE",
        "SPF (product.metafields.custom.spf)": "30", "Vegan (product.metafields.custom.vegan)": "true",
        "Skin (product.metafields.custom.skin_types)": '["oily","dry"]', "Lot (product.metafields.custom.lot)": "007",
        "Color (product.metafields.shopify.color-pattern)": "black; white",
        "Volume (product.metafields.custom.volume)": '{"value": 150, "unit": "ml"}',
        "Ratio (product.metafields.custom.ratio)": "0.5", "Empty (product.metafields.custom.empty)": "",
        "Google Shopping / MPN": "x", "Price / International": "40", "Mood": "calm",
    }  # fmt: skip

    summary = imported(in_scope, sheet(tmp_path, [row]), currency="usd")

    assert (summary.format, summary.currency) == ("shopify_2024", "USD")
    assert brief(summary.warnings) == [(1, "Mood", "unknown_column")]
    product = Product.objects.get()
    assert product.attributes == {
        "spf": 30, "vegan": True, "skin_types": ["oily", "dry"], "lot": "007", "color_pattern": ["black", "white"],
        "volume": "150 ml", "ratio": 0.5, "product_type": "Toner",
    }  # fmt: skip
    assert product.descriptions == {"en": "Calm skin"}
    assert (product.category.path, product.category.names) == ("beauty/skin-care", {"en": "Skin care"})
    assert product.category.parent.names == {"en": "Beauty"}
    assert product.tags == ["new", "calm"]
    variant = product.variants.get()
    assert (variant.barcode, variant.weight_grams, variant.stock.is_tracked) == ("4710000000017", 120, False)
    assert [(row.currency, row.amount_minor, row.compare_at_minor) for row in variant.offers.all()] == [
        ("USD", 3100, None)
    ]


def test_only_a_title_makes_a_product_that_is_found_and_not_for_sale(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, write(tmp_path, "Title\n茶樹化妝水\n"))

    product = Product.objects.get()
    assert (product.slug, product.status, product.title) == ("茶樹化妝水", "active", "茶樹化妝水")
    variant = product.variants.get()
    assert (variant.offers.count(), variant.stock.is_tracked) == (0, False)


@pytest.mark.parametrize(
    ("status", "published", "expected"),
    [
        ("active", "TRUE", "active"),
        ("active", "FALSE", "draft"),
        ("", "FALSE", "draft"),
        ("", "TRUE", "active"),
        ("Draft", "TRUE", "draft"),
        ("archived", "TRUE", "archived"),
        ("archived", "FALSE", "archived"),
        ("unlisted", "TRUE", "draft"),
    ],
)
def test_drafts_and_archived_products_never_become_active(
    in_scope: Merchant, tmp_path: Path, status: str, published: str, expected: str
) -> None:
    imported(in_scope, sheet(tmp_path, [classic(Status=status, Published=published)]))

    assert Product.objects.get().status == expected


@pytest.mark.parametrize(
    ("tracker", "policy", "counted"), [("shopify", "deny", True), ("", "deny", False), ("shopify", "continue", False)]
)
def test_stock_is_counted_when_shopify_counts_and_stops_at_zero(
    in_scope: Merchant, tmp_path: Path, tracker: str, policy: str, counted: bool
) -> None:
    row = classic(Variant__Inventory__Tracker=tracker, Variant__Inventory__Policy=policy)

    imported(in_scope, sheet(tmp_path, [row]))

    assert Variant.objects.get().stock.is_tracked is counted


def test_the_same_sheet_again_changes_nothing_and_tells_no_one(in_scope: Merchant, tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        [
            classic(Option1__Name="Size", Option1__Value="S", Image__Src="https://cdn.example/a.png"),
            {"Handle": "serum", "Option1 Value": "L", "Variant SKU": "", "Variant Price": "1.50"},
            classic(Handle="cream", Title="Cream", Variant__SKU="C-1", Status="draft", Variant__Price=""),
        ],
    )
    first = imported(in_scope, file)
    before, messages = everything(), OutboxMessage.objects.count()

    again = imported(in_scope, file)

    assert (first.created, messages > 0) == (2, True)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    after = everything()
    assert len(after.pop("ImportRun")) == len(before.pop("ImportRun")) + 1
    assert after == before


def test_a_changed_sheet_updates_only_what_it_says(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, sheet(tmp_path, [classic(Tags="a,b", **{"Body (HTML)": "<p>Old</p>"})]))
    product = Product.objects.get()
    product.titles = {"zh-hant": "三號精華"}
    product.save()
    old = product.variants.get()

    summary = imported(
        in_scope, sheet(tmp_path, [{"Handle": "serum", "Title": "No. 3", "Variant Price": "900", "Variant SKU": "S-1"}])
    )

    assert (summary.updated, summary.prices_changed, summary.stocks_changed) == (1, 1, 0)
    product = Product.objects.get()
    assert (product.title, product.titles, product.tags) == ("No. 3", {"zh-hant": "三號精華"}, ["a", "b"])
    assert product.descriptions == {"en": "Old"}
    variant = product.variants.get()
    assert (variant.pk, variant.offers.get().amount_minor, variant.stock.on_hand) == (old.pk, 90000, 5)
    assert [(change.field, change.now, change.after) for change in summary.changes] == [
        ("price", "NT$980", "NT$900"),
        ("title", "No. 3 Serum", "No. 3"),
    ]


def test_a_variant_keeps_its_identity_under_a_new_sku_and_two_may_swap(in_scope: Merchant, tmp_path: Path) -> None:
    def rows(one: str, two: str) -> list[dict[str, object]]:
        return [
            classic(Option1__Name="Size", Option1__Value="S", Variant__SKU=one),
            {"Handle": "serum", "Option1 Value": "L", "Variant SKU": two, "Variant Price": "5"},
        ]

    imported(in_scope, sheet(tmp_path, rows("A", "B")))
    ids = dict(Variant.objects.values_list("sku", "pk"))

    imported(in_scope, sheet(tmp_path, rows("A2", "B2")))

    assert dict(Variant.objects.values_list("sku", "pk")) == {"A2": ids["A"], "B2": ids["B"]}


def test_a_variant_that_open_orders_hold_is_kept(in_scope: Merchant, tmp_path: Path) -> None:
    two = [
        classic(Option1__Name="Size", Option1__Value="S"),
        {"Handle": "serum", "Option1 Value": "L", "Variant SKU": "S-2", "Variant Price": "5",
         "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "4"},
    ]  # fmt: skip
    imported(in_scope, sheet(tmp_path, two))
    held = Variant.objects.get(sku="S-2").stock
    held.reserved = 3
    held.save()

    gone = imported(in_scope, sheet(tmp_path, two[:1]))
    fewer = imported(in_scope, sheet(tmp_path, [two[0], {**two[1], "Variant Inventory Qty": "1"}]))

    assert brief(gone.warnings) == [(2, "", "variant_kept")]
    assert brief(fewer.warnings) == [(3, "stock", "stock_below_reserved")]
    assert Variant.objects.get(sku="S-2").stock.on_hand == 3


def test_one_merchants_sheet_never_touches_another_shop(in_scope: Merchant, tmp_path: Path) -> None:
    from tests.factories import make_merchant

    other = make_merchant()
    file = sheet(tmp_path, [classic()])
    imported(in_scope, file)

    summary = run_import(merchant=other, path=file)

    assert (summary.created, summary.errors) == (1, [])
    assert Product.objects.count() == 1
    assert Media.objects.count() == 0


def test_semicolons_and_quoted_line_breaks_and_byte_order_mark(in_scope: Merchant, tmp_path: Path) -> None:
    text = (
        '\ufeffTitle;URL handle;Description;Price\r\nSerum;serum;"Line one\r\nline ""two""";12.50\r\nCream;cream;;x\r\n'
    )

    summary = run_import(merchant=in_scope, path=write(tmp_path, text), skip_bad_rows=True)

    assert (summary.created, summary.skipped) == (1, 1)
    assert brief(summary.errors) == [(3, "Price", "bad_number")]
    assert Product.objects.get().descriptions == {"en": 'Line one\nline "two"'}
