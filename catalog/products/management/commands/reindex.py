"""manage.py reindex: write all products into the search index again."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from catalog.accounts.models import Merchant
from catalog.products.indexing import products_to_index, reindex
from catalog.search.ports import SearchUnavailable


class Command(BaseCommand):
    """Safe while the shop is open: search answers throughout, and newer changes are never overwritten."""

    help = "Write the products of one merchant, or of all, into the search index again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --merchant."""
        parser.add_argument("--merchant", metavar="SLUG", help="only this merchant's products")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Reindex with a progress bar on stderr and one line of result on stdout."""
        merchant = None
        if slug := options["merchant"]:
            merchant = Merchant.objects.filter(slug=slug).first()
            if merchant is None:
                raise CommandError(f"--merchant: there is no merchant {slug!r}")
        with tqdm(total=products_to_index(merchant=merchant), unit=" products", file=sys.stderr) as bar:
            try:
                count = reindex(merchant=merchant, progress=bar.update)
            except SearchUnavailable as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{count} products in the index")
