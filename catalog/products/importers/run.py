"""One import from file to database: a reading that only checks, then, if all is well, one that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.database_care import refresh_statistics
from catalog.products.importers.batches import Batch, Known
from catalog.products.importers.cells import currency_of
from catalog.products.importers.detection import JSON_LINES, Detected, detect
from catalog.products.importers.history import RunTakenOver, finish, keep_changes, start
from catalog.products.importers.incoming import Parsed
from catalog.products.importers.issues import BadCell, FileRefused, Issue
from catalog.products.importers.jsonl import read_json_lines
from catalog.products.importers.shopify import read_shopify
from catalog.products.importers.source import Source
from catalog.products.importers.summary import Summary
from catalog.products.importers.undo import take_back
from catalog.products.importers.vocabulary import Vocabulary
from catalog.products.importers.writing import Writer
from catalog.products.models import ImportRun
from catalog.products.services import products_changed, stock_rose

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Fixes = Mapping[str, Mapping[str, str]]
Progress = Callable[[str, int, int], None]  # ("check" | "write", bytes read, bytes in all)


@dataclass(slots=True)
class _Job:
    merchant: Merchant
    source: Source
    found: Detected
    currency: str
    fixes: Fixes
    progress: Progress | None
    known: Known = field(default_factory=Known)

    def products(self, phase: str) -> Iterator[Parsed]:
        """Read the file once more, product by product, telling how far it got."""
        read = (
            read_json_lines(self.source, currency=self.currency, fixes=self.fixes)
            if self.found.format == JSON_LINES
            else read_shopify(self.source, self.found, currency=self.currency, fixes=self.fixes)
        )
        row = 1
        try:
            for parsed in read:
                row = parsed.product.row if parsed.product else row
                yield parsed
                if self.progress:
                    self.progress(phase, self.source.position, self.source.size)
        except FileRefused as refused:  # only a damaged file shows itself this late
            yield Parsed(0, None, [Issue(row, "", refused.kind, detail=refused.detail)], is_fatal=True)

    def batches(self, phase: str) -> Iterator[list[Parsed]]:
        """Yield products a few hundred at a time."""
        products = self.products(phase)
        while batch := list(islice(products, settings.IMPORT_BATCH)):
            yield batch


def run_import(
    *,
    merchant: Merchant,
    path: Path,
    currency: str = "",
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    user: AbstractBaseUser | None = None,
    fixes: Fixes | None = None,
    progress: Progress | None = None,
    run: ImportRun | None = None,
    file_name: str = "",
) -> Summary:
    """Import a merchant's sheet; return what was done, or with `dry_run` what would be.

    Prices without a currency of their own are in `currency`, or in the merchant's. `fixes` ({row: {column: value}})
    are laid over the file. Any error means that nothing is written, unless `skip_bad_rows` leaves out the products
    with errors and imports the others; a file that cannot be read to its end is never imported.
    A dry run touches nothing; `run` is a stored dry run that becomes this import.
    """
    with merchant_scope(merchant):
        job_or_issue = _job(merchant, path, currency, fixes or {}, progress)
        if isinstance(job_or_issue, Issue):
            return Summary(errors=[job_or_issue], is_fatal=True)
        job = job_or_issue
        summary = _check(job)
        refused = summary.is_fatal or (bool(summary.errors) and not skip_bad_rows)
        if dry_run:
            return summary
        if refused:
            summary.skipped += summary.created + summary.updated
            summary.created = summary.updated = 0
            return summary
        run = start(merchant=merchant, found=job.found, currency=job.currency, user=user, run=run,
                    file_name=file_name or path.name, fixes=fixes or {})  # fmt: skip
        return _write(job, run, summary)


def _job(merchant: Merchant, path: Path, currency: str, fixes: Fixes, progress: Progress | None) -> _Job | Issue:
    try:
        code = currency_of(currency or merchant.currency)
    except BadCell as bad:
        return Issue(1, "currency", bad.kind, currency)
    limit = settings.IMPORT_FILE_BYTES_MAX
    if path.stat().st_size > limit:
        return Issue(1, "", "file_too_large", detail={"limit": limit // 1_000_000})
    source = Source(path)
    try:
        found = detect(source)
    except FileRefused as refused:
        return Issue(1, "", refused.kind, detail=refused.detail)
    return _Job(merchant, source, found, code, fixes, progress)


def _check(job: _Job) -> Summary:
    """Read all, write nothing."""
    summary = Summary(format=job.found.format, confidence=job.found.confidence, currency=job.currency)
    for parsed in job.batches("check"):
        summary.is_fatal |= any(one.is_fatal for one in parsed)
        Batch(job.merchant, parsed, job.known).count(summary)
    if not summary.rows and not summary.errors:
        summary.add(Issue(1, "", "empty_file"))
        summary.is_fatal = True
    return summary


def _write(job: _Job, run: ImportRun, checked: Summary) -> Summary:
    """Read again and write, a transaction a batch. What the check did not foresee takes back the whole import."""
    summary = Summary(format=checked.format, confidence=checked.confidence, currency=checked.currency, run_id=run.pk)
    vocabulary = Vocabulary(job.merchant)
    writer = Writer(job.merchant, vocabulary.brand_id, vocabulary.category_id)
    job.known = Known()
    try:
        for parsed in job.batches("write") if checked.created or checked.updated else ():
            with transaction.atomic():
                batch = Batch(job.merchant, parsed, job.known, for_update=True)
                changes = batch.count(summary)
                for incoming in batch.changing:
                    vocabulary.learn(incoming)
                writer.write(changes)
                keep_changes(run, changes, vocabulary)
                products_changed(product_ids=[change.id for change in changes], merchant_id=job.merchant.pk)
                risen = [change.id for change in changes if change.stock_rises]
                stock_rose(product_ids=risen, merchant_id=job.merchant.pk)
    except RunTakenOver:
        summary.is_written = False
        summary.is_fatal = True
        summary.add(Issue(1, "", "taken_over"))
        return summary
    except IntegrityError:
        take_back(run=run)
        failed = Summary(format=checked.format, currency=checked.currency, run_id=run.pk, is_fatal=True)
        failed.add(Issue(1, "", "conflict"))
        finish(run, failed)
        return failed
    if not (checked.created or checked.updated):
        summary = checked
        summary.run_id = run.pk
    summary.is_written = True
    finish(run, summary)
    refresh_statistics()
    return summary
