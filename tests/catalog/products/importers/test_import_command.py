"""`manage.py import_products`: options, exit code, the one line of JSON."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.accounts.models import Merchant
from catalog.products.models import Product
from tests.catalog.products.importers.sheets import classic, everything, sheet

BAD = [classic(), classic(Handle="cream", Title="Cream", Variant__SKU="C-1", Variant__Price="-5")]


def run(file: Path | None, *options: str, code: int = 0, **more: Any) -> str:
    """Call the command and return what it wrote to standard output."""
    out = io.StringIO()
    arguments = [str(file)] if file else []
    with pytest.raises(SystemExit, match=str(code)) if code else nullcontext():
        call_command("import_products", *arguments, *options, stdout=out, stderr=io.StringIO(), **more)
    return out.getvalue()


def test_the_last_line_is_one_json_object(in_scope: Merchant, tmp_path: Path) -> None:
    out = run(sheet(tmp_path, [classic()]), "--merchant", "meis-shelf", "--json")

    assert json.loads(out.splitlines()[-1]) == {
        "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "warnings": [], "errors": [],
    }  # fmt: skip


def test_errors_end_with_a_non_zero_exit_and_nothing_written(in_scope: Merchant, tmp_path: Path) -> None:
    before = everything()

    out = run(sheet(tmp_path, BAD), "--merchant", "meis-shelf", "--json", code=1)

    assert json.loads(out.splitlines()[-1]) == {
        "created": 0, "updated": 0, "unchanged": 0, "skipped": 2, "warnings": [],
        "errors": [{"row": 3, "field": "Variant Price", "kind": "negative_price"}],
    }  # fmt: skip
    assert everything() == before


def test_bad_rows_may_be_skipped(in_scope: Merchant, tmp_path: Path) -> None:
    out = run(sheet(tmp_path, BAD), "--merchant", "meis-shelf", "--skip-bad-rows", "--currency", "USD", "--json")

    report = json.loads(out.splitlines()[-1])
    assert (report["created"], report["skipped"], len(report["errors"])) == (1, 1, 1)
    assert Product.objects.get().variants.get().offers.get().currency == "USD"


def test_a_dry_run_writes_nothing(in_scope: Merchant, tmp_path: Path) -> None:
    before = everything()

    out = run(sheet(tmp_path, [classic()]), "--merchant", "meis-shelf", "--dry-run")

    assert "would be created 1" in out
    assert everything() == before


def test_an_import_is_taken_back_by_its_number(in_scope: Merchant, tmp_path: Path) -> None:
    out = run(sheet(tmp_path, [classic()]), "--merchant", "meis-shelf")
    number = out.rsplit("--undo ", 1)[1].strip()

    undone = run(None, "--merchant", "meis-shelf", "--undo", number)

    assert undone.strip() == "restored 0, deleted 1, archived 0, kept 0"
    assert Product.objects.count() == 0


def test_a_shop_or_file_that_is_not_there_is_named(in_scope: Merchant, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no shop 'nowhere'"):
        run(sheet(tmp_path, [classic()]), "--merchant", "nowhere")
    with pytest.raises(CommandError, match="FILE"):
        run(tmp_path / "missing.csv", "--merchant", "meis-shelf")
