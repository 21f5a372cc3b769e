"""What follows when a product becomes a service, or a file: nothing of it is sent, and shoppers see it as it is now."""

from __future__ import annotations

from django.db import transaction

from catalog.products.models import Product, Variant
from catalog.products.services import product_changed


@transaction.atomic
def not_sent(*, product: Product) -> None:
    """Take a product's variants out of parcels, and tell the index."""
    Variant.objects.filter(product=product).update(requires_shipping=False)
    product_changed(product_id=product.pk, merchant_id=product.merchant_id)
