"""How well a product agrees with what a shopper needs; every point has a name, shown in the "why" drawer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from catalog.products.attribute_graph import Edge, Graph
from catalog.products.candidates import Candidate, Found
from catalog.products.needs import Needs
from catalog.products.option_choice import Choice
from catalog.products.reasons import reason, values
from catalog.products.selectors import ProductView

# Points, fixed by hand: what the shopper said outweighs what the words of the text say, and both the creator's shelf.
SKIN_TYPE, SKIN_TYPE_ANY, CONCERN, ACTIVITY = 3.0, 1.5, 3.0, 3.0
OTHER_ACTIVITY, TEXT, SHELF, SHOWN_NOW, STATED_FREE = -1.5, 2.0, 1.0, 3.0, 0.5
SOLD_OUT, CLASHES_WITH_USED = -6.0, -1.5
HELPS = 1.0  # an ingredient that is used for it: less than what the product states itself


@dataclass(frozen=True, slots=True)
class Match:
    """A product that fits, why, and the points that put it there."""

    product: ProductView
    score: float
    why: tuple[tuple[str, float], ...]  # (signal, points), largest first
    tell: Callable[[], str] = field(repr=False, compare=False)  # a hundred are ranked, and three are told about
    choice: Choice = field(default_factory=Choice)  # the variant the shopper's words choose

    @property
    def reason(self) -> str:
        """Why it fits, in the language asked for."""
        return self.tell()

    @property
    def shown(self) -> ProductView:
        """The product with the price and the stock of the chosen variant, where one is chosen."""
        variant = self.choice.variant
        if variant is None or self.product.stock in ("external", "not_for_sale"):
            return self.product
        return replace(self.product, price=variant.price, was=variant.was, price_varies=False)


def ranked(found: Found, *, needs: Needs, language: str, prefer_product_ids: Sequence[int] = ()) -> list[Match]:
    """Return the candidates as matches, best first; equals stay in the shop's order."""
    matches = [_match(candidate, found.graph, needs, language, prefer_product_ids) for candidate in found.candidates]
    return sorted(matches, key=lambda match: (-match.score, match.product.product_id))


def _match(candidate: Candidate, graph: Graph, needs: Needs, language: str, prefer_product_ids: Sequence[int]) -> Match:
    helping = _helping(candidate.product, graph, needs)
    points = _points(candidate, graph, needs, prefer_product_ids) | {"helps": HELPS * len(helping)}
    why = tuple(sorted(((name, value) for name, value in points.items() if value), key=lambda pair: -abs(pair[1])))
    return Match(
        product=candidate.product,
        score=round(sum(points.values()), 4),
        why=why,
        tell=partial(
            reason,
            product=candidate.product,
            needs=needs,
            language=language,
            chosen=candidate.choice.label,
            helping=helping,
        ),
        choice=candidate.choice,
    )


def _points(candidate: Candidate, graph: Graph, needs: Needs, prefer_product_ids: Sequence[int]) -> dict[str, float]:
    product = candidate.product
    return {
        "skin_type": _skin(product, needs),
        "concern": CONCERN * _share(needs.concerns, values(product, "concerns")),
        "activity": _activity(product, needs),
        "avoided": STATED_FREE * len(set(needs.avoid) & set(values(product, "free_from"))),
        "text": round(TEXT * candidate.text_score, 2),
        "shelf": _shelf(candidate.shelf_place),
        "shown_now": SHOWN_NOW if product.product_id in prefer_product_ids else 0.0,
        "stock": SOLD_OUT if _is_sold_out(candidate) else 0.0,
        "clash": CLASHES_WITH_USED if clashes_with_used(product, graph, needs) else 0.0,
    }


def clashes_with_used(product: ProductView, graph: Graph, needs: Needs) -> bool:
    """Whether the product must not be combined with an ingredient that the shopper uses already."""
    if set(values(product, "conflicts_with")) & set(needs.uses):
        return True
    used = graph.with_groups(("key_ingredients", each) for each in needs.uses)
    return bool(used) and graph.clash(graph.nodes(product), used) is not None


def _helping(product: ProductView, graph: Graph, needs: Needs) -> tuple[Edge, ...]:
    """Return by which relations the product's ingredients answer what it does not state itself."""
    wanted = [("concerns", each) for each in needs.concerns] + [("skin_types", each) for each in needs.skin_types]
    unstated = [(name, value) for name, value in wanted if value not in values(product, name)]
    nodes = graph.nodes(product) if unstated else frozenset()
    return tuple(edge for each in unstated if (edge := graph.helps(nodes, each)))


def _is_sold_out(candidate: Candidate) -> bool:
    """Whether what was asked for is gone: the variant that was named, else the whole product."""
    variant = candidate.choice.variant
    return candidate.product.stock == "sold_out" or (variant is not None and not variant.in_stock)


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
