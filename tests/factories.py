"""One small function a model; every default can be overridden. Call inside a merchant's scope."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.orders.appointment_models import OpeningHours, Resource, Service
from catalog.orders.digital_models import DigitalFile
from catalog.orders.models import DeliveryMethod, ShopperAddress
from catalog.products.fields import ProductFields, VariantFields
from catalog.products.models import ContentItem, ContentProduct, Offer, Product, Stock, TranscriptLine, Variant
from catalog.products.services import save_product
from conversations.funnel.models import FunnelEvent


def make_merchant(**fields: Any) -> Merchant:
    """A second merchant, for what must stay apart."""
    return Merchant.objects.create(**{"slug": "north-ridge", "name": "North Ridge", "currency": "TWD", **fields})


def make_creator(merchant: Merchant, **fields: Any) -> Creator:
    """Mei Lin, unless told otherwise."""
    defaults = {
        "slug": "mei",
        "names": {"en": "Mei Lin", "zh-hant": "林小梅"},
        "short_names": {"en": "Mei", "zh-hant": "小梅"},
    }
    return Creator.objects.create(merchant=merchant, **{**defaults, **fields})


def make_shopper(merchant: Merchant, **fields: Any) -> Shopper:
    """A guest who reads English."""
    return Shopper.objects.create(merchant=merchant, **fields)


def make_event(merchant: Merchant, **fields: Any) -> FunnelEvent:
    """A view of Mei's content by some shopper, now; give `step`, `shopper_id`, `creator_id`, `occurred_at`."""
    defaults = {
        "step": "content_viewed",
        "dedupe_key": uuid.uuid4().hex,
        "occurred_at": timezone.now(),
        "shopper_id": uuid.uuid4(),
        "surface": "content",
    }
    return FunnelEvent.objects.create(merchant=merchant, **{**defaults, **fields})


def make_variant(
    merchant: Merchant, *, price: int | None = 98000, currency: str = "TWD", stock: int | None = 10, **fields: Any
) -> Variant:
    """A variant of an active product of its own; `stock` None = not counted, `price` None = not for sale."""
    number = Product.objects.count() + 1
    product_fields = fields.pop("product", {})
    product = Product.objects.create(
        merchant=merchant,
        **{"slug": f"product-{number}", "title": f"Product {number}", "status": "active", **product_fields},
    )
    variant = Variant.objects.create(merchant=merchant, product=product, **{"sku": f"SKU-{number}", **fields})
    if price is not None:
        Offer.objects.create(merchant=merchant, variant=variant, currency=currency, amount_minor=price)
    Stock.objects.create(merchant=merchant, variant=variant, on_hand=stock or 0, is_tracked=stock is not None)
    return variant


def make_delivery(merchant: Merchant, **fields: Any) -> DeliveryMethod:
    """Home delivery in Taiwan for NT$80, free from NT$1,500."""
    defaults = {
        "code": "home",
        "names": {"en": "Home delivery", "zh-hant": "宅配"},
        "currency": "TWD",
        "fee_minor": 8000,
        "free_from_minor": 150000,
        "countries": ["TW"],
    }
    return DeliveryMethod.objects.create(merchant=merchant, **{**defaults, **fields})


TAIPEI = {
    "recipient": "Lin Yi-ting",
    "phone": "0912 345 678",
    "line1": "No. 7, Sec. 5, Xinyi Rd.",
    "city": "Taipei",
    "postal_code": "110",
    "country": "TW",
}


def make_address(shopper: Shopper, **fields: Any) -> ShopperAddress:
    """An address in Taipei."""
    return ShopperAddress.objects.create(merchant=shopper.merchant, shopper=shopper, **{**TAIPEI, **fields})


def make_product(
    merchant: Merchant,
    *,
    prices: Mapping[str, int] | None = None,
    on_hand: int | None = 46,
    variants: tuple[VariantFields, ...] | None = None,
    **fields: Any,
) -> Product:
    """No. 3 serum, active, one variant at NT$980 or $31; `prices={}` takes it off sale. Run `drain` to index it."""
    slug = fields.setdefault("slug", "no-3-serum")
    fields.setdefault("title", "No. 3 Niacinamide 5% Serum")
    if variants is None:
        offered = {"TWD": 980_00, "USD": 31_00} if prices is None else prices
        variants = (VariantFields(sku=f"{slug}-1", options={"Size": "30 ml"}, prices=offered, on_hand=on_hand),)
    return save_product(merchant=merchant, fields=ProductFields(variants=variants, **fields))


def make_content(creator: Creator, **fields: Any) -> ContentItem:
    """A published video of Mei's; `lines` are (from, to, {language: text}), `shows` are (product, from, to)."""
    lines, shows = fields.pop("lines", ()), fields.pop("shows", ())
    defaults = {
        "slug": "four-step-night",
        "kind": "video",
        "titles": {"en": "Four-step night", "zh-hant": "晚間四步驟"},
        "published_at": timezone.now(),
    }
    owner = {"merchant": creator.merchant}
    item = ContentItem.objects.create(**owner, creator=creator, **{**defaults, **fields})
    for start_s, end_s, texts in lines:
        TranscriptLine.objects.create(**owner, content=item, start_s=start_s, end_s=end_s, texts=texts)
    for product, start_s, end_s in shows:
        ContentProduct.objects.create(**owner, content=item, product=product, start_s=start_s, end_s=end_s)
    return item


def make_service(
    variant: Variant,
    *,
    hours: Mapping[int, tuple[str, str]] | None = None,
    resources: int = 1,
    seats: int = 1,
    **fields: Any,
) -> Service:
    """An hour's service at the full hour, by `resources` people, Monday to Friday 10:00 to 13:00."""
    owner = {"merchant": variant.merchant}
    service = Service.objects.create(
        **owner, product=variant.product, **{"step_minutes": 60, "lead_hours": 0, "places": {"en": "Studio"}, **fields}
    )
    Variant.objects.filter(product=variant.product).update(requires_shipping=False)
    for number in range(resources):
        resource = Resource.objects.create(**owner, name=f"Person {number + 1}", seats=seats)
        resource.services.add(service)
        for weekday, (opens, closes) in (hours or dict.fromkeys(range(5), ("10:00", "13:00"))).items():
            OpeningHours.objects.create(**owner, resource=resource, weekday=weekday, opens=opens, closes=closes)
    return service


def make_download(variant: Variant, *, name: str = "plan.pdf", content: bytes = b"%PDF-1.7 a plan") -> DigitalFile:
    """A file that is sold as `variant`."""
    Variant.objects.filter(pk=variant.pk).update(requires_shipping=False)
    return DigitalFile.objects.create(
        merchant=variant.merchant,
        variant=variant,
        name=name,
        size_bytes=len(content),
        file=ContentFile(content, name=name),
    )
