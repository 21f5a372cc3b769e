"""`manage.py write_docs`: write the reference pages of docs/."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from shop_assistant import reference


class Command(BaseCommand):
    """Write the generated pages that are stale."""

    help = "Write the generated reference pages of docs/ that are stale."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        written = reference.write()
        self.stdout.write("\n".join(f"wrote docs/{name}" for name in written) or "docs are current")
