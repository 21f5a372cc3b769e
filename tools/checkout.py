"""The tool that begins a checkout: it proposes, and only the shopper's own yes places the order."""

from __future__ import annotations

import hashlib

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.accounts.models import Merchant
from catalog.confirmations.services import propose
from catalog.orders.addresses import Address, deliverable_countries
from catalog.orders.errors import CartEmpty
from catalog.orders.selectors import CartView
from tools.cards import cart_card, confirm_card
from tools.cart import cart_of, is_test_shop
from tools.context import ToolContext
from tools.lines import cart_text
from tools.results import AddressCard, ConfirmCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

PLACE_ORDER = "order.place"


class StartCheckout(Arguments):
    """Nothing to say: the cart, the address and the prices are the shop's."""


@tool(StartCheckout, writes=True)
async def start_checkout(ctx: ToolContext, given: StartCheckout) -> ToolResult:  # noqa: ARG001 (every tool takes both)
    """Begin the checkout of the shopper's cart.

    It asks for the delivery address when it is not known, else it shows what will be ordered. Nothing is ordered or
    charged by it: the shopper confirms with the card's own button. Never say that an order was placed.
    """
    return await in_shop(ctx, begin_checkout)


def begin_checkout(merchant: Merchant, ctx: ToolContext) -> ToolResult:
    """Return the address card or the confirm card of the shopper's cart.

    Raises: CartEmpty.
    """
    view = cart_of(ctx)
    if not view.lines or view.cart_id is None:
        raise CartEmpty
    if view.problems:
        card = cart_card(view, is_test=is_test_shop(merchant))
        return ToolResult(
            error="cart_problem", text=f"The cart must be mended first.\n{cart_text(card)}", cards=(card,)
        )
    if view.needs_address:
        text = "The delivery address is needed. The card asks for it; do not ask in words."
        return ToolResult(error="address_missing", text=text, cards=(address_card(view),))
    question = _ask(merchant, ctx, view)
    total = question.total.text if question.total else ""
    text = f"The card asks the shopper to confirm: {view.count} pieces, total {total}. Nothing is ordered yet."
    return ToolResult(text=text, cards=(question,))


def address_card(view: CartView, values: dict[str, str] | None = None) -> AddressCard:
    """Return the card that asks where to deliver, filled with what is known."""
    known = view.address.as_dict() if view.address else {}
    countries = tuple(deliverable_countries(currency=view.currency))
    return AddressCard(countries=countries, values=values or known)


def cart_mark(view: CartView) -> str:
    """Return what a yes is bound to: the cart's version, and the total and address the shopper was shown."""
    where = "" if view.address is None else "|".join(view.address.as_dict().values())
    # A price changed in the admin does not raise the cart's version, so the total is part of the mark.
    return f"{view.version}:{view.totals.total.minor}{view.currency}:{_short(where)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _ask(merchant: Merchant, ctx: ToolContext, view: CartView) -> ConfirmCard:
    action = propose(
        merchant=merchant,
        operation=PLACE_ORDER,
        arguments={"cart": str(view.cart_id), "version": view.version, "total_minor": view.totals.total.minor},
        subject=f"cart:{view.cart_id}",
        subject_version=cart_mark(view),
        session=ctx.session,
        shopper_id=ctx.shopper_id,
    )
    return confirm_card(
        action,
        view,
        title=_("Place this order?"),
        facts=_facts(view),
        labels=(_("Place order"), _("Keep shopping")),
        is_test=is_test_shop(merchant),
    )


def _facts(view: CartView) -> list[str]:
    """Return where it goes, what delivery costs, and what happens to the money."""
    facts = [_("Delivered to %(address)s") % {"address": _on_one_line(view.address)}] if view.address else []
    if view.totals.delivery_method is not None:
        names = {"name": view.delivery_name, "price": str(view.totals.delivery)}
        facts.append(_("%(name)s: %(price)s") % names)
    facts += [_("%(name)s: −%(price)s") % {"name": name, "price": str(off)} for name, off in view.discounts]
    facts += [code.refusal for code in view.codes if code.refusal]
    if view.totals.tax.minor:
        facts.append(_("Tax: %(price)s") % {"price": str(view.totals.tax)})
    return [*facts, _("You pay on the next page. Nothing is charged before.")]


def _on_one_line(address: Address) -> str:
    return pgettext("address", ", ").join(address.lines)
