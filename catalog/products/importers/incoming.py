"""What a sheet says about one product, whatever its format; `None` = the sheet says nothing about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.products.importers.issues import Issue

AttributeValue = str | int | float | bool | list[str]
PriceTag = tuple[int, int | None]  # price and what it was, minor units


@dataclass(slots=True)
class IncomingVariant:
    """One variant of a row, or of a JSON object."""

    row: int
    sku: str
    options: dict[str, str]
    sku_field: str = "sku"
    # By currency; None = not for sale in it. A currency that is not named keeps its price.
    offers: dict[str, PriceTag | None] = field(default_factory=dict)
    on_hand: int | None = None
    is_tracked: bool | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    requires_shipping: bool | None = None


@dataclass(frozen=True, slots=True)
class IncomingImage:
    """A picture; `sku` when it shows one variant."""

    url: str
    alt_texts: Mapping[str, str] = field(default_factory=dict)
    sku: str = ""


@dataclass(slots=True)
class IncomingProduct:
    """All that the rows of one product say."""

    row: int
    slug: str
    title: str
    slug_is_given: bool = True  # a made-up handle never renames a product that is there
    external_id: str | None = None
    titles: dict[str, str] | None = None
    descriptions: dict[str, str] | None = None
    brand: str | None = None
    category: tuple[str, ...] | None = None  # names from the root
    category_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    status: str | None = None
    external_url: str | None = None
    tags: list[str] | None = None
    attributes: dict[str, AttributeValue | None] | None = None  # None inside = take the attribute away
    replaces_attributes: bool = False
    model_number: str | None = None
    variants: list[IncomingVariant] | None = None
    images: list[IncomingImage] | None = None
    handle_field: str = "handle"


@dataclass(slots=True)
class Parsed:
    """One product of the file with what is wrong about it; `product` is None when nothing can be made of it."""

    rows: int
    product: IncomingProduct | None
    issues: list[Issue] = field(default_factory=list)
    is_fatal: bool = False  # the rest of the file cannot be read

    @property
    def is_good(self) -> bool:
        """Whether it may be written."""
        return self.product is not None and not any(issue.is_error for issue in self.issues)
