"""How well a product agrees with what a shopper needs; every point has a name, shown in the "why" drawer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.products.candidates import Candidate
from catalog.products.needs import Needs
from catalog.products.reasons import reason, values
from catalog.products.selectors import ProductView

# Points, fixed by hand: what the shopper said outweighs what the words of the text say, and both the creator's shelf.
SKIN_TYPE, SKIN_TYPE_ANY, CONCERN, ACTIVITY = 3.0, 1.5, 3.0, 3.0
OTHER_ACTIVITY, TEXT, SHELF, SHOWN_NOW, STATED_FREE = -1.5, 2.0, 1.0, 3.0, 0.5
SOLD_OUT, CLASHES_WITH_USED = -6.0, -1.5


@dataclass(frozen=True, slots=True)
class Match:
    """A product that fits, why, and the points that put it there."""

    product: ProductView
    score: float
    reason: str  # in the language asked for
    why: tuple[tuple[str, float], ...]  # (signal, points), largest first


def ranked(
    found: Sequence[Candidate], *, needs: Needs, language: str, prefer_product_ids: Sequence[int] = ()
) -> list[Match]:
    """Return the candidates as matches, best first; equals stay in the shop's order."""
    matches = [_match(candidate, needs, language, prefer_product_ids) for candidate in found]
    return sorted(matches, key=lambda match: (-match.score, match.product.product_id))


def _match(candidate: Candidate, needs: Needs, language: str, prefer_product_ids: Sequence[int]) -> Match:
    points = _points(candidate, needs, prefer_product_ids)
    why = tuple(sorted(((name, value) for name, value in points.items() if value), key=lambda pair: -abs(pair[1])))
    return Match(
        product=candidate.product,
        score=round(sum(points.values()), 4),
        reason=reason(product=candidate.product, needs=needs, language=language),
        why=why,
    )


def _points(candidate: Candidate, needs: Needs, prefer_product_ids: Sequence[int]) -> dict[str, float]:
    product = candidate.product
    return {
        "skin_type": _skin(product, needs),
        "concern": CONCERN * _share(needs.concerns, values(product, "concerns")),
        "activity": _activity(product, needs),
        "avoided": STATED_FREE * len(set(needs.avoid) & set(values(product, "free_from"))),
        "text": round(TEXT * candidate.text_score, 2),
        "shelf": _shelf(candidate.shelf_place),
        "shown_now": SHOWN_NOW if product.product_id in prefer_product_ids else 0.0,
        "stock": SOLD_OUT if product.stock == "sold_out" else 0.0,
        "clash": CLASHES_WITH_USED if set(values(product, "conflicts_with")) & set(needs.uses) else 0.0,
    }


def _shelf(place: float | None) -> float:
    """Return more for what the creator put first."""
    return 0.0 if place is None else round(SHELF * (1 - place / 2), 2)


def _skin(product: ProductView, needs: Needs) -> float:
    made_for = values(product, "skin_types")
    share = _share(needs.skin_types, made_for)
    return SKIN_TYPE * share if share or not needs.skin_types else SKIN_TYPE_ANY * ("all" in made_for)


def _activity(product: ProductView, needs: Needs) -> float:
    made_for = values(product, "activity")
    share = _share(needs.activities, made_for)
    return OTHER_ACTIVITY if needs.activities and made_for and not share else ACTIVITY * share


def _share(wanted: Sequence[str], has: Sequence[str]) -> float:
    return len(set(wanted) & set(has)) / len(wanted) if wanted else 0.0
