"""A product as plain values, so that a sheet, the database and the state before an import can be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from catalog.products.importers.incoming import PriceTag
from catalog.products.models import Product, Stock, Variant


@dataclass(frozen=True, slots=True)
class VariantState:
    """A variant with its prices and its stock."""

    sku: str
    id: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    position: int = 0
    barcode: str = ""
    weight_grams: int | None = None
    requires_shipping: bool = True
    external_id: str = ""
    offers: Mapping[str, PriceTag] = field(default_factory=dict)
    on_hand: int = 0
    is_tracked: bool = False
    has_stock: bool = True
    reserved: int = 0  # known, never written


@dataclass(frozen=True, slots=True)
class ImageState:
    """A picture."""

    url: str
    alt_texts: Mapping[str, str] = field(default_factory=dict)
    sku: str = ""


@dataclass(frozen=True, slots=True)
class ProductState:
    """A product with everything an import may change."""

    slug: str
    title: str
    id: int | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    brand: str = ""  # slug
    category: str = ""  # path of slugs
    status: str = "active"
    external_url: str = ""
    tags: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    model_number: str = ""
    external_id: str = ""
    variants: tuple[VariantState, ...] = ()
    images: tuple[ImageState, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the state as it is kept for undo."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProductState:
        """Return a kept state."""
        variants = tuple(
            VariantState(**{**row, "offers": {code: (tag[0], tag[1]) for code, tag in row["offers"].items()}})
            for row in data["variants"]
        )
        images = tuple(ImageState(**row) for row in data["images"])
        return cls(**{**data, "variants": variants, "images": images})

    def digest(self) -> str:
        """Return a fingerprint of everything but unit counts: those move with every sale."""
        still = replace(
            self,
            id=None,
            variants=tuple(replace(variant, id=None, on_hand=0, reserved=0) for variant in self.variants),
        )
        text = json.dumps(asdict(still), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def load_products(where: Q, *, for_update: bool = False) -> QuerySet[Product]:
    """Return products with all that `state_of` reads, in a constant number of queries."""
    stock: QuerySet[Stock] = Stock.objects.all()
    if for_update:
        stock = stock.select_for_update()
    rows: QuerySet[Product] = Product.objects.filter(where)
    return (
        rows.select_related("brand", "category")
        .order_by("id")
        .prefetch_related(
            Prefetch("variants", queryset=Variant.objects.order_by("position", "id")),
            "variants__offers",
            Prefetch("variants__stock", queryset=stock),
            "media__variant",
        )
    )


def state_of(product: Product) -> ProductState:
    """Return a loaded product's state."""
    media = sorted(product.media.all(), key=lambda row: (row.position, row.pk))
    return ProductState(
        id=product.pk,
        slug=product.slug,
        title=product.title,
        titles=product.titles,
        descriptions=product.descriptions,
        brand=product.brand.slug if product.brand else "",
        category=product.category.path if product.category else "",
        status=product.status,
        external_url=product.external_url,
        tags=list(product.tags),
        attributes=product.attributes,
        model_number=product.model_number,
        external_id=product.external_id,
        variants=tuple(_variant_state(variant) for variant in product.variants.all()),
        images=tuple(ImageState(row.url, row.alt_texts, row.variant.sku if row.variant else "") for row in media),
    )


def _variant_state(variant: Variant) -> VariantState:
    stock: Stock | None = getattr(variant, "stock", None)
    return VariantState(
        id=variant.pk,
        sku=variant.sku,
        options=variant.options,
        position=variant.position,
        barcode=variant.barcode,
        weight_grams=variant.weight_grams,
        requires_shipping=variant.requires_shipping,
        external_id=variant.external_id,
        offers={offer.currency: (offer.amount_minor, offer.compare_at_minor) for offer in variant.offers.all()},
        on_hand=stock.on_hand if stock else 0,
        is_tracked=stock.is_tracked if stock else False,
        has_stock=stock is not None,
        reserved=stock.reserved if stock else 0,
    )
