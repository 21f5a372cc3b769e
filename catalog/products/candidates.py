"""Which products come into question: everything that breaks no rule the shopper set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings

from catalog.money import Money
from catalog.products.agreement import agreements
from catalog.products.attribute_graph import Graph, graph_of
from catalog.products.models import Category
from catalog.products.needs import Needs
from catalog.products.option_choice import Choice, Said
from catalog.products.reasons import values
from catalog.products.safety import verdict
from catalog.products.selectors import ProductView, product_views, shelf_product_ids
from catalog.products.vocabulary import is_stated_when_free, name_key, names, value_named
from catalog.products.wishes import Wish, terms_of, wish_of
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery

_ENOUGH = 30  # products found by what was said; with fewer, any will do
_ENGINE_SHARE = 0.3  # of the text score: the engine also knows spelling, synonyms and other languages


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that breaks no rule, and how well its text answers (0 to 1)."""

    product: ProductView
    text_score: float
    shelf_place: float | None  # 0 = first on the creator's shelf, towards 1 = last; None = not there
    choice: Choice = field(default_factory=Choice)  # the variant that the shopper's words choose


@dataclass(frozen=True, slots=True)
class Frame:
    """Whom and in what the question is asked, and what must not come back."""

    merchant_id: int
    creator_id: int | None
    language: str
    currency: str
    exclude_product_ids: tuple[int, ...] = ()
    cheaper_than: Money | None = None


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which kinds of product are asked for, in this shop's own terms; nothing filled means any."""

    kinds: tuple[str, ...] = ()  # values of the attribute `kind`
    paths: tuple[str, ...] = ()  # categories
    words: tuple[str, ...] = ()  # what the shop has no name for: looked for in the text

    def as_told_by(self, wish: Wish, needs: Needs) -> Kinds:
        """Return these kinds without the categories when the wish tells so much that its own words know better.

        "Living room sets" are no category "Sets": a category is known by its name alone, a `kind` is stated.
        """
        return self if _told(wish, needs) <= settings.WISH_KIND_WORDS_MAX else replace(self, paths=())

    def has(self, view: ProductView) -> bool:
        """Whether a product is of one of these kinds."""
        if not (self.kinds or self.paths):
            return True
        return any(kind in values(view, "kind") for kind in self.kinds) or any(
            view.category_path == path or view.category_path.startswith(f"{path}/") for path in self.paths
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The products that may be recommended, and how many were left out because their data are silent."""

    candidates: tuple[Candidate, ...]
    graph: Graph
    withheld: int = 0


def candidates(*, frame: Frame, needs: Needs, prefer_product_ids: Sequence[int] = ()) -> Found:
    """Return the products that may be recommended, in no order that matters.

    Never one outside the budget, one that holds what the shopper avoids, or one that does not say what an allergy or a
    pregnancy has to know.
    Raises: SearchUnavailable.
    """
    asked = kinds_of(merchant_id=frame.merchant_id, names=needs.categories)
    messages = (*needs.messages, *asked.words)
    wish = wish_of(messages)
    if not frame.cheaper_than:
        asked = asked.as_told_by(wish, needs)
    base, text = _base_query(frame, needs), _search_text(wish, messages)
    scores = _best_scores(_queries(base, text, asked, needs, frame.creator_id))
    if len(scores) < _ENOUGH:
        scores = _best_scores(_any_of_these(base, asked)) | scores
    on_shelf = shelf_product_ids(creator_id=frame.creator_id) if frame.creator_id else []
    places = {product_id: place / len(on_shelf) for place, product_id in enumerate(on_shelf)}
    preferred = [each for each in prefer_product_ids if each not in frame.exclude_product_ids]
    views = product_views(product_ids=[*scores, *preferred], language=frame.language, currency=frame.currency)
    views = [view for view in views if asked.has(view) and _is_allowed(view, frame, needs)]
    graph = graph_of(merchant_id=frame.merchant_id)
    verdicts = [verdict(view, needs, graph) for view in views]
    views = [view for view, said in zip(views, verdicts, strict=True) if said == "fits"]
    agreed = agreements(views, wish, Said.of(messages))
    best = max((score for score, _ in agreed), default=0.0) or 1.0
    fitting = tuple(
        Candidate(
            view,
            (1 - _ENGINE_SHARE) * score / best + _ENGINE_SHARE * scores.get(view.product_id, 0.0),
            places.get(view.product_id),
            choice,
        )
        for view, (score, choice) in zip(views, agreed, strict=True)
        if _is_within(choice.variant.price if choice.variant else view.price, frame, needs)
    )
    return Found(fitting, graph, verdicts.count("unknown"))


def _told(wish: Wish, needs: Needs) -> int:
    """Return how many words tell of the product, those about the person left out; two Chinese pairs are one word."""
    person = [("skin_types", each) for each in needs.skin_types] + [("concerns", each) for each in needs.concerns]
    known = {term for attribute, value in person for name in names(attribute, value) for term in terms_of(name)}
    telling = [term for term in wish.telling if term not in known]
    words = sum(term.isascii() for term in telling)
    return words + (len(telling) - words) // 2


def _search_text(wish: Wish, messages: Sequence[str]) -> str:
    """Return what to search for: the words that tell, else all that was said, newest first."""
    return " ".join(wish.telling) or " ".join(reversed(messages))


def kinds_of(*, merchant_id: int, names: Sequence[str]) -> Kinds:
    """Return what `names` ("sleeping_bag", "睡袋", a category's slug) are called in this shop."""
    kinds: list[str] = []
    paths: list[str] = []
    unknown: list[str] = []
    for name in names:
        kind = value_named("kind", name) or name
        if backend().search(ProductQuery(merchant_id=merchant_id, attributes={"kind": (kind,)}, limit=1)).total:
            kinds.append(kind)
        elif found := category_paths(name):
            paths.extend(found)
        else:
            unknown.append(name.replace("_", " "))
    return Kinds(tuple(kinds), tuple(paths), tuple(unknown))


def category_paths(name: str) -> list[str]:
    """Return the paths of the shop's categories that bear this name or slug, in any language."""
    key = name_key(name)
    return [
        path
        for path, slug, names in Category.objects.values_list("path", "slug", "names")
        if key in {name_key(slug), *map(name_key, names.values())}
    ]


def conflicts(one: ProductView, other: ProductView, graph: Graph | None = None) -> bool:
    """Whether two products must not be used together: by what either says of the other, or by the attribute graph."""
    if set(values(one, "conflicts_with")) & _traits(other) or set(values(other, "conflicts_with")) & _traits(one):
        return True
    return graph is not None and graph.clash(graph.nodes(one), graph.nodes(other)) is not None


def _traits(view: ProductView) -> set[str]:
    return {*values(view, "key_ingredients"), *values(view, "features")}


def _base_query(frame: Frame, needs: Needs) -> ProductQuery:
    budget = needs.budget_max or needs.budget_min
    currency = budget.currency if budget else frame.currency
    ceilings = [limit.minor for limit in (needs.budget_max, frame.cheaper_than) if limit and limit.currency == currency]
    excluded: dict[str, tuple[str, ...]] = {"key_ingredients": needs.avoid}
    if needs.for_pregnancy:
        excluded["avoid_in_pregnancy"] = ("true",)
    return ProductQuery(
        merchant_id=frame.merchant_id,
        currency=currency,
        price_min=needs.budget_min.minor if needs.budget_min else None,
        price_max=min(ceilings, default=None),
        excluded_attributes=excluded,
        excluded_product_ids=frame.exclude_product_ids,
        for_sale_only=True,
        limit=settings.MATCH_SEARCHED,
    )


def _queries(base: ProductQuery, text: str, asked: Kinds, needs: Needs, creator_id: int | None) -> list[ProductQuery]:
    """Return the searches whose hits together hold every product worth a look, also in a large catalog."""
    wanted = {
        "skin_types": (*needs.skin_types, "all") if needs.skin_types else (),
        "concerns": needs.concerns,
        "activity": needs.activities,
    }
    queries: list[ProductQuery] = []
    for each in _bases(base, asked):
        queries += [replace(each, creator_id=creator_id)] if creator_id is not None else []
        queries += [
            replace(each, attributes={**each.attributes, name: given}) for name, given in wanted.items() if given
        ]
        queries += [replace(each, text=text)] if text else []
    return queries


def _any_of_these(base: ProductQuery, asked: Kinds) -> list[ProductQuery]:
    """Return the searches for whatever there is of these kinds, first of what is in stock."""
    return [query for each in _bases(base, asked) for query in (each, replace(each, in_stock_only=True))]


def _bases(base: ProductQuery, asked: Kinds) -> list[ProductQuery]:
    bases = [replace(base, category_path=path) for path in asked.paths]
    bases += [replace(base, attributes={"kind": asked.kinds})] if asked.kinds else []
    return bases or [base]


def _best_scores(queries: Sequence[ProductQuery]) -> dict[int, float]:
    scores: dict[int, float] = {}
    for query in queries:
        for product_id, score in _found(query).items():
            scores[product_id] = max(score, scores.get(product_id, 0.0))
    return scores


def _found(query: ProductQuery) -> dict[int, float]:
    """Return {product id: text score relative to the best hit}."""
    hits = backend().search(query).hits
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    return {hit.product_id: hit.score / best for hit in hits}


def _is_allowed(view: ProductView, frame: Frame, needs: Needs) -> bool:
    """Check again on the rows: the index may be a moment behind, and preferred products did not come from it."""
    if view.product_id in frame.exclude_product_ids or view.stock == "not_for_sale":
        return False
    if needs.skin_types and not _suits_skin(view, needs):
        return False
    return not any(_may_hold(view, each) for each in needs.avoid)


def _is_within(price: Money | None, frame: Frame, needs: Needs) -> bool:
    """Whether a price, of the chosen variant where one is chosen, keeps every limit."""
    if frame.cheaper_than and not _is_below(price, frame.cheaper_than):
        return False
    return _is_affordable(price, needs)


def _is_below(price: Money | None, ceiling: Money) -> bool:
    return price is not None and price.currency == ceiling.currency and price < ceiling


def _suits_skin(view: ProductView, needs: Needs) -> bool:
    """Whether a product is not made for other skin only; one that says nothing may be for everybody."""
    made_for = values(view, "skin_types")
    return not made_for or "all" in made_for or bool(set(made_for) & set(needs.skin_types))


def _is_affordable(price: Money | None, needs: Needs) -> bool:
    """Compare with limits in the currency shown; the search applied those in another to that currency's price."""
    low, high = needs.budget_min, needs.budget_max
    if price is None:
        return not (low or high)
    if low and low.currency == price.currency and price < low:
        return False
    return not (high and high.currency == price.currency and high < price)


def _may_hold(view: ProductView, avoided: str) -> bool:
    """Whether a product holds what is avoided, or does not say that it is free of it where products do say so."""
    if avoided in values(view, "key_ingredients"):
        return True
    speaks_of_it = is_stated_when_free(avoided) and any(
        name in view.attributes for name in ("skin_types", "concerns", "key_ingredients", "free_from")
    )
    return speaks_of_it and avoided not in values(view, "free_from")
