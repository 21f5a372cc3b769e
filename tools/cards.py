"""Cards made of what the shop says now; every amount is written by Money itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.accounts.models import Merchant
from catalog.confirmations.models import PendingAction
from catalog.money import Money
from catalog.orders.cart_views import DeliveryChoice
from catalog.orders.selectors import CartView, LineView, OrderView
from catalog.payments.models import Payment
from catalog.products.selectors import ProductView, VariantView
from tools.addresses import link_url, order_url, product_url
from tools.context import ToolContext
from tools.results import (
    CartCard,
    CheckoutCard,
    CodeLine,
    ConfirmCard,
    DeliveryOption,
    Download,
    LineItem,
    NamedAmount,
    OrderCard,
    Price,
    ProductCard,
    VariantChoice,
)


def price_of(money: Money) -> Price:
    """Return an amount as data and as people read it."""
    return Price(minor=money.minor, currency=money.currency, text=str(money))


def _price(money: Money | None) -> Price | None:
    return None if money is None else price_of(money)


def product_card(
    view: ProductView,
    ctx: ToolContext,
    *,
    reason: str = "",
    ordinal: int = 0,
    link_id: str = "",
    search_id: str = "",
) -> ProductCard:
    """Return a product as it is shown in this turn; without `link_id` a tracked link is made.

    Where nothing is tracked (a try-out) the card leads to the product itself.
    """
    link = link_id or ctx.links.link(view.product_id, search_id)
    url = link_url(link) if link else _page(view, ctx)
    return shown_product(view, url=url, link_id=link, reason=reason, ordinal=ordinal)


def _page(view: ProductView, ctx: ToolContext) -> str:
    slug = Merchant.objects.values_list("slug", flat=True).get(pk=ctx.merchant_id)
    return view.external_url or product_url(slug, view.slug)


def shown_product(view: ProductView, *, url: str, link_id: str = "", reason: str = "", ordinal: int = 0) -> ProductCard:
    """Return a product as it is shown; `url` is its tracked link or, untracked, its page."""
    return ProductCard(
        product_id=view.product_id,
        title=view.title,
        url=url,
        link_id=link_id,
        image_url=view.image_url,
        price=_price(view.price),
        was=_price(view.was),
        price_varies=view.price_varies,
        live_until=view.live_until.isoformat() if view.live_until else "",
        stock=view.stock,
        left=view.left if view.stock == "few_left" else None,
        reason=reason,
        minutes=view.service_minutes or 0,
        variants=tuple(_choice(variant) for variant in view.variants),
        ordinal=ordinal,
    )


def product_cards(
    views: Sequence[ProductView], ctx: ToolContext, *, reasons: Sequence[str] = (), search_id: str = ""
) -> tuple[ProductCard, ...]:
    """Return a numbered list of products, the first with ordinal 1; `search_id` is the search that found them."""
    said = [*reasons, *[""] * (len(views) - len(reasons))]
    return tuple(
        product_card(view, ctx, reason=reason, ordinal=place, search_id=search_id)
        for place, (view, reason) in enumerate(zip(views, said, strict=True), start=1)
    )


def _choice(variant: VariantView) -> VariantChoice:
    return VariantChoice(
        variant_id=variant.variant_id,
        label=variant.label,
        price=_price(variant.price),
        was=_price(variant.was),
        available=variant.available,
        in_stock=variant.in_stock,
        live_until=variant.live_until.isoformat() if variant.live_until else "",
    )


def line_item(line: LineView) -> LineItem:
    """Return a line of a cart or an order; its picture leads to the product by the link it was added from."""
    return LineItem(
        variant_id=line.variant_id,
        product_id=line.product_id,
        title=line.title,
        option=line.option,
        image_url=line.image_url,
        url=link_url(line.link_id) if line.link_id else "",
        quantity=line.quantity,
        unit=_price(line.unit),
        total=_price(line.total),
        in_stock=line.in_stock,
        when=_when(line),
    )


def _when(line: LineView) -> str:
    if line.slot is None:
        return ""
    parts = [line.slot.when, line.slot.place, _("cancelled") if line.slot.is_cancelled else ""]
    return " · ".join(part for part in parts if part)


def _lines(lines: Sequence[LineView]) -> tuple[LineItem, ...]:
    return tuple(line_item(line) for line in lines)


def cart_card(view: CartView, *, is_test: bool = False) -> CartCard:
    """Return the cart with today's prices; delivery only when the address is known."""
    totals = view.totals
    return CartCard(
        lines=_lines(view.lines),
        count=view.count,
        subtotal=price_of(totals.subtotal),
        delivery=price_of(totals.delivery) if totals.delivery_method else None,
        delivery_name=view.delivery_name,
        discount=price_of(totals.discount) if totals.discount.minor else None,
        discounts=tuple(NamedAmount(name=name, amount=price_of(amount)) for name, amount in view.discounts),
        tax=price_of(totals.tax) if totals.tax.minor else None,
        taxes_included=tuple(
            NamedAmount(name=name, amount=price_of(amount)) for name, amount, is_included in view.taxes if is_included
        ),
        codes=tuple(CodeLine(code=code.code, problem=code.refusal) for code in view.codes),
        deliveries=tuple(_delivery(choice) for choice in view.deliveries),
        total=price_of(totals.total),
        is_test=is_test,
        problems=view.problems,
        reminder=view.reminder,
        is_reminded=view.is_reminded,
    )


