"""Bad sheets: each kind of error at its exact row and column, and nothing written."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.accounts.models import Merchant
from catalog.products.importers import Issue, Summary, run_import
from catalog.products.importers.issues import ERRORS, WARNINGS
from catalog.products.models import Product
from tests.catalog.products.importers.sheets import brief, classic, everything, imported, lines, sheet, write

Make = Callable[[Path], Path]
GOOD = classic(Handle="good", Title="Good", Variant__SKU="G-1")


def refused(merchant: Merchant, file: Path) -> Summary:
    """Import a bad file and check that the database is as it was."""
    before = everything()
    summary = run_import(merchant=merchant, path=file)
    assert everything() == before
    assert summary.is_written is False
    assert (summary.created, summary.updated) == (0, 0)
    for issue in summary.issues:
        assert issue.what, issue.kind
        assert issue.remedy, issue.kind
    return summary


def rows(*cells: dict[str, object]) -> Make:
    return lambda path: sheet(path, [GOOD, *cells])


def text(content: str, **options: str) -> Make:
    return lambda path: write(path, content, **options)


def records(*given_records: dict[str, object]) -> Make:
    return lambda path: lines(path, {"id": "g", "title": "Good"}, *given_records)


SIZES = [
    classic(Option1__Name="Size", Option1__Value="S"),
    {"Handle": "serum", "Option1 Value": "", "Variant SKU": "S-2", "Variant Price": "5"},
]
CASES: list[tuple[str, Make, list[tuple[int, str, str]]]] = [
    ("no title column", text("Handle,Vendor\na,b\n"), [(1, "Title", "missing_column")]),
    ("no handle column", text("Title,Body (HTML),Variant Price\na,b,1\n"), [(1, "Handle", "missing_column")]),
    ("no title", rows(classic(Title="")), [(3, "Title", "missing_value")]),
    ("no handle, no title", rows(classic(Title="", Handle="")), [(3, "Title", "missing_value")]),
    ("no option value", rows(*SIZES), [(4, "Option1 Value", "missing_value")]),
    ("price in words", rows(classic(Variant__Price="a lot")), [(3, "Variant Price", "bad_number")]),
    ("price with decimal comma", rows(classic(Variant__Price="9,5")), [(3, "Variant Price", "bad_number")]),
    ("price not finite", rows(classic(Variant__Price="NaN")), [(3, "Variant Price", "bad_number")]),
    ("stock in words", rows(classic(Variant__Inventory__Qty="many")), [(3, "Variant Inventory Qty", "bad_number")]),
    ("half a unit", rows(classic(Variant__Inventory__Qty="1.5")), [(3, "Variant Inventory Qty", "bad_number")]),
    ("price below zero", rows(classic(Variant__Price="-120")), [(3, "Variant Price", "negative_price")]),
    ("absurd price", rows(classic(Variant__Price="9" * 12)), [(3, "Variant Price", "absurd_price")]),
    (
        "absurd former price",
        rows(classic(Variant__Compare__At__Price="9" * 30)),
        [(3, "Variant Compare At Price", "absurd_price")],
    ),
    ("sku twice", rows(classic(Variant__SKU="G-1")), [(3, "Variant SKU", "duplicate_sku")]),
    (
        "same options twice",
        rows(SIZES[0], {**SIZES[1], "Option1 Value": "S"}),
        [(4, "Option1 Value", "duplicate_variant")],
    ),
    ("unknown status", rows(classic(Status="sleeping")), [(3, "Status", "unknown_status")]),
    ("published perhaps", rows(classic(Published="perhaps")), [(3, "Published", "bad_value")]),
    ("picture by script", rows(classic(Image__Src="javascript:alert(1)")), [(3, "Image Src", "bad_url")]),
    ("picture elsewhere", rows(classic(Image__Src="//evil.example/a.png")), [(3, "Image Src", "bad_url")]),
    ("long title", rows(classic(Title="x" * 301)), [(3, "Title", "too_long")]),
    ("long sku", rows(classic(Variant__SKU="x" * 121)), [(3, "Variant SKU", "too_long")]),
    ("quote inside", text('Title,Price\n"A" b,1\nC,2\n'), [(2, "", "broken_quoting")]),
    ("quote never closed", text('Title,Price\nA,1\n"B,2\nC,3\n'), [(3, "", "broken_quoting")]),
    ("too many cells", text("Title,Price\nA,1,000\nB,2\n"), [(2, "", "extra_cells")]),
    ("Big5", text("Title,Price\nA,1\n玫瑰精華液,980\n", encoding="big5"), [(3, "", "bad_encoding")]),
    ("UTF-16", text("Title,Price\nA,1\n", encoding="utf-16"), [(1, "", "bad_encoding")]),
    ("header in GBK", text("标题,Title\nA,1\n", encoding="gbk"), [(1, "", "bad_encoding")]),
    ("empty file", text(""), [(1, "", "empty_file")]),
    ("header only", text("Title,Price\n"), [(1, "", "empty_file")]),
    ("another sheet", text("Date,Amount,Payee\n1,2,3\n"), [(1, "", "unknown_format")]),
    ("one JSON array", text('[{"id": 1}]'), [(1, "", "unknown_format")]),
    ("not JSON", text('{"id": "a", "title": "A"}\n{"id": \n'), [(2, "", "bad_json")]),
    ("half a character in JSON", text('{"id": "a", "title": "A\\ud800"}\n'), [(1, "", "bad_json")]),
    ("deep JSON", text('{"id": "a"}\n'.replace('"a"', "[" * 5000 + "]" * 5000)), [(1, "", "bad_json")]),
    ("no id", records({"title": "A"}), [(2, "id", "missing_value")]),
    ("title no text", records({"id": "a", "title": ["A"]}), [(2, "title", "wrong_type")]),
    ("id twice", records({"id": "a", "title": "A"}, {"id": "a", "title": "A"}),
     [(3, "id", "duplicate_product"), (3, "handle", "duplicate_product"), (3, "id", "duplicate_sku")]),
    ("handle twice", records({"id": "a", "title": "A", "handle": "h"}, {"id": "b", "title": "B", "handle": "h"}),
     [(3, "handle", "duplicate_product")]),
    ("variant price", records({"id": "a", "title": "A", "variants": [{"sku": "v", "price": -1}]}),
     [(2, "variants[0].price", "negative_price")]),
    ("price true", records({"id": "a", "title": "A", "price": True}), [(2, "price", "bad_number")]),
    ("stock in words", records({"id": "a", "title": "A", "stock": "few"}), [(2, "stock", "bad_number")]),
    ("currency", records({"id": "a", "title": "A", "price": 1, "currency": "XYZ"}),
     [(2, "currency", "currency_unknown")]),
    ("prices", records({"id": "a", "title": "A", "prices": {"TW": 1}}), [(2, "prices.TW", "currency_unknown")]),
    ("language", records({"id": "a", "title": "A", "titles": {"fr": "A"}}), [(2, "titles", "bad_value")]),
    ("attributes", records({"id": "a", "title": "A", "attributes": {"x": {"y": 1}}}),
     [(2, "attributes.x", "wrong_type")]),
    ("url", records({"id": "a", "title": "A", "url": "ftp://x"}), [(2, "url", "bad_url")]),
    ("status", records({"id": "a", "title": "A", "status": "gone"}), [(2, "status", "unknown_status")]),
    ("variants no list", records({"id": "a", "title": "A", "variants": {"sku": 1}}), [(2, "variants", "wrong_type")]),
]  # fmt: skip


@pytest.mark.parametrize(("make", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_error_is_told_with_row_and_column_and_nothing_is_written(
    in_scope: Merchant, tmp_path: Path, make: Make, expected: list[tuple[int, str, str]]
) -> None:
    summary = refused(in_scope, make(tmp_path))

    assert brief(summary.errors) == expected


def test_a_cell_with_line_breaks_is_one_row(in_scope: Merchant, tmp_path: Path) -> None:
    file = write(tmp_path, 'Title,Description,Price\nA,"one\ntwo\nthree",1\n\nB,x,bad\n')

    assert brief(refused(in_scope, file).errors) == [(4, "Price", "bad_number")]


def test_the_encoding_error_names_the_encoding_and_the_remedy(in_scope: Merchant, tmp_path: Path) -> None:
    big5 = refused(in_scope, write(tmp_path, "Title\n玫瑰精華液與乳霜\n", encoding="big5")).errors[0]
    utf16 = refused(in_scope, write(tmp_path, "Title\n玫瑰\n", encoding="utf-16")).errors[0]

    assert "Big5" in big5.what
    assert "UTF-16" in utf16.what
    assert big5.remedy == "Save the file again as UTF-8 (in Excel: CSV UTF-8)."


def test_a_sku_of_another_product_of_the_shop_is_refused(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, sheet(tmp_path, [classic()]))

    summary = refused(in_scope, sheet(tmp_path, [classic(Handle="other", Title="Other")]))

    assert brief(summary.errors) == [(2, "Variant SKU", "sku_taken")]
    assert "No. 3 Serum" in summary.errors[0].what


def test_a_handle_of_another_product_of_the_shop_is_refused(in_scope: Merchant, tmp_path: Path) -> None:
    imported(in_scope, lines(tmp_path, {"id": "a", "title": "A", "handle": "h"}))

    summary = refused(in_scope, lines(tmp_path, {"id": "b", "title": "B", "handle": "h"}))

    assert brief(summary.errors) == [(1, "handle", "handle_taken")]


def test_an_unknown_currency_of_the_run_is_refused(in_scope: Merchant, tmp_path: Path) -> None:
    summary = run_import(merchant=in_scope, path=sheet(tmp_path, [classic()]), currency="TW$")

    assert brief(summary.errors) == [(1, "currency", "currency_unknown")]
    assert Product.objects.count() == 0


def test_a_damaged_and_an_endless_archive_are_refused(in_scope: Merchant, tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b'{"id": "%d", "title": "T"}\n' % n for n in range(9000)))
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(packed[: len(packed) // 2])
    bomb = tmp_path / "bomb.jsonl.gz"
    bomb.write_bytes(gzip.compress(b'{"id": "a", "title": "A"}\n' * 5000))

    assert brief(refused(in_scope, damaged).errors)[-1][2] == "broken_file"
    with override_settings(IMPORT_FILE_BYTES_MAX=20_000):
        assert brief(refused(in_scope, bomb).errors)[-1][2] == "file_too_large"


def test_good_products_are_imported_when_bad_rows_are_skipped(in_scope: Merchant, tmp_path: Path) -> None:
    file = sheet(tmp_path, [GOOD, *SIZES, classic(Handle="cream", Title="Cream", Variant__SKU="C-1")])

    summary = run_import(merchant=in_scope, path=file, skip_bad_rows=True)

    assert brief(summary.errors) == [(4, "Option1 Value", "missing_value")]
    assert (summary.created, summary.skipped, summary.is_written) == (2, 1, True)
    assert sorted(Product.objects.values_list("slug", flat=True)) == ["cream", "good"]


def test_a_broken_row_takes_only_its_own_product_along(in_scope: Merchant, tmp_path: Path) -> None:
    text_ = 'Handle,Title,Variant SKU,Variant Price\na,A,1,5\na,"x" y,2,5\nb,B,3,5\n"c,C,4,5\nd,D,5,5\n'

    summary = run_import(merchant=in_scope, path=write(tmp_path, text_), skip_bad_rows=True)

    assert brief(summary.errors) == [(3, "", "broken_quoting"), (5, "", "broken_quoting")]
    assert sorted(Product.objects.values_list("slug", flat=True)) == ["b", "d"]


def test_a_file_that_cannot_be_read_to_its_end_is_never_half_imported(in_scope: Merchant, tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b'{"id": "%d", "title": "T"}\n' % n for n in range(9000)))
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(packed[: len(packed) // 2])

    summary = run_import(merchant=in_scope, path=damaged, skip_bad_rows=True)

    assert (summary.is_written, Product.objects.count()) == (False, 0)


def test_fixes_typed_in_the_dry_run_are_laid_over_the_file(in_scope: Merchant, tmp_path: Path) -> None:
    file = sheet(tmp_path, [GOOD, classic(Variant__Price="-120")])
    records_file = lines(tmp_path, {"id": "a", "title": "A", "variants": [{"sku": "v", "price": "x"}]})

    mended = run_import(merchant=in_scope, path=file, fixes={"3": {"Variant Price": "560"}})
    nested = run_import(merchant=in_scope, path=records_file, fixes={"1": {"variants[0].price": "7"}})

    assert (mended.errors, mended.created) == ([], 2)
    assert Product.objects.get(slug="serum").variants.get().offers.get().amount_minor == 56000
    assert nested.errors == []


def test_less_than_nothing_in_stock_is_nothing_and_too_many_decimals_are_rounded(
    in_scope: Merchant, tmp_path: Path
) -> None:
    summary = imported(in_scope, sheet(tmp_path, [classic(Variant__Inventory__Qty="-3", Variant__Price="9.999")]))

    assert sorted(brief(summary.warnings)) == [
        (2, "Variant Inventory Qty", "negative_stock"),
        (2, "Variant Price", "rounded"),
    ]
    variant = Product.objects.get().variants.get()
    assert (variant.stock.on_hand, variant.offers.get().amount_minor) == (0, 1000)


def test_every_kind_has_words_for_the_merchant() -> None:
    detail = {"limit": 1, "other_row": 2, "other": "x", "guess": "Big5", "expected": "x", "reserved": 1, "sku": "s"}
    for kind in (*ERRORS, *WARNINGS):
        issue = Issue(1, "Price", kind, detail=detail)
        assert issue.what.endswith("."), kind
        assert issue.remedy.endswith("."), kind
        assert Issue.from_json(issue.as_json()) == issue


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"", b"Title,URL handle,Price\n", b"Handle,Title,Variant SKU\n", b'{"id": "a"}\n', b"\x1f\x8b"]
    ),
    body=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='a1,"\n\r\t{}[]:-\x00é中;', max_size=200).map(lambda value: value.encode()),
    ),
)
def test_broken_bytes_never_crash_and_never_write(in_scope: Merchant, tmp_path: Path, head: bytes, body: bytes) -> None:
    file = tmp_path / "bytes"
    file.write_bytes(head + body)

    summary = run_import(merchant=in_scope, path=file, dry_run=True, skip_bad_rows=True)

    assert summary.errors or summary.rows
    assert Product.objects.count() == 0
