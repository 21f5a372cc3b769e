"""`manage.py demo`: make the demo shops, or remove them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from shop_assistant import demo


class Command(BaseCommand):
    """Make the demo shops that are missing, or remove them with `--remove`."""

    help = "Make the demo shops that are missing (default), or remove them and all they hold (--remove)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flag."""
        parser.add_argument("--remove", action="store_true", help="remove the demo shops and the demo's staff")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        if options["remove"]:
            demo.remove(report=self.stdout.write)
            return
        made = demo.seed(report=self.stdout.write)
        accounts = demo.staff_accounts()
        self.stdout.write("Demo shops made." if made else "Demo shops were there.")
        self.stdout.write(f"Staff: {', '.join(accounts.names)}; password in {accounts.kept_in}")
