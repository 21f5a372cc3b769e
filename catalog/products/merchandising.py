"""The merchant's synonyms and rules as the search takes them; a change holds for the next search, without reindex."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from catalog.products.click_priors import priors_for
from catalog.products.merchandising_models import RuleKind, SearchRule, Synonym, query_key
from catalog.search.analysis import TERMS_MAX
from catalog.search.ports import SearchRules

_BEGINNING = 2  # characters by which synonyms are looked up


def rules_for(text: str) -> SearchRules:
    """Return what the merchant in scope decided about a query, and what shoppers chose for it; three small reads."""
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
    return SearchRules(
        synonyms=synonyms_in(key), pinned=kept, boosts=boosts, hidden=tuple(hidden), chosen=priors_for(key)
    )


def synonyms_in(key: str) -> dict[str, list[str]]:
    """Return {words of the query: other words for them}; the longest first, so that "face wash" comes before "wash".

    One count tells whether any synonym has changed; only then they are read again.
    """
    state = Synonym.objects.filter(is_active=True).aggregate(of=Min("merchant_id"), rows=Count("pk"), marks=Sum("mark"))
    if not state["rows"]:
        return {}
    by_beginning = _listed(state["of"], state["rows"], state["marks"])
    found: dict[str, list[str]] = {}
    for place in range(len(key)):
        for beginning in {key[place : place + length] for length in range(1, _BEGINNING + 1)}:
            found |= {word: others for word, others in by_beginning.get(beginning, ()) if key.startswith(word, place)}
    ordered = sorted(found, key=lambda word: (-len(word), word))
    return {word: found[word] for word in ordered[:TERMS_MAX]}


def _rules(key: str) -> Iterator[tuple[int, str, float]]:
    now = timezone.now()
    rows = SearchRule.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=now), Q(ends_at=None) | Q(ends_at__gt=now), query_key=key
    )
    yield from rows.order_by("place", "pk").values_list("product_id", "kind", "factor")


@lru_cache(maxsize=256)
def _listed(_merchant_id: int, _rows: int, _marks: int) -> dict[str, list[tuple[str, list[str]]]]:
    """Return {how it begins: [(word, other words for it)]} of the merchant in scope; the arguments are its state."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for words, is_one_way in Synonym.objects.filter(is_active=True).values_list("words", "is_one_way"):
        folded = [query_key(str(word)) for word in words]
        for word in filter(None, folded[:1] if is_one_way else folded):
            found[word] |= dict.fromkeys(other for other in folded if other != word)
    listed: defaultdict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for word, others in found.items():
        listed[word[:_BEGINNING]].append((word, list(others)))
    return dict(listed)
