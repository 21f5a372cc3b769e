"""The words for why a product stands where it does: what matched, what shoppers did, what the merchant decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.products.merchandising_models import RuleKind, SearchRule
from catalog.products.search_log_models import ClickPrior, ProductPopularity
from catalog.products.selectors import ProductView
from catalog.search.analysis import fold, is_chinese, tokens
from catalog.search.ports import Explanation
from catalog.search.stemming import stem

# The words for each signal of the ranking (catalog/search/reranking.py), as a line of the sum.
SIGNALS = {
    "words": gettext_lazy("The words, over all texts"),
    "one_place": gettext_lazy("The one text that answers best"),
    "next_to_each_other": gettext_lazy("The words side by side in the title"),
    "everything": gettext_lazy("How much of the query is answered"),
    "engine": gettext_lazy("Chinese words, by the engine"),
    "popularity": gettext_lazy("Popularity"),
    "in_stock": gettext_lazy("In stock"),
    "agreement": gettext_lazy("Is the kind or brand that was named"),
    "stated": gettext_lazy("Is said to have what was asked for"),
    "named": gettext_lazy("Its title, said in short"),
    "chosen": gettext_lazy("Opened for this query, places made even"),
    "boost": gettext_lazy("Your factor"),
}
TEXTS = {
    "title": gettext_lazy("title"),
    "brand": gettext_lazy("brand, model or SKU"),
    "category": gettext_lazy("category"),
    "description": gettext_lazy("description"),
    "attributes": gettext_lazy("attributes"),
    "names": gettext_lazy("names of attributes"),
}
_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")
_DIGITS = 3  # of points on the page


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of some products beside the engine's points, by product id."""

    popularity: Mapping[int, ProductPopularity] = field(default_factory=dict)
    chosen: Mapping[int, ClickPrior] = field(default_factory=dict)
    rules: Mapping[tuple[int, str], SearchRule] = field(default_factory=dict)


def facts_for(*, product_ids: Sequence[int], key: str) -> Facts:
    """Return what shoppers did with these products and the rules that hold now; three queries."""
    now = timezone.now()
    held = SearchRule.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=now),
        Q(ends_at=None) | Q(ends_at__gt=now),
        query_key=key,
        product_id__in=product_ids,
    )
    return Facts(
        {row.product_id: row for row in ProductPopularity.objects.filter(product_id__in=product_ids)},
        {row.product_id: row for row in ClickPrior.objects.filter(query_key=key, product_id__in=product_ids)},
        {(rule.product_id, rule.kind): rule for rule in held.select_related("merchant")},
    )


def points_of(told: Explanation) -> tuple[tuple[str, float], ...]:
    """Return (words, points) of each signal; rounded so that they still add up to the rounded score."""
    scale = 10**_DIGITS
    exact = [(name, points * scale) for name, points in told.parts]
    floors = [int(points // 1) for _, points in exact]
    left = round(told.score * scale) - sum(floors)
    by_rest = sorted(range(len(exact)), key=lambda n: floors[n] - exact[n][1])
    for place in by_rest[: max(0, left)]:
        floors[place] += 1
    named = [(str(SIGNALS.get(name, name)), value / scale) for (name, _), value in zip(exact, floors, strict=True)]
    return tuple((words, points) for words, points in named if points)


def reasons_of(told: Explanation, *, view: ProductView, typed: str, facts: Facts) -> tuple[str, ...]:
    """Return short sentences, the merchant's own decisions first; `typed` is the query as it was written."""
    return (*_decided(view.product_id, told, facts), *_matched(told, typed), *_sold(view, facts))


def _decided(product_id: int, told: Explanation, facts: Facts) -> Iterator[str]:
    for name, kind in (("pinned", RuleKind.PIN), ("boosted", RuleKind.BOOST)):
        if name not in told.rules:
            continue
        rule = facts.rules.get((product_id, kind))
        yield _with_end(_pinned_or_moved(name, rule), rule)


def _pinned_or_moved(name: str, rule: SearchRule | None) -> str:
    if name == "pinned":
        return _("pinned by you")
    if rule is None:
        return _("moved by you")
    said = _("raised by you ×%(factor)s") if rule.factor > 1 else _("lowered by you ×%(factor)s")
    return said % {"factor": f"{rule.factor:g}"}


def _with_end(said: str, rule: SearchRule | None) -> str:
    if rule is None or rule.ends_at is None:
        return said
    ends_at = rule.ends_at.astimezone(ZoneInfo(rule.merchant.timezone))
    return _("%(said)s until %(day)s") % {"said": said, "day": date_format(ends_at, _("j M"))}


def _matched(told: Explanation, typed: str) -> Iterator[str]:
    """Say in which text each word was found: the most telling one; then what was not found."""
    by_text: dict[str, list[str]] = {}
    for terms, texts in told.answered:
        best = min(texts, key=list(TEXTS).index)
        by_text.setdefault(best, []).append(terms)
    for name in TEXTS:
        if name in by_text:
            words = as_typed(typed, by_text[name])
            yield _("%(text)s matches %(words)s") % {"text": TEXTS[name], "words": _quoted(words)}
    if any(name == "agreement" for name, _points in told.parts):
        yield _("of the kind or brand that was named")
    if told.missing:
        yield _("without %(words)s") % {"words": _quoted(as_typed(typed, told.missing))}


def _sold(view: ProductView, facts: Facts) -> Iterator[str]:
    stock = {
        "in_stock": _("in stock"),
        "few_left": ngettext("%(left)d left", "%(left)d left", view.left or 0) % {"left": view.left or 0},
        "sold_out": _("sold out"),
        "not_for_sale": _("no price in this currency"),
        "external": _("sold elsewhere"),
    }
    yield stock[view.stock]
    popularity = facts.popularity.get(view.product_id)
    if popularity and popularity.bought:
        count = popularity.bought
        yield ngettext("bought once in 30 days", "bought %(count)d times in 30 days", count) % {"count": count}
    elif popularity and popularity.clicked:
        count = popularity.clicked
        said = ngettext("opened once in 30 days", "opened %(count)d times in 30 days", count)
        yield said % {"count": count}
    prior = facts.chosen.get(view.product_id)
    if prior:
        said = (
            _("chosen more often than usual here (%(clicks)d of %(shown)d)")
            if prior.value > 0
            else _("chosen less often than usual here (%(clicks)d of %(shown)d)")
        )
        yield said % {"clicks": prior.clicks, "shown": prior.impressions}


def as_typed(typed: str, terms: Sequence[str]) -> list[str]:
    """Return the parts of a query that terms came from, as they were written; a term from elsewhere as it is."""
    spans: list[tuple[int, int]] = []
    others: list[str] = []
    folded = fold(typed)
    text = typed if len(folded) == len(typed) else folded
    for slot in terms:
        for term in slot.split():
            found = list(_spans(folded, term))
            spans += found
            if not found:
                others.append(term)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return list(dict.fromkeys([*(text[start:end] for start, end in merged), *others]))


def _spans(folded: str, term: str) -> Iterator[tuple[int, int]]:
    if is_chinese(term):
        yield from ((found.start(), found.end()) for found in re.finditer(re.escape(term), folded))
        return
    for word in _WORD.finditer(folded):
        pieces = [part for token in tokens(word.group()) for part in token.lstrip("=").split("-")]
        if term in pieces or term in map(stem, pieces):
            yield word.start(), word.end()


def _quoted(words: Sequence[str]) -> str:
    return _("“%(words)s”") % {"words": _("”, “").join(words)} if words else ""
