"""The import pages: file, columns, dry run with fixes in place, import, undo."""

from __future__ import annotations

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.accounts.models import AuditEntry, Merchant
from catalog.products.models import ImportRun, Offer, Product
from tests.catalog.products.importers.sheets import classic, everything, sheet
from tests.shop_assistant.staff import signed_in, text_of

GOOD = classic(Handle="good", Title="Good", Variant__SKU="G-1")
BAD = classic(Variant__Price="-120")


def uploaded(client: Client, path: Path, **data: str) -> int:
    """Upload a sheet and return the number of its run."""
    file = SimpleUploadedFile("winter.csv", path.read_bytes())
    answer = client.post("/admin/products/importrun/new/", {"sheet": file, "currency": "TWD", **data})
    assert answer.status_code == 302, text_of(answer.content)
    return int(answer.headers["Location"].split("/")[-3])


def test_a_sheet_goes_through_the_four_steps_and_back(in_scope: Merchant, tmp_path: Path) -> None:
    client = signed_in(in_scope, "editor")
    run = uploaded(client, sheet(tmp_path, [GOOD, BAD]))
    before = {name: rows for name, rows in everything().items() if name != "ImportRun"}

    columns = text_of(client.get(f"/admin/products/importrun/{run}/columns/").content)
    dry = client.get(f"/admin/products/importrun/{run}/dry-run/")

    assert "recognised as Shopify classic" in columns
    assert "Variant Price → price" in columns
    assert "1 of 2 rows needs a fix" in text_of(dry.content)
    assert "Import 1, skip 1" in text_of(dry.content)
    assert b'name="fix:3:Variant Price"' in dry.content
    assert {name: rows for name, rows in everything().items() if name != "ImportRun"} == before

    fixed = client.post(f"/admin/products/importrun/{run}/dry-run/", {"check": "1", "fix:3:Variant Price": "560"})
    assert "All 2 rows are good" in text_of(fixed.content)
    assert Product.objects.count() == 0

    done = client.post(f"/admin/products/importrun/{run}/dry-run/", {"import": "1"}, follow=True)
    assert done.redirect_chain[-1][0] == f"/admin/products/importrun/{run}/done/"
    assert sorted(Offer.objects.values_list("amount_minor", flat=True)) == [56000, 98000]
    assert ImportRun.objects.get().state == "done"

    client.post(f"/admin/products/importrun/{run}/undo/")
    assert Product.objects.count() == 0
    assert list(AuditEntry.objects.values_list("action", flat=True).order_by("id")) == ["import", "undo import"]


def test_pressing_import_twice_imports_once(in_scope: Merchant, tmp_path: Path) -> None:
    client = signed_in(in_scope, "owner")
    run = uploaded(client, sheet(tmp_path, [GOOD, BAD]))

    for _press in range(2):
        client.post(f"/admin/products/importrun/{run}/dry-run/", {"import": "1"})

    assert list(Product.objects.values_list("slug", flat=True)) == ["good"]
    assert ImportRun.objects.count() == 1


def test_a_file_that_is_no_sheet_is_refused_with_the_remedy_and_not_kept(in_scope: Merchant, tmp_path: Path) -> None:
    client = signed_in(in_scope, "owner")
    file = SimpleUploadedFile("x.csv", "標題\n玫瑰精華液\n".encode("big5"))

    answer = client.post("/admin/products/importrun/new/", {"sheet": file, "currency": "TWD"})

    assert "It looks like Big5" in text_of(answer.content)
    assert ImportRun.objects.count() == 0


def test_bytes_that_were_not_utf8_do_not_break_the_pages(in_scope: Merchant, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"Title,Price\nA,1\n" + "玫瑰,2\n".encode("big5"))
    client = signed_in(in_scope, "owner")
    run = uploaded(client, path)

    assert client.get(f"/admin/products/importrun/{run}/columns/").status_code == 200
    assert "The text is not UTF-8" in text_of(client.get(f"/admin/products/importrun/{run}/dry-run/").content)


def test_error_rows_are_a_file_that_no_spreadsheet_runs(in_scope: Merchant, tmp_path: Path) -> None:
    client = signed_in(in_scope, "owner")
    run = uploaded(client, sheet(tmp_path, [classic(Title="=HYPERLINK(1)", Variant__Price="-1")]))
    client.get(f"/admin/products/importrun/{run}/dry-run/")

    lines = client.get(f"/admin/products/importrun/{run}/errors.csv").content.decode("utf-8-sig").splitlines()

    assert lines[1].startswith("2,'=HYPERLINK(1),Variant Price,'-1,A price cannot be below zero.")


def test_an_analyst_may_look_and_not_import(in_scope: Merchant, tmp_path: Path) -> None:
    run = uploaded(signed_in(in_scope, "owner"), sheet(tmp_path, [GOOD]))
    analyst = signed_in(in_scope, "analyst")

    assert analyst.get(f"/admin/products/importrun/{run}/dry-run/").status_code == 200
    assert analyst.post(f"/admin/products/importrun/{run}/dry-run/", {"import": "1"}).status_code == 403
    assert Product.objects.count() == 0
