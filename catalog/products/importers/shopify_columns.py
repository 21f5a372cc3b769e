"""The columns of Shopify's two product sheets (https://help.shopify.com/manual/products/import-export/using-csv)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CLASSIC: Mapping[str, str] = {
    "handle": "Handle",
    "title": "Title",
    "body": "Body (HTML)",
    "vendor": "Vendor",
    "category": "Product Category",
    "type": "Type",
    "tags": "Tags",
    "published": "Published",
    "status": "Status",
    "option1_name": "Option1 Name",
    "option1_value": "Option1 Value",
    "option2_name": "Option2 Name",
    "option2_value": "Option2 Value",
    "option3_name": "Option3 Name",
    "option3_value": "Option3 Value",
    "sku": "Variant SKU",
    "grams": "Variant Grams",
    "tracker": "Variant Inventory Tracker",
    "quantity": "Variant Inventory Qty",
    "policy": "Variant Inventory Policy",
    "price": "Variant Price",
    "compare_at": "Variant Compare At Price",
    "ships": "Variant Requires Shipping",
    "barcode": "Variant Barcode",
    "image": "Image Src",
    "image_position": "Image Position",
    "image_alt": "Image Alt Text",
    "variant_image": "Variant Image",
}
SINCE_2024: Mapping[str, str] = {
    "handle": "URL handle",
    "title": "Title",
    "body": "Description",
    "vendor": "Vendor",
    "category": "Product category",
    "type": "Type",
    "tags": "Tags",
    "published": "Published on online store",
    "status": "Status",
    "option1_name": "Option1 name",
    "option1_value": "Option1 value",
    "option2_name": "Option2 name",
    "option2_value": "Option2 value",
    "option3_name": "Option3 name",
    "option3_value": "Option3 value",
    "sku": "SKU",
    "grams": "Weight value (grams)",
    "tracker": "Inventory tracker",
    "quantity": "Inventory quantity",
    "policy": "Continue selling when out of stock",
    "price": "Price",
    "compare_at": "Compare-at price",
    "ships": "Requires shipping",
    "barcode": "Barcode",
    "image": "Product image URL",
    "image_position": "Image position",
    "image_alt": "Image alt text",
    "variant_image": "Variant image URL",
}
# Known to both, and of no use to a shopper here.
_LEFT_OUT = frozenset(
    name.lower()
    for name in (
        "Option1 Linked To",
        "Option2 Linked To",
        "Option3 Linked To",
        "Variant Fulfillment Service",
        "Fulfillment service",
        "Variant Taxable",
        "Charge tax",
        "Variant Tax Code",
        "Tax code",
        "Variant Weight Unit",
        "Weight unit for display",
        "Gift Card",
        "SEO Title",
        "SEO Description",
        "Cost per item",
        "Collection",
        "Published Scope",
        "Standard Product Type",
        "Custom Product Type",
        "Custom Collections",
    )
)
_LEFT_OUT_SHAPES = re.compile(r"(google shopping|included|price|compare[- ]at price) / .+|unit price .+", re.IGNORECASE)
_METAFIELD = re.compile(r".*\((?:product\.)?metafields\.([\w-]+)\.([\w-]+)(?:\[[\w.-]+\])?\)\s*$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands in this file."""

    names: Sequence[str]  # the header
    places: Mapping[str, int]
    metafields: Sequence[tuple[int, str]] = ()  # (place, attribute name)
    unknown: Sequence[str] = ()
    confidence: float = 0.0

    def name(self, field_name: str) -> str:
        """Return the column's name as the file writes it."""
        return self.names[self.places[field_name]] if field_name in self.places else _both(field_name)


@dataclass(slots=True)
class _Found:
    places: dict[str, int] = field(default_factory=dict)
    metafields: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    score: int = 0


def read_header(header: Sequence[str], dialect: Mapping[str, str]) -> Columns:
    """Find the columns of `dialect` in a header; upper and lower case are one."""
    wanted = {name.lower(): field_name for field_name, name in dialect.items()}
    found = _Found()
    taken: set[str] = set()
    for place, raw in enumerate(header):
        name = raw.strip().lower()
        if name in wanted and wanted[name] not in found.places:
            found.places[wanted[name]] = place
            found.score += 1
        elif metafield := _METAFIELD.match(raw.strip()):
            found.metafields.append((place, _attribute_name(metafield[1], metafield[2], taken)))
            found.score += 1
        elif name in _LEFT_OUT or _LEFT_OUT_SHAPES.fullmatch(name):
            found.score += 1
        elif name:
            found.unknown.append(raw.strip())
    filled = sum(bool(name.strip()) for name in header)
    return Columns(
        names=[name.strip() for name in header],
        places=found.places,
        metafields=found.metafields,
        unknown=found.unknown,
        confidence=found.score / filled if filled else 0.0,
    )


def _attribute_name(namespace: str, key: str, taken: set[str]) -> str:
    name = key.replace("-", "_")
    if name in taken:
        name = f"{namespace}_{name}"
    taken.add(name)
    return name


def _both(field_name: str) -> str:
    return SINCE_2024[field_name]
