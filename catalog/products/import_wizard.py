"""What lies behind the import pages: the kept upload, its preview, the dry run with fixes, the import."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.products.importers import Issue, Summary, run_import
from catalog.products.importers.cells import CURRENCIES
from catalog.products.importers.detection import FORMATS, JSON_LINES, detect
from catalog.products.importers.issues import FileRefused
from catalog.products.importers.sheet import sheet_rows
from catalog.products.importers.source import Source
from catalog.products.models import ImportRun, ImportState

_PREVIEW_ROWS = 20
_FIX = "fix:"
# What typing another value can mend; broken quotation marks cannot be mended in one cell.
_UNFIXABLE = frozenset(
    {"broken_quoting", "bad_encoding", "extra_cells", "bad_json", "missing_column", "unknown_format"}
)


class FileGone(Exception):
    """The uploaded file of an import is no longer kept."""


def keep_upload(
    *, merchant: Merchant, upload: UploadedFile[bytes], currency: str, user_id: int | None
) -> tuple[ImportRun, Issue | None]:
    """Keep an uploaded sheet and note what it is; or say what keeps it from being read, and keep nothing."""
    name = Path(upload.name or "sheet").name[:200]
    run = ImportRun(merchant=merchant, user_id=user_id, file_name=name, currency=currency, state=ImportState.DRY_RUN)
    if currency not in CURRENCIES:
        return run, Issue(1, "currency", "currency_unknown", currency)
    if (upload.size or 0) > settings.IMPORT_FILE_BYTES_MAX:
        limit = settings.IMPORT_FILE_BYTES_MAX // 1_000_000
        return run, Issue(1, "", "file_too_large", detail={"limit": limit})
    path = _folder(merchant) / uuid.uuid4().hex
    with path.open("wb") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
    try:
        run.format = detect(Source(path)).format
    except FileRefused as refused:
        path.unlink()
        return run, Issue(1, "", refused.kind, detail=refused.detail)
    run.file_path = str(path)
    run.save()
    return run, None


def preview(run: ImportRun) -> dict[str, Any]:
    """Return the format with its confidence, how each column was understood, and the first rows."""
    source = Source(Path(run.file_path))
    found = detect(source)
    about = {"name": FORMATS[found.format], "confidence": round(100 * found.confidence)}
    if found.columns is None:
        records = [_record(line) for line in islice((text for text in source.lines() if text.strip()), _PREVIEW_ROWS)]
        header = list(dict.fromkeys(name for record in records for name in record))
        rows = [[_cell(record.get(name)) for name in header] for record in records]
        return {**about, "columns": [(name, name) for name in header], "header": header, "rows": rows}
    columns = found.columns
    fields = {place: name for name, place in columns.places.items()}
    fields |= {place: f"attributes.{name}" for place, name in columns.metafields}
    rows = [row.cells for row in islice(sheet_rows(source.lines(), found.delimiter), 1, _PREVIEW_ROWS + 1)]
    return {
        **about,
        "columns": [(name, fields.get(place, "")) for place, name in enumerate(columns.names)],
        "header": columns.names,
        "rows": [[_cell(cell) for cell in row] for row in rows],
    }


def fixes_of(posted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what was typed in the dry run: `fix:17:Price` = `560`; empty inputs are no fixes."""
    fixes: dict[str, dict[str, str]] = {}
    for name, value in posted.items():
        kind, _colon, rest = name.partition(_FIX)
        row, _colon, field = rest.partition(":")
        if not kind and row.isdecimal() and field and value.strip():
            fixes.setdefault(row, {})[field] = value.strip()[:1000]
    return fixes


def check(*, run: ImportRun, fixes: Mapping[str, Mapping[str, str]] | None = None) -> Summary:
    """Read the sheet with the fixes on it and keep the counts; the shop is not touched."""
    if fixes is not None:
        run.fixes = _together(run.fixes, fixes)
    summary = run_import(
        merchant=run.merchant, path=Path(run.file_path), currency=run.currency, dry_run=True, fixes=run.fixes
    )
    run.counts = summary.counts()
    run.issues = [issue.as_json() for issue in summary.issues[:1000]]
    run.save()
    return summary


def commit(*, run: ImportRun, fixes: Mapping[str, Mapping[str, str]] | None, user_id: int | None) -> Summary:
    """Import what is good, leave out what is not. A second press of the button finds the run no longer waiting."""
    with transaction.atomic():
        mine = ImportRun.objects.filter(pk=run.pk, state=ImportState.DRY_RUN).update(
            state=ImportState.RUNNING, beat_at=timezone.now()
        )
    if not mine:
        return Summary(run_id=run.pk, is_written=True)
    run.fixes = _together(run.fixes, fixes or {})
    summary = run_import(
        merchant=run.merchant,
        path=Path(run.file_path),
        currency=run.currency,
        skip_bad_rows=True,
        user=get_user_model().objects.filter(pk=user_id).first() if user_id else None,
        fixes=run.fixes,
        run=run,
    )
    if not summary.is_written:
        # Not over the state of an import that was given up meanwhile.
        state = ImportState.FAILED if summary.run_id else ImportState.DRY_RUN
        ImportRun.objects.filter(pk=run.pk, state__in=(ImportState.RUNNING, ImportState.FAILED)).update(state=state)
        run.refresh_from_db(fields=["state"])
    return summary


def go_on(*, run: ImportRun, user_id: int | None) -> ImportRun:
    """Return a new dry run of the same file with the same fixes, for an import that broke off.

    What the first one wrote is found unchanged; each of the two can be undone.
    Raises: FileGone when the file is no longer kept.
    """
    if not run.file_path or not Path(run.file_path).exists():
        raise FileGone
    return ImportRun.objects.create(
        merchant=run.merchant,
        user_id=user_id,
        file_name=run.file_name,
        file_path=run.file_path,
        format=run.format,
        currency=run.currency,
        state=ImportState.DRY_RUN,
        fixes=run.fixes,
    )


def shown(run: ImportRun, summary: Summary) -> dict[str, Any]:
    """Return what the dry run's page shows."""
    good_rows = summary.rows_created + summary.rows_updated
    return {
        "summary": summary,
        "format_name": FORMATS.get(summary.format, ""),
        "is_json": summary.format == JSON_LINES,
        "confidence": round(100 * summary.confidence),
        "to_fix": [_line(issue, run.fixes) for issue in sorted(summary.errors, key=lambda one: one.row)[:200]],
        "warnings": summary.warnings[:50],
        "good_rows": good_rows,
        "bad_rows": len({issue.row for issue in summary.errors}),
        # A product with one bad row is left out with all its rows.
        "skipped_rows": summary.rows - good_rows - summary.rows_unchanged,
        "undo_days": settings.IMPORT_UNDO_DAYS,
    }


def _line(issue: Issue, fixes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "issue": issue,
        "name": f"{_FIX}{issue.row}:{issue.field}" if issue.field and issue.kind not in _UNFIXABLE else "",
        "typed": fixes.get(str(issue.row), {}).get(issue.field, ""),
        "choices": issue.detail.get("choices", ()),
    }


def _together(
    kept: Mapping[str, Mapping[str, str]], typed: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    return {row: {**kept.get(row, {}), **typed.get(row, {})} for row in {*kept, *typed}}


def _folder(merchant: Merchant) -> Path:
    folder = Path(settings.DATA_DIR) / "imports" / merchant.slug
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    text = text.encode("utf-8", "replace").decode()  # bytes that were not UTF-8
    return text if len(text) <= 60 else f"{text[:59]}…"
