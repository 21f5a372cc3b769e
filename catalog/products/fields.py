"""What a writer of products hands to the services: plain data, checked there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.products.models import ProductStatus


@dataclass(frozen=True, slots=True)
class VariantFields:
    """One SKU. Prices are minor units by currency; `on_hand` None means that stock is not counted."""

    sku: str
    options: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)
    compare_at: Mapping[str, int] = field(default_factory=dict)
    on_hand: int | None = None
    barcode: str = ""
    weight_grams: int | None = None
    requires_shipping: bool = True
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class MediaFields:
    """One picture with its descriptions by language."""

    url: str
    alt_texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductFields:
    """A product whole: what is not named here is emptied. Texts are by language."""

    slug: str
    title: str
    titles: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    brand: str = ""
    category_path: str = ""  # slugs, "skincare/serum"
    category_names: Mapping[str, str] = field(default_factory=dict)  # of the last slug, used when it is new
    status: str = ProductStatus.ACTIVE
    external_url: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    model_number: str = ""
    external_id: str = ""
    variants: tuple[VariantFields, ...] = ()
    media: tuple[MediaFields, ...] = ()
