"""`manage.py import_products FILE --merchant SLUG`: a merchant's sheet into the shop."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.accounts.models import Merchant
from catalog.products.importers import FORMATS, CannotUndo, Issue, Summary, run_import, undo_import

_SHOWN = 20


class Command(BaseCommand):
    """Import products from a Shopify CSV or JSON Lines, or take an import back."""

    help = "Import products from a Shopify CSV (both dialects) or JSON Lines (.jsonl, .jsonl.gz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", nargs="?", type=Path, help="The sheet; not needed with --undo.")
        parser.add_argument("--merchant", required=True, help="The shop's slug.")
        parser.add_argument("--currency", default="", help="Of prices without one, such as TWD; default: the shop's.")
        parser.add_argument("--dry-run", action="store_true", help="Check and count; write nothing.")
        parser.add_argument("--skip-bad-rows", action="store_true", help="Leave out products with errors.")
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")
        parser.add_argument("--undo", type=int, metavar="RUN", help="Take the import with this number back.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import; any error that keeps products out ends with a non-zero exit."""
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            known = ", ".join(Merchant.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"--merchant: there is no shop {options['merchant']!r} (there are: {known})")
        if options["undo"] is not None:
            self._undo(merchant, options["undo"], as_json=options["json"])
            return
        path: Path | None = options["file"]
        if path is None or not path.is_file():
            raise CommandError(f"FILE: {path or 'give a file'} cannot be read")
        summary = _run(merchant, path, options)
        self._tell(summary, options)
        if options["json"]:
            self.stdout.write(json.dumps(summary.as_json(), ensure_ascii=False))
        skipped_only = options["skip_bad_rows"] and not summary.is_fatal
        if summary.errors and not skipped_only:
            sys.exit(1)

    def _tell(self, summary: Summary, options: dict[str, Any]) -> None:
        out = self.stderr if options["json"] else self.stdout
        for issue in summary.issues[:_SHOWN]:
            out.write(_line(issue))
        if len(summary.issues) > _SHOWN:
            out.write(f"… and {len(summary.issues) - _SHOWN} more")
        name = FORMATS.get(summary.format, "unknown format")
        would = "would be " if options["dry_run"] else ""
        out.write(
            f"{name} · {summary.rows} rows · {would}created {summary.created}, updated {summary.updated}, "
            f"unchanged {summary.unchanged}, skipped {summary.skipped}"
        )
        if summary.is_written:
            out.write(f"Undo: manage.py import_products --merchant {options['merchant']} --undo {summary.run_id}")
        elif not options["dry_run"]:
            out.write("Nothing was written. Mend the rows above, or leave them out with --skip-bad-rows.")

    def _undo(self, merchant: Merchant, run_id: int, *, as_json: bool) -> None:
        try:
            undone = undo_import(merchant=merchant, run_id=run_id)
        except CannotUndo as error:
            raise CommandError(str(error)) from error
        for product_id, title in undone.kept:
            self.stderr.write(f"Kept, changed since: {title} (product {product_id})")
        counts = {name: getattr(undone, name) for name in ("restored", "deleted", "archived")}
        counts["kept"] = len(undone.kept)
        self.stdout.write(
            json.dumps(counts) if as_json else ", ".join(f"{name} {count}" for name, count in counts.items())
        )


def _run(merchant: Merchant, path: Path, options: dict[str, Any]) -> Summary:
    with tqdm(total=path.stat().st_size, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:
        phases = [""]

        def progress(phase: str, done: int, _total: int) -> None:
            if phase != phases[-1]:
                phases.append(phase)
                bar.reset()
                bar.set_description(phase)
            bar.update(max(0, done - bar.n))

        return run_import(
            merchant=merchant,
            path=path,
            currency=options["currency"],
            dry_run=options["dry_run"],
            skip_bad_rows=options["skip_bad_rows"],
            progress=progress,
        )


def _line(issue: Issue) -> str:
    level = "error" if issue.is_error else "warning"
    where = f"row {issue.row}" + (f", {issue.field}" if issue.field else "")
    value = f" [{issue.value}]" if issue.value else ""
    return f"{level}: {where}{value}: {issue.kind}: {issue.what} {issue.remedy}"
