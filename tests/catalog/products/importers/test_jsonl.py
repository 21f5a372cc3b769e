"""JSON Lines: every column, and what happens without it."""

from __future__ import annotations

import gzip
from pathlib import Path

from catalog.accounts.models import Merchant
from catalog.products.models import Category, Product
from tests.catalog.products.importers.sheets import brief, everything, imported, lines

FULL = {
    "id": "p1", "title": "Rain jacket", "titles": {"zh-hant": "雨衣"}, "handle": "rain-jacket", "brand": "North",
    "description": "Light.", "descriptions": {"zh-hant": "很輕。"}, "category": "Clothing > Jackets",
    "category_names": {"zh-hant": "衣物 > 外套"}, "model": "RJ-1", "tags": ["wet"], "status": "active",
    "currency": "USD", "url": "https://shop.example/rj", "released": "2026-05-01",
    "attributes": {"waterproof_mm": 20000, "season": ["spring", "autumn"], "vegan": True, "fit": "loose", "lot": 1.5},
    "images": ["https://cdn.example/1.png", {"url": "/static/demo/2.png", "alt": {"en": "Back"}}],
    "variants": [
        {"sku": "RJ-S", "options": {"Size": "S"}, "price": 129.9, "compare_at": 150, "stock": 3, "barcode": 471},
        {"sku": "RJ-M", "options": {"Size": "M"}, "prices": {"USD": "131.00", "TWD": 4100},
         "compare_at": {"TWD": 4500}, "stock": None},
    ],
}  # fmt: skip


def test_every_column_arrives(in_scope: Merchant, tmp_path: Path) -> None:
    summary = imported(in_scope, lines(tmp_path, FULL))

    assert (summary.format, summary.created, summary.warnings) == ("jsonl", 1, [])
    product = Product.objects.get()
    assert (product.external_id, product.slug, product.model_number, product.external_url) == (
        "p1", "rain-jacket", "RJ-1", "https://shop.example/rj",
    )  # fmt: skip
    assert product.titles == {"zh-hant": "雨衣"}
    assert product.descriptions == {"en": "Light.", "zh-hant": "很輕。"}
    assert product.attributes == {
        "waterproof_mm": 20000, "season": ["spring", "autumn"], "vegan": True, "fit": "loose", "lot": 1.5,
        "released": "2026-05-01",
    }  # fmt: skip
    assert dict(Category.objects.values_list("path", "names")) == {
        "clothing": {"en": "Clothing", "zh-hant": "衣物"},
        "clothing/jackets": {"en": "Jackets", "zh-hant": "外套"},
    }
    assert [(row.url, row.alt_texts) for row in product.media.all()] == [
        ("https://cdn.example/1.png", {}),
        ("/static/demo/2.png", {"en": "Back"}),
    ]
    small, medium = product.variants.all()
    offer = small.offers.get()
    assert (small.barcode, small.stock.on_hand, small.stock.is_tracked) == ("471", 3, True)
    assert (offer.currency, offer.amount_minor, offer.compare_at_minor) == ("USD", 12990, 15000)
    assert sorted((row.currency, row.amount_minor, row.compare_at_minor) for row in medium.offers.all()) == [
        ("TWD", 410000, 450000),
        ("USD", 13100, None),
    ]
    assert medium.stock.is_tracked is False


def test_id_and_title_are_enough_and_without_a_price_it_is_not_for_sale(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, lines(tmp_path, {"id": "x9", "title": "Tea"}))

    product = Product.objects.get()
    assert (product.slug, product.status, product.external_id) == ("tea-x9", "active", "x9")
    variant = product.variants.get()
    assert (variant.sku, variant.offers.count(), variant.stock.is_tracked) == ("x9", 0, False)


def test_the_currency_of_the_row_wins_over_the_run_and_the_run_over_the_shop(
    in_scope: Merchant, tmp_path: Path
) -> None:
    file = lines(
        tmp_path, {"id": "a", "title": "A", "price": "5", "currency": "JPY"}, {"id": "b", "title": "B", "price": 5}
    )

    imported(in_scope, file, currency="EUR")

    offers = [variant.offers.get() for product in Product.objects.all() for variant in product.variants.all()]
    assert [(offer.currency, offer.amount_minor) for offer in offers] == [("JPY", 5), ("EUR", 500)]


def test_unknown_columns_are_told_once_and_lists_of_bar_codes_keep_the_first(
    in_scope: Merchant, tmp_path: Path
) -> None:
    file = lines(
        tmp_path,
        {"id": "a", "title": "A", "mood": 1, "ean": ["1", "2"]},
        {"id": "b", "title": "B", "mood": 2, "smell": 3, "ean": ["3", "4"]},
    )

    summary = imported(in_scope, file)

    assert sorted(brief(summary.warnings)) == [
        (1, "ean", "first_kept"), (1, "mood", "unknown_column"), (2, "smell", "unknown_column"),
    ]  # fmt: skip
    assert [product.variants.get().barcode for product in Product.objects.all()] == ["1", "3"]


def test_a_packed_file_and_the_same_again(in_scope: Merchant, tmp_path: Path) -> None:
    packed = tmp_path / "sheet.jsonl.gz"
    packed.write_bytes(gzip.compress(lines(tmp_path, FULL).read_bytes()))
    imported(in_scope, packed)
    before = everything()

    again = imported(in_scope, packed)

    assert (again.unchanged, again.updated, again.created) == (1, 0, 0)
    after = everything()
    assert [after[name] for name in after if name != "ImportRun"] == [
        before[name] for name in before if name != "ImportRun"
    ]


def test_a_product_keeps_its_address_when_its_title_changes(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, lines(tmp_path, {"id": "a", "title": "Old name"}))

    summary = imported(in_scope, lines(tmp_path, {"id": "a", "title": "New name"}))

    assert summary.updated == 1
    assert list(Product.objects.values_list("slug", "title")) == [("old-name-a", "New name")]


def test_attributes_and_variants_that_are_gone_from_the_line_are_gone(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, lines(tmp_path, FULL))

    imported(in_scope, lines(tmp_path, {**FULL, "attributes": {"fit": "slim"}, "variants": FULL["variants"][:1]}))

    product = Product.objects.get()
    assert product.attributes == {"fit": "slim", "released": "2026-05-01"}
    assert [variant.sku for variant in product.variants.all()] == ["RJ-S"]
