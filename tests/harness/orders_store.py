"""A store taken over by the product's own importer, and who may be signed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.harness import console
from tests.harness.catalog import save_store_product

if TYPE_CHECKING:
    from catalog.accounts.models import Creator, Merchant

CURRENCY = "USD"


@dataclass
class Store:
    """The shop in the database, and the file it came from."""

    merchant: Merchant
    creator: Creator
    given: dict[str, Any]

    @cached_property
    def shoppers(self) -> dict[str, UUID]:
        """Shoppers by the file's id."""
        from catalog.accounts.models import Shopper

        return dict(Shopper.objects.exclude(external_id="").values_list("external_id", "pk"))


def load(path: Path) -> Store:
    """Take the store over, with one creator whose double serves it. Call inside nothing; the scope is left to you."""
    from catalog.accounts.models import Creator, Merchant
    from catalog.accounts.scoping import merchant_scope
    from catalog.orders.importing import import_customers, import_orders

    given = json.loads(path.read_text())
    merchant = Merchant.objects.create(slug="harness", name="Harness", currency=CURRENCY, country="US")
    with merchant_scope(merchant):
        names = {"en": "Mei Lin"}
        creator = Creator.objects.create(merchant=merchant, slug="mei", names=names, short_names=names)
        console.note(
            f"{len(given['products'])} products, {len(given['customers'])} customers, {len(given['orders'])} orders"
        )
        for row in given["products"]:
            save_store_product(merchant, row)
        import_customers(merchant=merchant, rows=given["customers"], currency=CURRENCY)
        import_orders(merchant=merchant, rows=given["orders"], currency=CURRENCY)
    return Store(merchant, creator, given)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSON lines file."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
