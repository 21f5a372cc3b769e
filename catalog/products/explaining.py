"""Why products stand where they do for a query, in words a merchant reads and points that add up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from catalog.accounts.models import Merchant
from catalog.products.finding import find
from catalog.products.merchandising import rules_for
from catalog.products.merchandising_models import RuleKind, SearchRule, query_key
from catalog.products.rank_reasons import Facts, facts_for, points_of, reasons_of
from catalog.products.selectors import ProductView, product_views
from catalog.search.backend import backend
from catalog.search.ports import Explanation, ProductQuery, SearchRules


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that is not saved yet; `replaces` is the id of the saved one it stands for."""

    kind: str
    product_id: int
    place: int = 1
    factor: float = 1.0
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A product's place, with what put it there; `points` are (words, points) and add up to `score`."""

    place: int
    product: ProductView
    score: float
    points: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]
    rules: tuple[str, ...]  # "pinned", "boosted"


@dataclass(frozen=True, slots=True)
class ExplainedSearch:
    """What a shopper sees now for a query, and why."""

    query: str
    total: int
    corrected: str
    is_relaxed: bool  # words or filters were left out to find anything
    standings: tuple[Standing, ...]
    hidden: tuple[ProductView, ...]  # by the merchant's rules, for this query


def explain_search(
    *, merchant: Merchant, text: str, language: str, limit: int | None = None, draft: Draft | None = None
) -> ExplainedSearch:
    """Return the first products a shopper sees for `text`, each with its reasons; with a draft, as if it held.

    Call inside the merchant's scope and in the language of who reads.
    Raises: BadQuery; SearchUnavailable.
    """
    asked = ProductQuery(merchant_id=merchant.pk, text=text, limit=limit or settings.SEARCH_EXPLAIN_PRODUCTS)
    rules = rules_for(text)
    if draft:
        rules = with_draft(rules, draft, key=query_key(text))
    if rules != SearchRules():
        asked = replace(asked, rules=rules)
    found = find(query=asked, language=language)
    facts = facts_for(product_ids=[view.product_id for view in found.products], key=query_key(text))
    return ExplainedSearch(
        query=text,
        total=found.total,
        corrected=found.corrected,
        is_relaxed=bool(found.relaxed or found.understood.relaxed),
        standings=tuple(
            _standing(place, view, found.query, text, facts) for place, view in enumerate(found.products, start=1)
        ),
        hidden=tuple(product_views(product_ids=rules.hidden, language=language, currency=found.query.currency)),
    )


def with_draft(rules: SearchRules, draft: Draft, *, key: str) -> SearchRules:
    """Return the rules of a folded query as they would be with one more (or another) of them."""
    pinned, boosts, hidden = _without_saved(rules, draft.replaces)
    if draft.kind == RuleKind.PIN:
        saved = SearchRule.objects.filter(query_key=key, kind=RuleKind.PIN).values_list("product_id", "place")
        places = {**dict(saved), draft.product_id: draft.place}
        pinned = sorted(dict.fromkeys([*pinned, draft.product_id]), key=places.__getitem__)
    elif draft.kind == RuleKind.BOOST:
        boosts[draft.product_id] = draft.factor
    else:
        hidden = [*hidden, draft.product_id]
    kept = tuple(product_id for product_id in pinned if product_id not in hidden)
    return replace(rules, pinned=kept, boosts=boosts, hidden=tuple(dict.fromkeys(hidden)))


def _without_saved(rules: SearchRules, rule_id: int | None) -> tuple[list[int], dict[int, float], list[int]]:
    saved = SearchRule.objects.filter(pk=rule_id).first() if rule_id else None
    gone = {saved.kind: saved.product_id} if saved else {}
    return (
        [product_id for product_id in rules.pinned if product_id != gone.get(RuleKind.PIN)],
        {product_id: by for product_id, by in rules.boosts.items() if product_id != gone.get(RuleKind.BOOST)},
        [product_id for product_id in rules.hidden if product_id != gone.get(RuleKind.HIDE)],
    )


def _standing(place: int, view: ProductView, query: ProductQuery, typed: str, facts: Facts) -> Standing:
    told: Explanation = backend().explain(query, view.product_id)
    return Standing(
        place=place,
        product=view,
        score=round(told.score, 3),
        points=points_of(told),
        reasons=reasons_of(told, view=view, typed=typed, facts=facts),
        rules=told.rules,
    )
