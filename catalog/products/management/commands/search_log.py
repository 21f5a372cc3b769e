"""manage.py search_log: delete what is too old, or what one shopper searched."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products import search_log


class Command(BaseCommand):
    """The sweeper by hand, and the answer to a shopper who wants to be forgotten."""

    help = "Delete searches by age, or one shopper's."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the two ways."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--older-than", type=int, metavar="DAYS", help="every shop's rows older than this")
        which.add_argument("--shopper", type=uuid.UUID, metavar="ID", help="all rows of one shopper of --merchant")
        parser.add_argument("--merchant", metavar="SLUG", help="whose shopper")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Delete and count."""
        if options["shopper"] is None:
            self.stdout.write(f"{search_log.sweep(days=options['older_than'])} rows deleted")
            return
        merchant = Merchant.objects.filter(slug=options["merchant"] or "").first()
        if merchant is None:
            raise CommandError("--merchant: name the shop by its slug; a pseudonym differs from shop to shop")
        with merchant_scope(merchant):
            count = search_log.forget_shopper(merchant=merchant, shopper_id=options["shopper"])
        self.stdout.write(f"{count} searches of the shopper deleted")
