"""What this turn's tools told about the shopper's orders, as the planner and the sentences need it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.chat.intents.folding import fold
from conversations.chat.naming import shared_words
from conversations.chat.outcomes import Called
from tools.results import OrderCard

_ORDER_LINE = re.compile(r"^(\S+) \| \d{4}-\d\d-\d\d \| ", re.MULTILINE)
_ITEM = re.compile(r"^item sku=(.+?) \| (.*?) \| (.*?) \| ", re.MULTILINE)
_VARIANT = re.compile(r"^sku=(.+?) \| (.*?) \| (.*?) \| (available|sold out)$", re.MULTILINE)
_PAID_WITH = re.compile(r"^paid with (\S+) ", re.MULTILINE)
_METHOD = re.compile(r"^payment method (\S+): (.+)$", re.MULTILINE)
_ALL = re.compile(
    r"(?<![a-z])(?:all|both|everything|whole|entire|each)(?![a-z])|全部|全都|整(?:笔|单|个订单)|都(?:要)?(?:退|换)|两(?:个|件|样|瓶|支)都?"
)
_ONE = re.compile(r"(?<![a-z])(?:one|1)(?: of| piece)?(?![a-z0-9])|一(?:件|个|瓶|支|样|罐|条)|其中一")
_EDGES = r"(?<![0-9a-z])", r"(?![0-9a-z])"


@dataclass(frozen=True, slots=True)
class Listed:
    """An order as the shopper reads its number, with its card."""

    number: str
    card: OrderCard


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of an order."""

    sku: str
    title: str
    option: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A variant that a piece may become."""

    sku: str
    options: tuple[str, ...]
    is_there: bool


def last_call(called: Sequence[Called], name: str) -> Called | None:
    """Return the last call of a tool that worked."""
    return next((call for call in reversed(called) if call.name == name and not call.result.error), None)


def was_called(called: Sequence[Called], name: str) -> bool:
    """Whether a tool was called, whatever came of it."""
    return any(call.name == name for call in called)


def listed_orders(called: Sequence[Called]) -> list[Listed]:
    """Return the orders that find_my_orders showed, the newest first."""
    call = last_call(called, "find_my_orders")
    if call is None:
        return []
    cards = [card for card in call.result.cards if isinstance(card, OrderCard)]
    return [Listed(number, card) for number, card in zip(_ORDER_LINE.findall(call.result.text), cards, strict=False)]


def order_read(called: Sequence[Called]) -> OrderCard | None:
    """Return the order that order_details read."""
    call = last_call(called, "order_details")
    return next((card for card in call.result.cards if isinstance(card, OrderCard)), None) if call else None


def pieces_read(called: Sequence[Called]) -> list[Piece]:
    """Return the pieces of the order that was read."""
    call = last_call(called, "order_details")
    return [Piece(*found) for found in _ITEM.findall(call.result.text)] if call else []


def product_of(called: Sequence[Called], piece: Piece) -> int | None:
    """Return the product of a piece, by its line's title."""
    card = order_read(called)
    lines = card.lines if card else ()
    same = [line.product_id for line in lines if line.title[:50] == piece.title[:50]]
    return same[0] if same else None


def variants_read(called: Sequence[Called]) -> list[Offered]:
    """Return the variants that look_up_product listed."""
    call = last_call(called, "look_up_product")
    if call is None:
        return []
    return [
        Offered(sku, tuple(part.partition(": ")[2] for part in options.split(", ")), there == "available")
        for sku, options, _price, there in _VARIANT.findall(call.result.text)
    ]


def other_methods(called: Sequence[Called]) -> list[tuple[str, str]]:
    """Return the saved payment methods the order is not paid with: (reference, words)."""
    call = last_call(called, "order_details")
    if call is None:
        return []
    paid = set(_PAID_WITH.findall(call.result.text))
    return [(ref, words) for ref, words in _METHOD.findall(call.result.text) if ref not in paid]


def says(folded: str, words: str) -> bool:
    """Whether a folded text contains words of their own, whatever their spacing: "50ml" and 50 ml."""
    wanted = re.escape(fold(words)).replace(r"\ ", r"\s?")
    wanted = re.sub(r"(?<=\d)(?=[a-z])", r"\\s?", wanted)
    return bool(wanted) and bool(re.search(wanted.join(_EDGES), folded))


def meant_pieces(pieces: Sequence[Piece], said: str) -> list[Piece] | None:
    """Return the pieces that were named; None when it is unclear which are meant.

    By SKU, as the card's answer names them, each mention one piece; else all of them, the only one, or by title.
    """
    by_sku = _named_by_sku(pieces, said.rsplit("\n", 1)[-1])
    if by_sku:
        return by_sku
    folded = fold(said)
    if len(pieces) == 1 or (_ALL.search(folded) and not _ONE.search(folded)):
        return list(pieces)
    return _named_by_title(pieces, said)


def _named_by_sku(pieces: Sequence[Piece], said: str) -> list[Piece]:
    """Return one piece for each mention of its SKU, as far as there are any; behind an arrow stands what it becomes."""
    kept = re.sub(r"→[^;；\n]*", " ", said).casefold()
    found: list[Piece] = []
    for sku in dict.fromkeys(piece.sku for piece in pieces):
        mentions = len(re.findall(re.escape(sku.casefold()).join(_EDGES), kept))
        found += [piece for piece in pieces if piece.sku == sku][:mentions]
    return found


def _named_by_title(pieces: Sequence[Piece], said: str) -> list[Piece] | None:
    heard = {piece.title: shared_words(piece.title, said) for piece in pieces}
    named = {title: words for title, words in heard.items() if words}
    fullest = {title for title, words in named.items() if not any(words < other for other in named.values())}
    if not fullest or len({named[title] for title in fullest}) < len(fullest):
        return None  # nothing named, or two titles named by the very same words
    found = [piece for piece in pieces if piece.title in fullest]
    folded = fold(said)
    if len(found) > len(fullest):
        narrowed = [piece for piece in found if any(says(folded, value) for value in _values(piece))]
        if len(narrowed) == len(fullest):
            return narrowed
        same_sku = len({piece.sku for piece in found}) == len(fullest)
        return found[:1] if same_sku and len(fullest) == 1 and _ONE.search(folded) else None
    return found


def _values(piece: Piece) -> list[str]:
    return [value for part in piece.option.split(", ") if (value := part.partition(": ")[2])]


def meant_variant(piece: Piece, offered: Sequence[Offered], said: str) -> str:
    """Return the SKU a piece shall become; empty when it is unclear.

    By SKU behind the card's arrow, by an option that was named, or the only other one there is.
    """
    others = [variant for variant in offered if variant.sku != piece.sku]
    answer = said.rsplit("\n", 1)[-1]
    for item in re.split(r"[;；]", answer):
        kept, arrow, new = item.partition("→")
        if arrow and piece.sku.casefold() in kept.casefold():
            found = [variant.sku for variant in others if re.search(re.escape(variant.sku.casefold()), new.casefold())]
            if found:
                return max(found, key=len)
    folded, now = fold(said), set(_values(piece))
    named = [
        variant for variant in others if any(value not in now and says(folded, value) for value in variant.options)
    ]
    if len(named) == 1:
        return named[0].sku
    there = [variant for variant in others if variant.is_there]
    return there[0].sku if not named and len(there) == 1 and len(others) == 1 else ""
