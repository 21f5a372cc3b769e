"""The merchant's synonyms and rules as the search takes them; a change holds for the next search, without reindex."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from catalog.products.merchandising_models import RuleKind, SearchRule, Synonym, query_key
from catalog.search.analysis import TERMS_MAX
from catalog.search.ports import SearchRules


def rules_for(text: str) -> SearchRules:
    """Return what the merchant in scope decided about a query; two small reads."""
    key = query_key(text)
    if not key:
        return SearchRules()
    pinned: list[int] = []
    hidden: list[int] = []
    boosts: dict[int, float] = {}
    for product_id, kind, factor in _rules(key):
        if kind == RuleKind.PIN:
            pinned.append(product_id)
        elif kind == RuleKind.HIDE:
            hidden.append(product_id)
        else:
            boosts[product_id] = factor
    kept = tuple(product_id for product_id in pinned if product_id not in hidden)
    return SearchRules(synonyms=synonyms_in(key), pinned=kept, boosts=boosts, hidden=tuple(hidden))


def synonyms_in(key: str) -> dict[str, list[str]]:
    """Return {words of the query: other words for them}; the longest first, so that "face wash" comes before "wash"."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word, others in _synonyms():
        if word and word in key:
            found[word] += others
    ordered = sorted(found, key=lambda word: (-len(word), word))
    return {word: list(dict.fromkeys(found[word])) for word in ordered[:TERMS_MAX]}


def _rules(key: str) -> Iterator[tuple[int, str, float]]:
    now = timezone.now()
    rows = SearchRule.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=now), Q(ends_at=None) | Q(ends_at__gt=now), query_key=key
    )
    yield from rows.order_by("place", "pk").values_list("product_id", "kind", "factor")


def _synonyms() -> Iterator[tuple[str, list[str]]]:
    for words, is_one_way in Synonym.objects.filter(is_active=True).values_list("words", "is_one_way"):
        folded = [query_key(str(word)) for word in words]
        for word in folded[:1] if is_one_way else folded:
            yield word, [other for other in folded if other != word]
