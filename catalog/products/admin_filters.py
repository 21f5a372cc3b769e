"""Filters of the product list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.products.models import Offer, Product, Stock


class StockFilter(admin.SimpleListFilter):
    """In stock, few left, sold out, not for sale."""

    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices."""
        return [("in", _("In stock")), ("few", _("5 or fewer")), ("out", _("Sold out")), ("unpriced", _("No price"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Filter by what is left of any variant."""
        rows = Stock.objects.filter(variant__product=OuterRef("pk"))
        left = Q(is_tracked=False) | Q(on_hand__gt=F("reserved"))
        few = Q(is_tracked=True, on_hand__gt=F("reserved"), on_hand__lte=F("reserved") + 5)
        choices: dict[str | None, Any] = {
            "in": Exists(rows.filter(left)),
            "few": Exists(rows.filter(few)),
            "out": ~Exists(rows.filter(left)),
            "unpriced": ~Exists(Offer.objects.filter(variant__product=OuterRef("pk"))),
        }
        return queryset.filter(choices[self.value()]) if self.value() in choices else queryset
