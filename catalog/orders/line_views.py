"""A line as it is shown, in a cart or in an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.money import Money
from catalog.orders.appointments.views import SlotView
from catalog.products.models import Media


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a cart or an order. `unit` and `total` are None when it has no price any more."""

    variant_id: int | None
    product_id: int | None
    slug: str
    title: str
    option: str
    image_url: str
    quantity: int
    unit: Money | None
    total: Money | None
    available: int | None = None  # None = not counted
    in_stock: bool = True
    is_shipped: bool = True
    link_id: str = ""
    problem: str = ""
    was: Money | None = None  # the line at the price before, struck through
    live_until: datetime | None = None  # its price is a live price that ends then
    slot: SlotView | None = None  # when a service is


def pictures_of(product_ids: Sequence[int]) -> dict[int, str]:
    """Return the first picture of each product."""
    found: dict[int, str] = {}
    for product_id, url in Media.objects.filter(product_id__in=product_ids).values_list("product_id", "url"):
        found.setdefault(product_id, url)
    return found
