"""`matching.recommend` in a shop of 20,000 products, beside a plain search for the same words."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.beside import beside
from tests.benchmarks.generated import ACTIVITIES, CONCERNS, CURRENCY, SEED, SKIN_TYPES, rows, texts
from tests.harness import catalog, console

if TYPE_CHECKING:
    from catalog.products.needs import Needs

SIZE = 20_000
ASKED, ROUNDS = 40, 3
BAR = 4.0  # a recommendation is at most four searches (by words, skin, concern, activity), each with its products' rows


def measure(folder: Path, size: int = SIZE) -> dict[str, Any]:
    """Import the catalog as a merchant does, and recommend; the peer is `selectors.search_products`."""
    from catalog.accounts.scoping import merchant_scope
    from catalog.products import matching
    from catalog.products.selectors import search_products
    from catalog.search.ports import ProductQuery

    merchant = catalog.new_merchant(CURRENCY)
    sheet = folder / "generated.jsonl"
    with sheet.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(size))
    console.note(f"recommend: {size:,} products are imported")
    catalog.import_products(merchant, sheet, folder)

    def recommend(needs: Needs) -> object:
        return matching.recommend(
            merchant_id=merchant.pk, creator_id=None, needs=needs, language="en", currency=CURRENCY
        )

    def search(needs: Needs) -> object:
        query = ProductQuery(merchant_id=merchant.pk, text=needs.text, currency=CURRENCY)
        return search_products(query=query, language="en")

    with merchant_scope(merchant):
        return {f"recommend_{size}": beside(_needs(size), recommend, search, rounds=ROUNDS, bar=BAR)}


def _needs(size: int) -> list[Needs]:
    """Return needs as a conversation fills them: words, some of them with skin, concern, activity or a budget."""
    from catalog.money import Money
    from catalog.products.needs import Needs

    draw = random.Random(f"{SEED}-needs")
    asked = []
    for text in texts(ASKED, catalog=size):
        on_skin, outside = draw.random() < 0.4, draw.random() < 0.3
        budget = Money(draw.choice((3_000, 8_000, 30_000)), CURRENCY) if draw.random() < 0.4 else None
        asked.append(
            Needs(
                text=f"I am looking for a {text}, please",
                skin_types=(draw.choice(SKIN_TYPES),) if on_skin else (),
                concerns=(draw.choice(CONCERNS),) if on_skin else (),
                activities=(draw.choice(ACTIVITIES),) if outside else (),
                budget_max=budget,
            )
        )
    return asked
