"""Changes to products; each tells the index through the outbox, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.accounts.models import Brand, Creator, Merchant
from catalog.outbox.services import Outgoing, publish_many
from catalog.products.fields import MediaFields, ProductFields, VariantFields
from catalog.products.models import Category, Media, Offer, Product, ProductStatus, Shelf, Stock, Variant

TOPIC = "product.changed"
STOCK_ROSE = "stock.rose"
_MESSAGE_PRODUCTS = 200  # products a message: one write to the index


class ProductRefused(ValueError):
    """A product cannot be saved as given; the message names the field and the remedy."""


@transaction.atomic
def product_changed(*, product_id: int, merchant_id: int) -> None:
    """Tell the index that a product is not what it was. Every writer of a product ends with this."""
    products_changed(product_ids=[product_id], merchant_id=merchant_id)


@transaction.atomic
def products_changed(*, product_ids: Iterable[int], merchant_id: int) -> None:
    """Tell the index about many products at once (imports): one message for each 200."""
    ids = iter(product_ids)
    messages = []
    while batch := list(islice(ids, _MESSAGE_PRODUCTS)):
        key = str(batch[0]) if len(batch) == 1 else f"{batch[0]}+{len(batch) - 1}"
        messages.append(Outgoing(key=key, payload={"product_ids": batch}))
    publish_many(TOPIC, messages, merchant_id=merchant_id)


@transaction.atomic
def stock_rose(*, product_ids: Iterable[int], merchant_id: int) -> None:
    """Tell those who wait that products have more units than before. Beside `products_changed`, which tells the index.

    Rare next to all other changes of products, so that a change of a price wakes nobody who waits for stock.
    """
    ids = iter(product_ids)
    messages = []
    while batch := list(islice(ids, _MESSAGE_PRODUCTS)):
        messages.append(Outgoing(key=str(batch[0]), payload={"product_ids": batch}))
    publish_many(STOCK_ROSE, messages, merchant_id=merchant_id)


@transaction.atomic
def save_product(*, merchant: Merchant, fields: ProductFields, product_id: int | None = None) -> Product:
    """Create a product, or make the one named by `product_id` equal to `fields`: variants, prices, stock, pictures.

    Variants are known by SKU; reserved units stay reserved.
    Raises: ProductRefused for a slug, SKU or amount that cannot be; Product.DoesNotExist.
    """
    _check(fields)
    product = Product.objects.select_for_update().get(pk=product_id) if product_id else Product(merchant=merchant)
    product.slug, product.title = fields.slug, fields.title
    product.titles, product.descriptions = dict(fields.titles), dict(fields.descriptions)
    product.brand = brand_named(merchant=merchant, name=fields.brand) if fields.brand else None
    product.category = (
        category_at(merchant=merchant, path=fields.category_path, names=fields.category_names)
        if fields.category_path
        else None
    )
    product.status, product.external_url = fields.status, fields.external_url
    product.tags, product.attributes = list(fields.tags), dict(fields.attributes)
    product.model_number, product.external_id = fields.model_number, fields.external_id
    try:
        with transaction.atomic():
            product.save()
            _save_variants(product, fields.variants)
    except IntegrityError as error:
        raise ProductRefused(f"{fields.slug}: the handle, external id or a SKU is already used here") from error
    _save_media(product, fields.media)
    product_changed(product_id=product.pk, merchant_id=merchant.pk)
    return product


@transaction.atomic
def set_status(*, product_id: int, status: str) -> None:
    """Make a product draft, active or archived.

    Raises: ProductRefused for an unknown status; Product.DoesNotExist.
    """
    if status not in ProductStatus.values:
        raise ProductRefused(f"status: {status!r} is none of {', '.join(ProductStatus.values)}")
    product = Product.objects.select_for_update().get(pk=product_id)
    product.status = status
    product.save(update_fields=["status", "updated_at"])
    product_changed(product_id=product_id, merchant_id=product.merchant_id)


def retire(*, product_id: int) -> None:
    """Take a product off the shop; its orders and funnel events keep it."""
    set_status(product_id=product_id, status=ProductStatus.ARCHIVED)


@transaction.atomic
def set_price(*, variant_id: int, currency: str, amount_minor: int | None, compare_at_minor: int | None = None) -> None:
    """Set a variant's price in one currency; None takes it off sale in that currency.

    Raises: ProductRefused for a negative amount; Variant.DoesNotExist.
    """
    variant = Variant.objects.get(pk=variant_id)
    if amount_minor is None:
        Offer.objects.filter(variant=variant, currency=currency).delete()
    else:
        _refuse_negative("price", amount_minor)
        Offer.objects.update_or_create(
            variant=variant,
            currency=currency,
            defaults={"amount_minor": amount_minor, "compare_at_minor": compare_at_minor},
            create_defaults={
                "merchant_id": variant.merchant_id,
                "amount_minor": amount_minor,
                "compare_at_minor": compare_at_minor,
            },
        )
    product_changed(product_id=variant.product_id, merchant_id=variant.merchant_id)


@transaction.atomic
def set_stock(*, variant_id: int, on_hand: int | None) -> None:
    """Set how many units are on hand; None stops counting them.

    Raises: ProductRefused when fewer than the units promised to orders; Variant.DoesNotExist.
    """
    variant = Variant.objects.get(pk=variant_id)
    _save_stock(variant, on_hand)
    product_changed(product_id=variant.product_id, merchant_id=variant.merchant_id)


@transaction.atomic
def put_on_shelf(
    *, creator: Creator, product: Product, position: int = 0, notes: Mapping[str, str] | None = None
) -> None:
    """Place a product on a creator's shelf, or change its place."""
    Shelf.objects.update_or_create(
        creator=creator,
        product=product,
        defaults={"merchant_id": product.merchant_id, "position": position, "notes": dict(notes or {})},
    )
    product_changed(product_id=product.pk, merchant_id=product.merchant_id)


