"""What follows when a product becomes a service, or a file: nothing of it is sent, and shoppers see it as it is now."""

from __future__ import annotations

from django.db import transaction

from catalog.products.models import Product, Variant
from catalog.products.services import product_changed


@transaction.atomic
def not_sent(*, product: Product, variant: Variant | None = None) -> None:
    """Take a product's variants, or the one that is a file, out of parcels, and tell the index."""
    variants = Variant.objects.filter(product=product)
    (variants.filter(pk=variant.pk) if variant else variants).update(requires_shipping=False)
    product_changed(product_id=product.pk, merchant_id=product.merchant_id)
