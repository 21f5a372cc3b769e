"""manage.py refresh_search_priors: learn popularity and click priors now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.click_priors import refresh_click_priors
from conversations.funnel.popularity import refresh_popularity


class Command(BaseCommand):
    """What the periodic tasks do, for one merchant or all, with a line each."""

    help = "Learn anew from funnel events and the log of searches what shoppers open and buy."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --merchant."""
        parser.add_argument("--merchant", metavar="SLUG", help="only this merchant's")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Learn and say what came of it."""
        merchants = Merchant.objects.order_by("pk")
        if slug := options["merchant"]:
            merchants = merchants.filter(slug=slug)
            if not merchants:
                raise CommandError(f"--merchant: there is no merchant {slug!r}")
        for merchant in merchants:
            with merchant_scope(merchant):
                told = refresh_popularity(merchant=merchant)
                learned = refresh_click_priors(merchant=merchant)
            self.stdout.write(
                f"{merchant.slug}: {told} products told to the index, {learned.products} click priors in"
                f" {learned.queries} queries, exponent {learned.exponent:.2f}"
            )
