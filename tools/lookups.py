"""The tools that look a product or a variant up by its exact id, for changes of an order; and plain sums."""

from __future__ import annotations

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.orders.desk.errors import ProductNotFound
from catalog.orders.errors import VariantNotFound
from catalog.orders.sums import worked_out
from catalog.products.models import Offer, Product, ProductStatus, Variant
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.record import note
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

PAGE = 50


class LookUpProduct(Arguments):
    """Which product."""

    product: str = Field(min_length=1, max_length=120, description="Product id, slug or the maker's id, exactly.")


class LookUpVariant(Arguments):
    """Which variant."""

    variant: str = Field(min_length=1, max_length=120, description="SKU, exactly.")


class ListProducts(Arguments):
    """Which page of the list."""

    page: int = Field(default=1, ge=1, le=1_000, description="Page of 50 names, 1 = the first.")


class Calculate(Arguments):
    """What is to be worked out."""

    expression: str = Field(max_length=200, description="Numbers, + - * / and brackets, such as 12.50 + 3 * 4.")


@tool(LookUpProduct, text_max=4_000)
async def look_up_product(ctx: ToolContext, given: LookUpProduct) -> ToolResult:
    """List every variant of one product with SKU, options, price and stock.

    Use it to find the SKU of another size or colour for a change or an exchange; to find products, search instead.
    """
    return await in_shop(ctx, _product, given)


@tool(LookUpVariant)
async def look_up_variant(ctx: ToolContext, given: LookUpVariant) -> ToolResult:
    """Read one variant by its SKU: product, options, price, stock."""
    return await in_shop(ctx, _variant, given)


@tool(ListProducts, text_max=4_000)
async def list_products(ctx: ToolContext, given: ListProducts) -> ToolResult:
    """List the names of the shop's products in alphabetical order, 50 a page. To find something, search instead."""
    return await in_shop(ctx, _list, given)


@tool(Calculate)
async def calculate(ctx: ToolContext, given: Calculate) -> ToolResult:
    """Work out a sum, such as the total of several prices. Amounts of orders and carts stand in their results."""
    return await in_shop(ctx, _calculate, given)


def _product(_merchant: Merchant, ctx: ToolContext, given: LookUpProduct) -> ToolResult:
    product = _found(given.product)
    variants = list(product.variants.select_related("stock"))
    prices = {
        offer.variant_id: str(offer.price)
        for offer in Offer.objects.filter(variant__in=variants, currency=ctx.currency)
    }
    note(subject=product.slug, shown=[variant.sku for variant in variants])
    there = sum(_is_there(variant) for variant in variants)
    lines = [
        f"{plain(product.title_in(ctx.language))} | id={product.pk} | {len(variants)} variants, {there} available",
        *(_line(variant, prices.get(variant.pk, "no price")) for variant in variants),
    ]
    return ToolResult(text=fenced(lines, limit=3_700))


def _found(wanted: str) -> Product:
    products = Product.objects.filter(status=ProductStatus.ACTIVE)
    by_name = products.filter(slug=wanted).first() or products.filter(external_id=wanted).first()
    if by_name is not None:
        return by_name
    by_id = products.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 16 else None
    if by_id is None:
        raise ProductNotFound
    return by_id


def _variant(_merchant: Merchant, ctx: ToolContext, given: LookUpVariant) -> ToolResult:
    variant = (
        Variant.objects.select_related("product", "stock")
        .filter(sku=given.variant, product__status=ProductStatus.ACTIVE)
        .first()
    )
    if variant is None:
        raise VariantNotFound
    offer = Offer.objects.filter(variant=variant, currency=ctx.currency).first()
    note(subject=variant.sku, shown=[variant.sku])
    title = plain(variant.product.title_in(ctx.language))
    return ToolResult(text=fenced([title, _line(variant, str(offer.price) if offer else "no price")]))


def _line(variant: Variant, price: str) -> str:
    options = ", ".join(f"{name}: {value}" for name, value in variant.options.items())
    return f"sku={variant.sku} | {plain(options, 120)} | {price} | {'available' if _is_there(variant) else 'sold out'}"


def _is_there(variant: Variant) -> bool:
    stock = getattr(variant, "stock", None)
    return stock is None or not stock.is_tracked or stock.available > 0


def _list(_merchant: Merchant, ctx: ToolContext, given: ListProducts) -> ToolResult:
    products = Product.objects.filter(status=ProductStatus.ACTIVE).order_by("title", "pk")
    total = products.count()
    shown = products[(given.page - 1) * PAGE : given.page * PAGE]
    lines = [f"{plain(product.title_in(ctx.language), 50)} | {plain(product.slug, 60)}" for product in shown]
    return ToolResult(text=f"{total} products, page {given.page}.\n{fenced(lines, limit=3_600)}")


def _calculate(_merchant: Merchant, _ctx: ToolContext, given: Calculate) -> ToolResult:
    return ToolResult(text=f"{given.expression} = {worked_out(given.expression)}")
