"""Puts product states into the database, many at a time: one statement a table, whatever the number of products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.products.importers.states import ProductState, VariantState
from catalog.products.models import Media, Offer, Product, Stock, Variant

PRODUCT_FIELDS = (
    "slug",
    "title",
    "titles",
    "descriptions",
    "status",
    "external_url",
    "tags",
    "attributes",
    "model_number",
    "external_id",
)
VARIANT_FIELDS = ("sku", "options", "position", "barcode", "weight_grams", "requires_shipping", "external_id")
_BATCH = 500


@dataclass(slots=True)
class Change:
    """A product to write: what it is now (None = it is new) and what it will be."""

    now: ProductState | None
    after: ProductState
    id: int = 0  # set when written

    @property
    def stock_rises(self) -> bool:
        """Whether a variant that is there has more units afterwards, or is no longer counted."""
        now = {variant.sku: variant for variant in self.now.variants} if self.now else {}
        return any(
            before.is_tracked and (not after.is_tracked or after.on_hand > before.on_hand)
            for after in self.after.variants
            if (before := now.get(after.sku)) is not None
        )


class Writer:
    """Writes changes of one merchant. Call inside a transaction; the caller publishes."""

    def __init__(
        self, merchant: Merchant, brand_id: Callable[[str], int | None], category_id: Callable[[str], int | None]
    ) -> None:
        self._merchant = merchant
        self._brand_id = brand_id
        self._category_id = category_id

    def write(self, changes: Sequence[Change]) -> None:
        """Create and update the products with everything below them, and fill in the ids."""
        self._write_products(changes)
        variants = self._write_variants(changes)
        self._write_offers(changes, variants)
        self._write_stock(changes, variants)
        self._write_images([change for change in changes if _images_differ(change)], variants)

    def _product(self, change: Change) -> Product:
        after = change.after
        return Product(
            id=after.id,
            merchant=self._merchant,
            brand_id=self._brand_id(after.brand),
            category_id=self._category_id(after.category),
            **{name: getattr(after, name) for name in PRODUCT_FIELDS},
        )

    def _write_products(self, changes: Sequence[Change]) -> None:
        rows = [self._product(change) for change in changes]
        fresh = [row for row, change in zip(rows, changes, strict=True) if change.now is None]
        old = [row for row, change in zip(rows, changes, strict=True) if change.now is not None]
        Product.objects.bulk_create(fresh, batch_size=_BATCH)
        now = timezone.now()
        for row in old:
            row.updated_at = now
        if old:
            fields = [*PRODUCT_FIELDS, "brand", "category", "updated_at"]
            Product.objects.bulk_update(old, fields, batch_size=_BATCH)
        for row, change in zip(rows, changes, strict=True):
            change.id = row.pk

    def _write_variants(self, changes: Sequence[Change]) -> dict[str, int]:
        """Return the ids of all variants of these products by SKU."""
        kept = {variant.id for change in changes for variant in change.after.variants}
        gone = [
            variant.id
            for change in changes
            if change.now
            for variant in change.now.variants
            if variant.id is not None and variant.id not in kept
        ]
        if gone:
            Variant.objects.filter(pk__in=gone).delete()
        fresh, old = [], []
        for change in changes:
            known = {variant.id: variant for variant in change.now.variants} if change.now else {}
            for variant in change.after.variants:
                row = self._variant(variant, change.id)
                if variant.id is None or variant.id not in known:
                    fresh.append(row)
                else:
                    old.append((row, known[variant.id]))
        self._update_variants(old)
        Variant.objects.bulk_create(fresh, batch_size=_BATCH)
        return {row.sku: row.pk for row in [*fresh, *(row for row, _now in old)]}

    def _update_variants(self, pairs: Sequence[tuple[Variant, VariantState]]) -> None:
        changed = [
            row for row, now in pairs if any(getattr(row, name) != getattr(now, name) for name in VARIANT_FIELDS)
        ]
        renamed = [row for row, now in pairs if row.sku != now.sku]
        if renamed:  # two variants may swap their SKUs: step aside first, each SKU is unique at every moment
            for row in renamed:
                Variant.objects.filter(pk=row.pk).update(sku=f"\x1f{row.pk}")
        if changed:
            Variant.objects.bulk_update(changed, VARIANT_FIELDS, batch_size=_BATCH)

    def _variant(self, state: VariantState, product_id: int) -> Variant:
        fields = {name: getattr(state, name) for name in VARIANT_FIELDS}
        return Variant(id=state.id, merchant=self._merchant, product_id=product_id, **fields)

    def _write_offers(self, changes: Sequence[Change], variants: dict[str, int]) -> None:
        differing = [variant for variant, now in _pairs(changes) if now is None or variant.offers != now.offers]
        ids = [variants[variant.sku] for variant in differing]
        if any(change.now for change in changes):
            Offer.objects.filter(variant_id__in=ids).delete()
        Offer.objects.bulk_create(
            [
                Offer(
                    merchant=self._merchant,
                    variant_id=variants[variant.sku],
                    currency=currency,
                    amount_minor=price,
                    compare_at_minor=was,
                )
                for variant in differing
                for currency, (price, was) in variant.offers.items()
            ],
            batch_size=_BATCH,
        )

    def _write_stock(self, changes: Sequence[Change], variants: dict[str, int]) -> None:
        fresh = []
        for variant, now in _pairs(changes):
            if not variant.has_stock:
                if now is not None and now.has_stock:
                    Stock.objects.filter(variant_id=variants[variant.sku]).delete()
                continue
            values = {"on_hand": variant.on_hand, "is_tracked": variant.is_tracked}
            if now is None or not now.has_stock:
                fresh.append(Stock(merchant=self._merchant, variant_id=variants[variant.sku], **values))
            elif (variant.on_hand, variant.is_tracked) != (now.on_hand, now.is_tracked):
                Stock.objects.filter(variant_id=variants[variant.sku]).update(**values)
        Stock.objects.bulk_create(fresh, batch_size=_BATCH)

    def _write_images(self, changes: Sequence[Change], variants: dict[str, int]) -> None:
        if any(change.now for change in changes):
            Media.objects.filter(product_id__in=[change.id for change in changes]).delete()
        Media.objects.bulk_create(
            [
                Media(
                    merchant=self._merchant,
                    product_id=change.id,
                    variant_id=variants.get(image.sku) if image.sku else None,
                    url=image.url,
                    alt_texts=dict(image.alt_texts),
                    position=position,
                )
                for change in changes
                for position, image in enumerate(change.after.images)
            ],
            batch_size=_BATCH,
        )


def _images_differ(change: Change) -> bool:
    return change.now is None or change.now.images != change.after.images


def _pairs(changes: Sequence[Change]) -> list[tuple[VariantState, VariantState | None]]:
    """Return each variant with what it is now."""
    pairs: list[tuple[VariantState, VariantState | None]] = []
    for change in changes:
        known = {variant.id: variant for variant in change.now.variants} if change.now else {}
        pairs += [(variant, known.get(variant.id) if variant.id else None) for variant in change.after.variants]
    return pairs
