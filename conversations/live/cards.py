"""Cards for a crowd: prices and stock as they are now, in a language, without anybody's tracked link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.accounts.models import Merchant
from catalog.products.selectors import product_views
from tools.addresses import product_url
from tools.cards import shown_product
from tools.results import ProductCard

Node = Any  # a value of a stored card's JSON


def current_products(
    *, merchant: Merchant, product_ids: Sequence[int], language: str, currency: str
) -> dict[int, ProductCard]:
    """Return {product id: card} of the products that are still sold."""
    views = product_views(product_ids=product_ids, language=language, currency=currency)
    return {view.product_id: shown_product(view, url=product_url(merchant.slug, view.slug)) for view in views}


def product_ids_in(cards: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the products shown by stored cards, routines and comparisons included, each once."""
    return tuple(dict.fromkeys(card["product_id"] for card in _products(cards)))


def refreshed(cards: Sequence[Mapping[str, Any]], products: Mapping[int, ProductCard]) -> tuple[dict[str, Any], ...]:
    """Return stored cards with their products as in `products`; a product card whose product is gone is left out."""
    kept = [card for card in cards if card["kind"] != "product" or card["product_id"] in products]
    return tuple(_replaced(card, products) for card in kept)


def same_facts(cards: Sequence[Mapping[str, Any]], products: Mapping[int, ProductCard]) -> bool:
    """Return whether every product still has the price and the stock that stored cards say."""
    return all(
        card["product_id"] in products and _facts(card) == _facts(products[card["product_id"]].model_dump(mode="json"))
        for card in _products(cards)
    )


def _facts(card: Mapping[str, Any]) -> tuple[Any, ...]:
    return card["price"], card["was"], card["stock"], card["left"]


def _products(node: Node) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        if node.get("kind") == "product":
            yield node
        else:
            yield from _products(list(node.values()))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _products(value)


def _replaced(node: Node, products: Mapping[int, ProductCard]) -> Node:
    if isinstance(node, Mapping):
        if node.get("kind") == "product":
            return _as_now(node, products.get(node["product_id"]))
        return {name: _replaced(value, products) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [_replaced(value, products) for value in node]
    return node


def _as_now(card: Mapping[str, Any], now: ProductCard | None) -> dict[str, Any]:
    if now is None:  # inside a routine: the step stays, and says that it cannot be bought
        return {**card, "link_id": "", "url": "", "price": None, "was": None, "stock": "not_for_sale", "left": None}
    return {**now.model_dump(mode="json"), "reason": card["reason"], "ordinal": card["ordinal"]}