def _delivery(choice: DeliveryChoice) -> DeliveryOption:
    return DeliveryOption(
        code=choice.code, name=choice.name, note=choice.note, fee=price_of(choice.fee), is_chosen=choice.is_chosen
    )


def confirm_card(
    action: PendingAction,
    view: CartView,
    *,
    title: str,
    facts: Sequence[str],
    labels: tuple[str, str],
    is_test: bool,
) -> ConfirmCard:
    """Return the question that a proposed checkout asks; `labels` are the verbs for yes and no."""
    return ConfirmCard(
        action_id=str(action.pk),
        operation=action.operation,
        title=title,
        lines=_lines(view.lines),
        facts=tuple(facts),
        total=price_of(view.totals.total),
        confirm_label=labels[0],
        decline_label=labels[1],
        is_test=is_test,
        expires_at=action.expires_at.isoformat(),
    )


def checkout_card(view: OrderView, payment: Payment) -> CheckoutCard:
    """Return the payment link of a placed order."""
    totals = view.totals
    return CheckoutCard(
        order_number=view.number,
        order_reference=view.reference,
        pay_url=payment.url,
        lines=_lines(view.lines),
        subtotal=price_of(totals.subtotal),
        delivery=price_of(totals.delivery),
        delivery_name=view.delivery_name,
        tax=price_of(totals.tax) if totals.tax.minor else None,
        discount=price_of(totals.discount) if totals.discount.minor else None,
        total=price_of(totals.total),
        is_test=view.is_test,
        expires_at=payment.expires_at.isoformat() if payment.expires_at else "",
    )


def order_card(view: OrderView, merchant_slug: str) -> OrderCard:
    """Return an order and how far it has come."""
    return OrderCard(
        number=view.number,
        reference=view.reference,
        url=order_url(merchant_slug, view.reference),
        placed_at=view.placed_at.isoformat(),
        state=view.state,
        state_text=view.state_text,
        steps=view.steps,
        lines=_lines(view.lines),
        total=price_of(view.totals.total),
        tracking=view.tracking,
        downloads=tuple(
            Download(name=each.name, url=each.path, note=left_text(each.left)) for each in view.downloads_open
        ),
        is_test=view.is_test,
    )


def left_text(left: int) -> str:
    """Return how often a file can still be fetched."""
    return ngettext("%(n)s download left", "%(n)s downloads left", left) % {"n": left}
