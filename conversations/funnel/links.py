"""Tracked product links: made when a product is shown, so that click, cart and order join it exactly."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import every_merchant
from catalog.products import search_clicks
from catalog.products.models import Product, ProductStatus
from conversations.funnel.models import ProductLink
from conversations.funnel.services import record
from conversations.funnel.steps import Step

_CLICK_VIEW = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


def link_path(link_id: str) -> str:
    """Return the address of a tracked link."""
    return f"/l/{link_id}/"


def make_link(
    *,
    merchant: Merchant,
    product_id: int,
    shopper_id: uuid.UUID,
    creator_id: int | None,
    surface: str,
    conversation_id: uuid.UUID | None = None,
    room_id: uuid.UUID | None = None,
    turn_id: int | None = None,
    search_id: uuid.UUID | None = None,
) -> ProductLink:
    """Make the link of one product, for one shopper, in one turn; `search_id` is the search that found it."""
    link = ProductLink(
        merchant=merchant,
        product_id=product_id,
        creator_id=creator_id,
        shopper_id=shopper_id,
        surface=surface,
        conversation_id=conversation_id,
        room_id=room_id,
        turn_id=turn_id,
        search_id=search_id,
    )
    link.save(force_insert=True)
    return link


@dataclass(slots=True)
class TurnLinks:
    """Makes the links of one turn (tools.context.LinkMaker): the same product gets the same link."""

    merchant: Merchant
    shopper_id: uuid.UUID
    creator_id: int
    surface: str
    conversation_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None
    turn_id: int | None = None
    made: dict[int, str] = field(default_factory=dict)

    def link(self, product_id: int, search_id: str = "") -> str:
        """Return the id of a tracked link to this product."""
        if product_id not in self.made:
            self.made[product_id] = make_link(
                merchant=self.merchant,
                product_id=product_id,
                shopper_id=self.shopper_id,
                creator_id=self.creator_id,
                surface=self.surface,
                conversation_id=self.conversation_id,
                room_id=self.room_id,
                turn_id=self.turn_id,
                search_id=uuid.UUID(search_id) if search_id else None,
            ).pk
        return self.made[product_id]


@dataclass(frozen=True, slots=True)
class Untracked:
    """The link maker of a try-out: products open, nothing is counted."""

    def link(self, product_id: int, search_id: str = "") -> str:  # noqa: ARG002 (the port's signature)
        """Return no link."""
        return ""


def resolve(link_id: str) -> ProductLink | None:
    """Return the link with this id, whichever shop's it is, with its merchant; None when there is none."""
    # The address names no shop: the id cannot be guessed, and the caller enters the scope of the link's merchant.
    with every_merchant():
        return ProductLink.objects.select_related("merchant").filter(pk=link_id).first()


def click(*, link: ProductLink, view_id: str = "", at: datetime | None = None) -> bool:
    """Record that a link was followed, once for each (link, view); the shopper is the one it was shown to.

    `at` is the moment when it is not now. Without a usable `view_id` a link is clicked once. Call inside the scope of
    the link's merchant.
    """
    view = view_id if _CLICK_VIEW.match(view_id) else ""
    if link.search_id:
        search_clicks.clicked(
            merchant=link.merchant,
            search_id=link.search_id.hex,
            product_id=link.product_id,
            shopper_id=link.shopper_id,
            at=at,
        )
    return record(
        merchant=link.merchant,
        step=Step.PRODUCT_CLICKED,
        shopper_id=link.shopper_id,
        dedupe_key=f"click:{link.pk}:{view}",
        occurred_at=at,
        creator_id=link.creator_id,
        surface=link.surface,
        conversation_id=link.conversation_id,
        room_id=link.room_id,
        product_id=link.product_id,
        link_id=link.pk,
    )


def destination(link: ProductLink) -> str:
    """Return where a link leads now: the product, the place it is sold at, or the shelf when it is gone.

    Call inside the scope of the link's merchant.
    """
    product = Product.objects.filter(pk=link.product_id, status=ProductStatus.ACTIVE).first()
    shop = f"/s/{link.merchant.slug}/"
    if product is None:
        creator = Creator.objects.filter(pk=link.creator_id or 0).first()
        return f"{shop}c/{creator.slug}/" if creator else shop
    return product.external_url or f"{shop}p/{quote(product.slug)}/?link={link.pk}"
