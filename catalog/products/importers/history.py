"""What is kept of an import so that it can be told of and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.products.importers.detection import Detected
from catalog.products.importers.states import load_products, state_of
from catalog.products.importers.summary import Summary
from catalog.products.importers.vocabulary import Vocabulary
from catalog.products.importers.writing import Change
from catalog.products.models import ImportChange, ImportRun, ImportState

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

ISSUES_KEPT = 1_000


class RunTakenOver(Exception):
    """The import was silent for so long that it was given up; nothing more is written."""


def start(
    *,
    merchant: Merchant,
    found: Detected,
    currency: str,
    user: AbstractBaseUser | None,
    run: ImportRun | None,
    file_name: str,
    fixes: Mapping[str, Mapping[str, str]],
) -> ImportRun:
    """Note that an import has begun, before its first product is written."""
    run = run or ImportRun(merchant=merchant, user_id=user.pk if user else None, file_name=file_name[:300])
    run.format, run.currency, run.state = found.format, currency, ImportState.RUNNING
    run.fixes = {row: dict(values) for row, values in fixes.items()}
    run.beat_at = timezone.now()
    run.save()
    return run


def mark_broken(*, silent_since: datetime) -> int:
    """Mark imports whose process died: no sign of life since `silent_since`. Return how many.

    What they wrote stays as it is; the merchant may take it back or go on with the same file.
    """
    running = ImportRun.objects.filter(state=ImportState.RUNNING, created_at__lt=silent_since)
    quiet = running.filter(Q(beat_at=None) | Q(beat_at__lt=silent_since))
    return quiet.update(state=ImportState.BROKEN_OFF, finished_at=timezone.now())


def keep_changes(run: ImportRun, changes: Sequence[Change], vocabulary: Vocabulary) -> None:
    """Keep what the products were, and a fingerprint of what they became, in the transaction that changes them."""
    if not ImportRun.objects.filter(pk=run.pk, state=ImportState.RUNNING).update(beat_at=timezone.now()):
        raise RunTakenOver
    if not changes:
        return
    updated = [change.id for change in changes if change.now is not None]
    # Ids of new variants are known only now; units on hand are kept so that sales since are not undone with the rest.
    written = {row.pk: state_of(row) for row in load_products(Q(pk__in=updated))} if updated else {}
    rows = []
    for change in changes:
        after = written.get(change.id, change.after)
        units = {variant.sku: variant.on_hand for variant in after.variants}
        rows.append(
            ImportChange(
                merchant_id=run.merchant_id,
                run=run,
                product_id=change.id,
                before=change.now.as_json() if change.now else None,
                after={"digest": after.digest(), "on_hand": units},
            )
        )
    ImportChange.objects.bulk_create(rows, batch_size=500)
    run.made = {
        "brands": vocabulary.made_brands,
        "categories": vocabulary.made_categories,
        "names_before": vocabulary.names_before,
    }
    run.save(update_fields=["made"])


def finish(run: ImportRun, summary: Summary) -> None:
    """Note how an import ended."""
    run.state = ImportState.DONE if summary.is_written else ImportState.FAILED
    run.counts = summary.counts()
    run.issues = [issue.as_json() for issue in summary.issues[:ISSUES_KEPT]]
    run.finished_at = timezone.now()
    run.save()
