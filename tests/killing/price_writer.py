"""A process that changes prices for as long as it lives: what it committed it writes to a file, one line a change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import django

FIRST_MINOR = 1_000_00


def main() -> None:
    """Raise the price of one product after another by one, for ever."""
    django.setup()
    from django.conf import settings

    from catalog.accounts.models import Merchant
    from catalog.accounts.scoping import merchant_scope
    from catalog.products.models import Offer
    from catalog.products.services import set_price

    variant_ids = [int(number) for number in os.environ["KILLING_PRICED"].split(",")]
    with merchant_scope(Merchant.objects.get(slug="meis-shelf")):
        prices = dict(Offer.objects.filter(currency="TWD").values_list("variant_id", "amount_minor"))
        with (Path(settings.DATA_DIR) / "committed").open("a") as committed:
            while True:
                for variant_id in variant_ids:
                    prices[variant_id] = max(prices[variant_id], FIRST_MINOR) + 100
                    set_price(variant_id=variant_id, currency="TWD", amount_minor=prices[variant_id])
                    committed.write(f"{variant_id} {prices[variant_id]}\n")
                    committed.flush()
                    time.sleep(0.25)


if __name__ == "__main__":
    main()
