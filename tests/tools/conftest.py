"""Fixtures of the tools' tests: Mei's shop with four products, and a shopper in a direct message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.products.fields import VariantFields
from catalog.products.indexing import reindex
from catalog.products.models import Product, Shelf, Variant
from catalog.search.backend import backend
from tests.catalog.hearing import EVERYTHING
from tests.factories import make_creator, make_delivery, make_product, make_shopper
from tests.tools.talking import make_ctx
from tools.context import ToolContext


@dataclass
class Shop:
    """Mei's shop: a serum, a cleanser, a cream in two sizes, and a sunscreen sold elsewhere."""

    merchant: Merchant
    creator: Creator
    shopper: Shopper
    serum: Product
    cleanser: Product
    cream: Product
    sunscreen: Product
    ctx: ToolContext

    def variant(self, product: Product, place: int = 0) -> Variant:
        """Return a variant of a product by its place."""
        return list(product.variants.all())[place]


@pytest.fixture(autouse=True)
def _hearing(settings: Settings) -> Iterator[None]:
    """Tools are tested without the floors above them, and with an index of their own."""
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING
    engine = backend()
    engine.clear()
    yield
    engine.clear()


@pytest.fixture
def shop(in_scope: Merchant) -> Shop:
    """The shop, indexed, nothing in the cart."""
    creator = make_creator(in_scope)
    serum = make_product(
        in_scope,
        titles={"en": "No. 3 Niacinamide Serum", "zh-hant": "三號菸鹼醯胺精華"},
        descriptions={"en": "Two drops is plenty."},
        brand="Still",
        category_path="skincare/serum",
        category_names={"en": "Serum", "zh-hant": "精華"},
        attributes={
            "skin_types": ["oily", "sensitive"],
            "concerns": ["redness"],
            "key_ingredients": ["niacinamide"],
            "step": "treat",
        },
    )
    cleanser = make_product(
        in_scope,
        slug="riceleaf-gel",
        title="Riceleaf Gel Cleanser",
        category_path="skincare/cleanser",
        prices={"TWD": 480_00, "USD": 15_50},
        on_hand=3,
        attributes={"skin_types": ["oily"], "step": "cleanse"},
    )
    cream = make_product(
        in_scope,
        slug="cloud-cream",
        title="Barrier Cloud Cream",
        category_path="skincare/cream",
        variants=(
            VariantFields(sku="C-30", options={"Size": "30 ml"}, prices={"TWD": 680_00}, on_hand=10),
            VariantFields(sku="C-130", options={"Size": "130 ml"}, prices={"TWD": 1_680_00}, on_hand=0),
        ),
        attributes={"skin_types": ["dry", "sensitive"], "step": "moisturise"},
    )
    sunscreen = make_product(
        in_scope,
        slug="paper-light",
        title="Paper Light Sunscreen",
        category_path="skincare/sunscreen",
        external_url="https://example.com/paper-light",
        attributes={"skin_types": ["oily"], "step": "protect", "spf": 50},
    )
    Shelf.objects.create(merchant=in_scope, creator=creator, product=serum, notes={"en": "My every second night."})
    make_delivery(in_scope)
    reindex(merchant=in_scope)
    shopper = make_shopper(in_scope)
    ctx = make_ctx(in_scope, creator, shopper)
    return Shop(in_scope, creator, shopper, serum, cleanser, cream, sunscreen, ctx)
