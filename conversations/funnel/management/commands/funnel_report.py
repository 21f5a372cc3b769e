"""Print or export a merchant's funnel report."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from conversations.funnel.csv import csv_lines
from conversations.funnel.figures import Report
from conversations.funnel.periods import BadPeriod
from conversations.funnel.reports import funnel_report, report_rows
from conversations.funnel.tables import report_tables


class Command(BaseCommand):
    """manage.py funnel_report --merchant SLUG --from DAY --to DAY"""

    help = "Prints the funnel from view to payment for whole days of the merchant's time zone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--merchant", required=True, help="the merchant's slug")
        parser.add_argument("--from", dest="first", required=True, type=_day, help="first day, such as 2026-11-16")
        parser.add_argument("--to", dest="last", required=True, type=_day, help="last day, included")
        parser.add_argument("--creator", help="a creator's slug; all creators when left out")
        parser.add_argument("--timezone", default="", help="such as Asia/Taipei; the merchant's own when left out")
        output = parser.add_mutually_exclusive_group()
        output.add_argument("--csv", type=Path, metavar="FILE", help="write the report as CSV")
        output.add_argument("--json", action="store_true", help="end with one line: the tables as a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the report and write it where it was asked for."""
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"--merchant: no merchant has the slug {options['merchant']!r}")
        with merchant_scope(merchant):
            report = _report(merchant, options)
        if options["csv"]:
            # newline="": the csv module ends its lines itself
            with options["csv"].open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(report_rows(report)))
        elif options["json"]:
            tables = {
                table.key: {"header": table.header, "rows": table.rows, "total": table.total}
                for table in report_tables(report)
            }
            self.stdout.write(json.dumps(tables, ensure_ascii=False))
        else:
            for row in report_rows(report):
                self.stdout.write("  ".join(row))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _report(merchant: Merchant, options: dict[str, Any]) -> Report:
    creator_id = None
    if options["creator"]:
        creator = Creator.objects.filter(slug=options["creator"]).first()
        if creator is None:
            raise CommandError(f"--creator: {merchant.name} has no creator with the slug {options['creator']!r}")
        creator_id = creator.pk
    try:
        return funnel_report(
            merchant=merchant,
            start=options["first"],
            end=options["last"],
            creator_id=creator_id,
            timezone=options["timezone"],
        )
    except BadPeriod as error:
        raise CommandError(str(error)) from error
