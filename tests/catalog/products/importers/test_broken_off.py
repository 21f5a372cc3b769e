"""An import whose process died is marked; what it wrote can be taken back, or the import goes on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.products import import_wizard
from catalog.products.importers import run as importing
from catalog.products.importers import run_import, undo_import
from catalog.products.importers.vocabulary import Vocabulary
from catalog.products.models import ImportRun, Product
from catalog.products.tasks import mark_broken_imports
from tests.catalog.products.importers.sheets import classic, sheet
from tests.shop_assistant.staff import signed_in, text_of

ROWS = [classic(Handle=f"tea-{number}", Title=f"Tea {number}", Variant__SKU=f"T-{number}") for number in range(6)]


class Killed(BaseException):
    """The process ends: nothing after this line runs."""


@pytest.fixture
def killed(in_scope: Merchant, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
    """An import of six products whose process died after the first two batches of two."""
    path = sheet(tmp_path, ROWS)
    settings.IMPORT_BATCH = 2
    written: list[object] = []
    real = importing.products_changed

    def dies(**given: Any) -> None:
        if len(written) == 2:
            raise Killed
        written.append(given)
        real(**given)

    monkeypatch.setattr(importing, "products_changed", dies)
    with pytest.raises(Killed):
        run_import(merchant=in_scope, path=path, currency="TWD")
    monkeypatch.setattr(importing, "products_changed", real)
    run = ImportRun.objects.get()
    ImportRun.objects.filter(pk=run.pk).update(file_path=str(path))
    return ImportRun.objects.get()


def fall_silent(run: ImportRun) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    ImportRun.objects.filter(pk=run.pk).update(created_at=long_ago, beat_at=long_ago)


def test_it_stays_running_until_it_was_silent_for_long(killed: ImportRun) -> None:
    assert (killed.state, Product.objects.count(), killed.beat_at is not None) == ("running", 4, True)
    assert mark_broken_imports() == 0

    fall_silent(killed)

    assert (mark_broken_imports(), mark_broken_imports()) == (1, 0)
    killed.refresh_from_db()
    assert (killed.state, killed.finished_at is not None) == ("broken_off", True)


def test_one_that_writes_is_not_given_up_however_long_it_takes(killed: ImportRun) -> None:
    ImportRun.objects.filter(pk=killed.pk).update(created_at=timezone.now() - timedelta(hours=5))

    assert mark_broken_imports() == 0


def test_what_it_wrote_can_be_taken_back(killed: ImportRun, in_scope: Merchant) -> None:
    fall_silent(killed)
    mark_broken_imports()

    undone = undo_import(merchant=in_scope, run_id=killed.pk)

    assert (undone.deleted, Product.objects.count()) == (4, 0)


def test_it_goes_on_with_the_same_file_from_the_admin(killed: ImportRun, in_scope: Merchant) -> None:
    fall_silent(killed)
    mark_broken_imports()
    client = signed_in(in_scope, "owner")
    page = text_of(client.get(f"/admin/products/importrun/{killed.pk}/done/").content)
    assert ("This import broke off" in page, "Go on with the same file" in page, "Undo this import" in page) == (
        True,
        True,
        True,
    )

    answer = client.post(f"/admin/products/importrun/{killed.pk}/go-on/")
    again = ImportRun.objects.exclude(pk=killed.pk).get()
    assert answer["Location"] == f"/admin/products/importrun/{again.pk}/dry-run/"
    client.post(answer["Location"], {"import": "1"})

    again.refresh_from_db()
    assert (again.state, again.counts["created"], again.counts["unchanged"]) == ("done", 2, 4)
    assert Product.objects.count() == 6


def test_without_its_file_it_says_so(killed: ImportRun, in_scope: Merchant) -> None:
    fall_silent(killed)
    mark_broken_imports()
    Path(killed.file_path).unlink()

    answer = signed_in(in_scope, "owner").post(f"/admin/products/importrun/{killed.pk}/go-on/", follow=True)

    assert "The file is no longer kept. Upload it again." in text_of(answer.content)
    assert ImportRun.objects.count() == 1


def test_one_given_up_wrongly_writes_nothing_more_and_keeps_its_mark(
    in_scope: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path, ROWS)
    run = ImportRun.objects.create(
        merchant=in_scope, file_name="x.csv", file_path=str(path), format="", currency="TWD", state="dry_run"
    )
    real = Vocabulary

    def slow(merchant: Merchant) -> Vocabulary:
        ImportRun.objects.filter(pk=run.pk).update(state="broken_off")
        return real(merchant)

    monkeypatch.setattr(importing, "Vocabulary", slow)

    summary = import_wizard.commit(run=run, fixes=None, user_id=None)

    run.refresh_from_db()
    assert (summary.is_written, run.state, Product.objects.count()) == (False, "broken_off", 0)
