"""Undo: the shop is exactly what it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.outbox.models import OutboxMessage
from catalog.products.importers import CannotUndo, undo_import
from catalog.products.models import Category, ImportRun, Product, Shelf, Stock, Variant
from tests.catalog.products.importers.sheets import classic, imported, lines, sheet, shop
from tests.factories import make_creator, make_merchant

TWO = [
    classic(Option1__Name="Size", Option1__Value="S", Image__Src="https://cdn.example/a.png", Type="Serum"),
    {"Handle": "serum", "Option1 Value": "L", "Variant SKU": "S-2", "Variant Price": "5"},
]


def test_undo_takes_back_new_products_with_their_brands_and_categories(in_scope: Merchant, tmp_path: Path) -> None:
    before = shop()
    run_id = imported(in_scope, sheet(tmp_path, TWO)).run_id

    undone = undo_import(merchant=in_scope, run_id=run_id or 0)

    assert (undone.deleted, undone.restored, undone.archived, undone.kept) == (1, 0, 0, [])
    assert shop() == before
    assert ImportRun.objects.get().state == "undone"


def test_undo_gives_changed_products_back_exactly_as_they_were(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, sheet(tmp_path, TWO))
    before = shop()
    changed = [
        classic(
            Title="Other", Option1__Name="Size", Option1__Value="S", Variant__Price="1", Vendor="New", Type="Cream"
        ),
        {"Handle": "serum", "Option1 Value": "XL", "Variant SKU": "S-3", "Variant Price": "9"},
    ]
    summary = imported(in_scope, sheet(tmp_path, changed))
    assert shop() != before

    undone = undo_import(merchant=in_scope, run_id=summary.run_id or 0)

    assert (undone.restored, undone.kept) == (1, [])
    assert shop() == before
    assert OutboxMessage.objects.filter(topic="product.changed", lane="index").count() == 3


def test_names_given_to_an_old_category_are_taken_back(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, lines(tmp_path, {"id": "a", "title": "A", "category": "Tea"}))
    more = {"id": "b", "title": "B", "category": "Tea", "category_names": {"zh-hant": "茶"}}
    summary = imported(in_scope, lines(tmp_path, more))
    assert Category.objects.get().names == {"en": "Tea", "zh-hant": "茶"}

    undo_import(merchant=in_scope, run_id=summary.run_id or 0)

    assert Category.objects.get().names == {"en": "Tea"}


def test_products_changed_by_hand_since_are_kept_and_listed(in_scope: Merchant, tmp_path: Path) -> None:
    other = classic(Handle="cream", Title="Cream", Variant__SKU="C-1")
    summary = imported(in_scope, sheet(tmp_path, [*TWO, other]))
    cream = Product.objects.get(slug="cream")
    cream.title = "Cream by hand"
    cream.save()

    undone = undo_import(merchant=in_scope, run_id=summary.run_id or 0)

    assert (undone.deleted, undone.kept) == (1, [(cream.pk, "Cream by hand")])
    assert list(Product.objects.values_list("title", flat=True)) == ["Cream by hand"]


def test_units_sold_since_stay_sold(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, sheet(tmp_path, [classic(Variant__Inventory__Qty="20")]))
    summary = imported(in_scope, sheet(tmp_path, [classic(Variant__Inventory__Qty="50")]))
    Stock.objects.update(on_hand=47)

    undone = undo_import(merchant=in_scope, run_id=summary.run_id or 0)

    assert undone.kept == []
    assert Stock.objects.get().on_hand == 17


def test_new_products_that_something_refers_to_are_archived(in_scope: Merchant, tmp_path: Path) -> None:
    summary = imported(in_scope, sheet(tmp_path, TWO))
    Shelf.objects.create(merchant=in_scope, creator=make_creator(in_scope), product=Product.objects.get())

    undone = undo_import(merchant=in_scope, run_id=summary.run_id or 0)

    assert (undone.archived, undone.deleted) == (1, 0)
    assert Product.objects.get().status == "archived"


def test_a_new_product_that_an_open_order_holds_is_archived(in_scope: Merchant, tmp_path: Path) -> None:
    summary = imported(in_scope, sheet(tmp_path, TWO))
    Stock.objects.filter(variant__sku="S-1").update(reserved=1)

    undone = undo_import(merchant=in_scope, run_id=summary.run_id or 0)

    assert (undone.archived, Variant.objects.count()) == (1, 2)


def test_undo_is_refused_twice_too_late_and_for_another_shop(in_scope: Merchant, tmp_path: Path) -> None:
    first = imported(in_scope, sheet(tmp_path, TWO)).run_id or 0
    second = imported(in_scope, sheet(tmp_path, [classic(Handle="c", Variant__SKU="C")])).run_id or 0

    with pytest.raises(CannotUndo):
        undo_import(merchant=make_merchant(), run_id=first)
    undo_import(merchant=in_scope, run_id=first)
    with pytest.raises(CannotUndo):
        undo_import(merchant=in_scope, run_id=first)
    ImportRun.objects.filter(pk=second).update(created_at=timezone.now() - timedelta(days=31))
    with pytest.raises(CannotUndo):
        undo_import(merchant=in_scope, run_id=second)


def test_a_dry_run_counts_and_writes_nothing_at_all(in_scope: Merchant, tmp_path: Path) -> None:
    from catalog.products.importers import run_import
    from tests.catalog.products.importers.sheets import everything

    before = everything()

    summary = run_import(merchant=in_scope, path=sheet(tmp_path, TWO), dry_run=True)

    assert (summary.created, summary.rows, summary.is_written, summary.run_id) == (1, 2, False, None)
    assert everything() == before
