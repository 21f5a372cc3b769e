"""manage.py verify_index: compare the search index with the shop, and repair it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.accounts.models import Merchant
from catalog.products.verifying import Verification, repair, verify
from catalog.search.backend import backend
from catalog.search.ports import SearchUnavailable


class Command(BaseCommand):
    """Safe while the shop is open: a change that is on its way is told apart from an error."""

    help = "Compare the search index with the products of one merchant, or of all; fails when they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --merchant and --repair."""
        parser.add_argument("--merchant", metavar="SLUG", help="only this merchant's products")
        parser.add_argument("--repair", action="store_true", help="write what differs; make the index if there is none")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line a merchant; end with an error when something is still wrong."""
        slug, mend = options["merchant"], options["repair"]
        merchants = Merchant.objects.filter(slug=slug) if slug else Merchant.objects.all()
        if slug and not merchants:
            raise CommandError(f"--merchant: there is no merchant {slug!r}")
        try:
            if mend:
                backend().prepare()
            wrong = sum(self._verify(merchant, mend=mend) for merchant in merchants)
        except SearchUnavailable as error:
            raise CommandError(str(error)) from error
        if wrong:
            remedy = "run manage.py reindex" if mend else "run it again with --repair"
            raise CommandError(f"{wrong} products differ between index and shop: {remedy}")

    def _verify(self, merchant: Merchant, *, mend: bool) -> int:
        found = verify(merchant=merchant)
        self.stdout.write(f"{merchant.slug}: {_told(found)}")
        if not (mend and found.wrong):
            return len(found.wrong)
        after = repair(merchant=merchant, found=found)
        self.stdout.write(f"{merchant.slug}, repaired: {_told(after)}")
        return len(after.wrong)


def _told(found: Verification) -> str:
    differences = {
        "missing": found.missing,
        "different": found.different,
        "extra": found.extra,
        "waiting": found.waiting,
    }
    told = ", ".join(f"{len(ids)} {name}" for name, ids in differences.items() if ids) or "equal"
    behind = f"; the oldest change on its way was made {found.behind_s:.0f} s ago" if found.behind_s else ""
    return f"{found.products} products, {found.indexed} in the index: {told}{behind}"