@transaction.atomic
def take_off_shelf(*, creator: Creator, product: Product) -> None:
    """Remove a product from a creator's shelf; nothing happens when it does not stand there."""
    Shelf.objects.filter(creator=creator, product=product).delete()
    product_changed(product_id=product.pk, merchant_id=product.merchant_id)


def brand_named(*, merchant: Merchant, name: str) -> Brand:
    """Return the merchant's brand of this name, made when it is new; `ACME` and `Acme` are one."""
    slug = slugify(name, allow_unicode=True)[:120] or "-"
    brand, _ = Brand.objects.get_or_create(merchant=merchant, slug=slug, defaults={"name": name[:120]})
    return brand


def category_at(*, merchant: Merchant, path: str, names: Mapping[str, str] | None = None) -> Category:
    """Return the category at a path of slugs, made with its parents when new; `names`, when given, become its names."""
    parent: Category | None = None
    slugs = path.strip("/").split("/")
    for depth, slug in enumerate(slugs, 1):
        own = dict(names or {}) if depth == len(slugs) else {}
        parent, _ = Category.objects.get_or_create(
            merchant=merchant,
            path="/".join(slugs[:depth]),
            defaults={"slug": slug, "names": own or {"en": slug.replace("-", " ").capitalize()}, "parent": parent},
        )
    assert parent is not None  # noqa: S101 (split gives at least one slug)
    if names and parent.names != dict(names):
        parent.names = dict(names)
        parent.save(update_fields=["names"])
    return parent


def _check(fields: ProductFields) -> None:
    if not fields.title.strip():
        raise ProductRefused("title: give the product a name")
    if fields.status not in ProductStatus.values:
        raise ProductRefused(f"status: {fields.status!r} is none of {', '.join(ProductStatus.values)}")
    for variant in fields.variants:
        for amount in (*variant.prices.values(), *variant.compare_at.values()):
            _refuse_negative(f"price of {variant.sku}", amount)
        if variant.on_hand is not None:
            _refuse_negative(f"stock of {variant.sku}", variant.on_hand)


def _refuse_negative(name: str, amount: int) -> None:
    if amount < 0:
        raise ProductRefused(f"{name}: {amount} is negative; give zero or more")


def _save_variants(product: Product, variants: tuple[VariantFields, ...]) -> None:
    product.variants.exclude(sku__in=[given.sku for given in variants]).delete()
    for position, given in enumerate(variants):
        variant, _ = Variant.objects.update_or_create(
            merchant_id=product.merchant_id,
            product=product,
            sku=given.sku,
            defaults={
                "options": dict(given.options),
                "position": position,
                "barcode": given.barcode,
                "weight_grams": given.weight_grams,
                "requires_shipping": given.requires_shipping,
                "external_id": given.external_id,
            },
        )
        _save_offers(variant, given)
        _save_stock(variant, given.on_hand)


def _save_offers(variant: Variant, given: VariantFields) -> None:
    Offer.objects.filter(variant=variant).exclude(currency__in=given.prices).delete()
    for currency, amount in given.prices.items():
        Offer.objects.update_or_create(
            merchant_id=variant.merchant_id,
            variant=variant,
            currency=currency,
            defaults={"amount_minor": amount, "compare_at_minor": given.compare_at.get(currency)},
        )


def _save_stock(variant: Variant, on_hand: int | None) -> None:
    if on_hand is not None:
        _refuse_negative("stock", on_hand)
    stock, is_new = Stock.objects.get_or_create(merchant_id=variant.merchant_id, variant=variant)
    # One conditional UPDATE: an order may reserve units between our read and our write.
    rows = Stock.objects.filter(pk=stock.pk)
    if on_hand is None:
        rows.update(is_tracked=False)
    elif not rows.filter(reserved__lte=on_hand).update(is_tracked=True, on_hand=on_hand):
        raise ProductRefused(
            f"stock: {variant.sku} has more units promised to orders than {on_hand}; cancel those first"
        )
    rose = stock.is_tracked and (on_hand is None or on_hand > stock.on_hand)
    if rose and not is_new:
        stock_rose(product_ids=[variant.product_id], merchant_id=variant.merchant_id)


def _save_media(product: Product, pictures: tuple[MediaFields, ...]) -> None:
    product.media.all().delete()
    Media.objects.bulk_create(
        Media(
            merchant_id=product.merchant_id,
            product=product,
            url=picture.url,
            alt_texts=dict(picture.alt_texts),
            position=position,
        )
        for position, picture in enumerate(pictures)
    )
