"""Addresses of shop pages that cards point to; the shapes are the shop's public contract."""

from __future__ import annotations

from uuid import UUID


def link_url(link_id: str) -> str:
    """Return the address of a tracked link."""
    return f"/l/{link_id}/"


def product_url(merchant_slug: str, slug: str) -> str:
    """Return the address of a product page."""
    return f"/s/{merchant_slug}/p/{slug}/"


def content_url(merchant_slug: str, slug: str, *, second: int | None = None) -> str:
    """Return the address of a content page, at `second` when given."""
    at = "" if second is None else f"?t={second}"
    return f"/s/{merchant_slug}/v/{slug}/{at}"


def order_url(merchant_slug: str, reference: UUID | str) -> str:
    """Return the address of an order's page."""
    return f"/s/{merchant_slug}/orders/{reference}/"
