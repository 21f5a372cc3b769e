"""What the model reads of a card: one short line, English field words, the shop's own amounts."""

from __future__ import annotations

from collections.abc import Iterable

from tools.fence import fenced, plain
from tools.results import CartCard, ContentCard, OrderCard, ProductCard

_STOCK = {
    "in_stock": "in stock",
    "sold_out": "sold out",
    "external": "sold at another shop, the link leads there",
    "not_for_sale": "not for sale",
}


def product_line(card: ProductCard) -> str:
    """Return number, id, title, price, stock and reason of a product."""
    number = f"{card.ordinal}. " if card.ordinal else ""
    parts = [f"{number}id={card.product_id}", plain(card.title), price_text(card), stock_text(card)]
    return " | ".join([*parts, plain(card.reason, 120)] if card.reason else parts)


def price_text(card: ProductCard) -> str:
    """Return the price as it stands on the card."""
    if card.price is None:
        return "no price"
    low = f"from {card.price.text}" if card.price_varies else card.price.text
    until = f", live price until {card.live_until[11:16]} UTC" if card.live_until else ""
    return f"{low} (was {card.was.text}{until})" if card.was else low


def stock_text(card: ProductCard) -> str:
    """Return the stock as it stands on the card."""
    return f"{card.left} left" if card.stock == "few_left" else _STOCK[card.stock]


def product_list(cards: Iterable[ProductCard]) -> str:
    """Return products one a line, fenced."""
    return fenced(product_line(card) for card in cards)


def moment_line(card: ContentCard) -> str:
    """Return title, second and quote of a moment."""
    at = "" if card.start_s is None else f" at {card.start_s // 60}:{card.start_s % 60:02d}"
    return f"{card.content_kind} “{plain(card.title)}”{at}: {plain(card.quote, 200)}"


def cart_text(card: CartCard) -> str:
    """Return the lines, problems and total of the cart."""
    if not card.lines:
        return "The cart is empty."
    lines = [
        f"{place}. variant_id={line.variant_id} | {plain(f'{line.title} {line.option}')} | {line.quantity} ×"
        f" {line.unit.text if line.unit else 'no price'}{f' | {plain(line.when, 120)}' if line.when else ''}"
        for place, line in enumerate(card.lines, start=1)
    ]
    delivery = f"delivery {card.delivery.text}" if card.delivery else "delivery is added when the address is known"
    less = "".join(f", {plain(each.name)} −{each.amount.text}" for each in card.discounts)
    tax = f", tax {card.tax.text}" if card.tax else ""
    codes = "".join(f" Code {plain(code.code)}: {plain(code.problem, 200)}" for code in card.codes if code.problem)
    ways = _ways(card)
    problems = f" To mend before checkout: {plain(' '.join(card.problems), 300)}" if card.problems else ""
    return (
        f"{fenced(lines)}\n{card.count} pieces{less}, {delivery}{tax}, total {card.total.text}.{codes}{ways}{problems}"
    )


def _ways(card: CartCard) -> str:
    """Return the delivery methods when there is a choice."""
    if len(card.deliveries) < 2:
        return ""
    return " Delivery: " + ", ".join(f"{way.code} = {plain(way.name)} {way.fee.text}" for way in card.deliveries) + "."


def order_text(card: OrderCard) -> str:
    """Return number, state, total, lines and tracking of an order."""
    lines = [
        f"{line.quantity} × {plain(f'{line.title} {line.option}')}{f' | {plain(line.when, 120)}' if line.when else ''}"
        for line in card.lines
    ]
    tracking = f" Tracking: {', '.join(card.tracking)}." if card.tracking else " No tracking number yet."
    placed = card.placed_at[:10]
    head = f"Order #{card.number}, placed {placed}: {card.state_text}. Total {card.total.text}.{tracking}"
    return f"{head}\n{fenced(lines)}"
