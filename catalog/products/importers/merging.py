"""What a product will be after the import: its state now, with what the sheet says laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.products.importers.cells import handle_of
from catalog.products.importers.incoming import IncomingProduct, IncomingVariant
from catalog.products.importers.issues import Issue
from catalog.products.importers.states import ImageState, ProductState, VariantState


def brand_slug(name: str) -> str:
    """Return a brand's slug; `ACME` and `Acme` are one brand."""
    return (handle_of(name)[:120] or "-") if name else ""


def category_path(names: tuple[str, ...]) -> str:
    """Return the path of slugs of a category named from the root."""
    return "/".join(handle_of(name)[:50] for name in names)[:300]


def merged(now: ProductState | None, incoming: IncomingProduct) -> tuple[ProductState, list[Issue]]:
    """Return the state after the import and what had to be bent for it.

    What the sheet does not speak of stays: a column that is not there, a currency, a language.
    """
    base = now or ProductState(slug=incoming.slug, title=incoming.title)
    issues: list[Issue] = []
    after = replace(
        base,
        slug=incoming.slug if incoming.slug_is_given else base.slug,
        title=incoming.title,
        titles=_over(base.titles, incoming.titles),
        descriptions=_over(base.descriptions, incoming.descriptions),
        brand=base.brand if incoming.brand is None else brand_slug(incoming.brand),
        category=base.category if incoming.category is None else category_path(incoming.category),
        status=incoming.status or base.status,
        external_url=base.external_url if incoming.external_url is None else incoming.external_url,
        tags=base.tags if incoming.tags is None else incoming.tags,
        attributes=_facts(base.attributes, incoming),
        model_number=base.model_number if incoming.model_number is None else incoming.model_number,
        external_id=base.external_id if incoming.external_id is None else incoming.external_id,
        variants=_variants(base, incoming, issues),
    )
    return replace(after, images=_images(after, incoming)), issues


def _over(now: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    return {language: text for language, text in {**now, **(given or {})}.items() if text}


def _facts(now: Mapping[str, Any], incoming: IncomingProduct) -> dict[str, Any]:
    if incoming.attributes is None:
        return dict(now)
    kept = {} if incoming.replaces_attributes else dict(now)
    return {name: value for name, value in {**kept, **incoming.attributes}.items() if value is not None}


def _images(after: ProductState, incoming: IncomingProduct) -> tuple[ImageState, ...]:
    if incoming.images is None:
        return after.images
    skus = {variant.sku for variant in after.variants}
    return tuple(
        ImageState(image.url, image.alt_texts, image.sku if image.sku in skus else "") for image in incoming.images
    )


def _variants(base: ProductState, incoming: IncomingProduct, issues: list[Issue]) -> tuple[VariantState, ...]:
    if incoming.variants is None:
        return base.variants or (VariantState(sku=incoming.slug[:120]),)
    left = {variant.sku: variant for variant in base.variants}
    # A variant is the same by its SKU; failing that, by its options, under a new SKU.
    pairs = [(variant, left.pop(variant.sku, None)) for variant in incoming.variants]
    by_options = {tuple(variant.options.items()): variant for variant in left.values()}
    after: list[VariantState] = []
    for position, (variant, now) in enumerate(pairs):
        if now is None and (now := by_options.pop(tuple(variant.options.items()), None)):
            left.pop(now.sku)
        after.append(_variant(now, variant, position, incoming, issues))
    for gone in left.values():
        if gone.reserved:
            issues.append(Issue(incoming.row, "", "variant_kept", "", incoming.title[:200], {"sku": gone.sku}))
            after.append(replace(gone, position=len(after)))
    return tuple(after)


def _variant(
    now: VariantState | None,
    variant: IncomingVariant,
    position: int,
    incoming: IncomingProduct,
    issues: list[Issue],
) -> VariantState:
    base = now or VariantState(sku=variant.sku)
    offers = {code: tag for code, tag in {**base.offers, **variant.offers}.items() if tag is not None}
    on_hand = base.on_hand if variant.on_hand is None else variant.on_hand
    is_tracked = base.is_tracked if variant.is_tracked is None else variant.is_tracked
    if is_tracked and on_hand < base.reserved:
        detail = {"reserved": base.reserved}
        issues.append(Issue(variant.row, "stock", "stock_below_reserved", str(on_hand), incoming.title[:200], detail))
        on_hand = base.reserved
    return replace(
        base,
        sku=variant.sku,
        options=variant.options,
        position=position,
        barcode=base.barcode if variant.barcode is None else variant.barcode,
        weight_grams=base.weight_grams if variant.weight_grams is None else variant.weight_grams,
        requires_shipping=base.requires_shipping if variant.requires_shipping is None else variant.requires_shipping,
        offers=offers,
        on_hand=on_hand,
        is_tracked=is_tracked,
        has_stock=True,
    )
