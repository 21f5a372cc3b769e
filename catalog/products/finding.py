"""A product search as a shopper expects it: pages that go on, counts that hold, and never an empty answer unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog.accounts.models import Merchant
from catalog.observing import Stopwatch
from catalog.products.relaxing import Relaxed, least, relaxed_of, without
from catalog.products.search_log import Answer, Asker, log_search
from catalog.products.selectors import ProductPage, ProductView, page_of, ready_query
from catalog.search.backend import backend
from catalog.search.cursors import Cursor, read_cursor, written
from catalog.search.ports import ProductQuery
from catalog.search.understood import Understood


@dataclass(frozen=True, slots=True)
class Finding:
    """One page of an answer. `relaxed` says what was left out because nothing fitted; `next` asks for the page after.

    A facet's counts are those of its own choice made anew: every other filter holds, its own does not.
    """

    products: tuple[ProductView, ...]
    total: int
    query: ProductQuery  # as it was answered: without what `relaxed` names
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    corrected: str = ""
    understood: Understood = field(default_factory=Understood)
    relaxed: tuple[Relaxed, ...] = ()
    next: str = ""
    search_id: str = ""


def find(
    *, query: ProductQuery, language: str, cursor: str = "", relaxes: bool = True, asked_by: Asker | None = None
) -> Finding:
    """Search the merchant's products; where nothing fits and `relaxes`, with the least left out that finds something.

    `cursor` is the `next` of the page before, for the same query. A search with `asked_by` goes into the log.
    Raises: BadQuery; SearchUnavailable.
    """
    watch = Stopwatch()
    typed = _in_currency(query, language)
    ready, understood = ready_query(query=typed, language=language)
    after = read_cursor(cursor, typed) if cursor else None
    answered, relaxed = (_going_on(ready, after), _left_out(after)) if after else (_with_match(ready), ())
    page = page_of(query=answered, understood=understood, language=language)
    if relaxes and not (page.total or after):
        answered, relaxed = least(replace(answered, match=page.match or answered.match), _count)
        # Only where it is nowhere stated: what was ruled out stays ruled out.
        if not relaxed and answered.conditions.has:
            answered = replace(answered, conditions=answered.conditions.unstated)
        page = page_of(query=answered, understood=understood, language=language)
    answered = replace(answered, match=page.match)
    finding = Finding(
        products=page.products,
        total=page.total,
        query=answered,
        facets=_facets(answered, page),
        corrected=page.corrected,
        understood=page.understood,
        relaxed=relaxed,
        next=_next(typed, relaxed, page),
    )
    return _logged(finding, typed, language, asked_by, watch.seconds) if asked_by else finding


def _in_currency(query: ProductQuery, language: str) -> ProductQuery:
    if query.currency:
        return query
    return replace(query, currency=Merchant.objects.get(pk=query.merchant_id).currency_for(language))


def _left_out(after: Cursor) -> tuple[Relaxed, ...]:
    return tuple(map(relaxed_of, after.left_out))


def _going_on(ready: ProductQuery, after: Cursor) -> ProductQuery:
    """Return the query for the page after: read as on the first page, with the same left out.

    A cursor stands in an address, where the values that keep a limit have no room: they are looked up again.
    """
    query = without(ready, _left_out(after))
    conditions = replace(after.conditions, measures=query.conditions.measures)
    return replace(query, match=after.match, after=after, conditions=conditions)


def _with_match(query: ProductQuery) -> ProductQuery:
    """Return the query with what its hits have of the words, decided without the shopper's filters.

    Else a filter could bring products that the search without it does not find, and no facet's count would hold.
    """
    wider = replace(query, price_min=None, price_max=None, category_path="", brands=(), attributes={})
    wider = replace(wider, in_stock_only=False)
    if query.match or not query.text.strip() or wider == query:
        return query
    return replace(query, match=backend().search(_bare(wider)).match)


def _bare(query: ProductQuery) -> ProductQuery:
    """Return the query as it is asked for its numbers alone: without the work that puts hits in order."""
    return replace(query, facets=(), sort="title", limit=1, offset=0, after=None)


def _count(query: ProductQuery) -> int:
    return backend().search(_bare(query)).total


def _facets(query: ProductQuery, page: ProductPage) -> dict[str, Mapping[str, int]]:
    """Return the counts; a facet that filters is counted without its own filter, so that it can be widened."""
    found = dict(page.facets)
    for name in query.facets:
        own = _without_own(query, name)
        if own != query:
            # Words that hold nothing to look for ("!!!") match nothing, and count nothing.
            found[name] = backend().search(replace(_bare(own), facets=(name,))).facets.get(name, {})
    return found


def _without_own(query: ProductQuery, facet: str) -> ProductQuery:
    match facet:
        case "price":
            return replace(query, price_min=None, price_max=None)
        case "brand":
            return replace(query, brands=())
        case "category":
            return replace(query, category_path="")
        case "in_stock":
            return replace(query, in_stock_only=False)
    return replace(query, attributes={name: each for name, each in query.attributes.items() if name != facet})


def _next(typed: ProductQuery, relaxed: tuple[Relaxed, ...], page: ProductPage) -> str:
    if page.next is None:
        return ""
    return written(replace(page.next, left_out=tuple(each.code for each in relaxed)), typed)


def _logged(finding: Finding, query: ProductQuery, language: str, asked_by: Asker, took_s: float) -> Finding:
    shown = [view.product_id for view in finding.products]
    is_relaxed = bool(finding.relaxed or finding.understood.relaxed)
    answer = Answer(shown, finding.total, is_relaxed, finding.corrected)
    asked = replace(query, after=finding.query.after)
    search_id = log_search(asked_by=asked_by, query=asked, language=language, answer=answer, took_s=took_s)
    return replace(finding, search_id=search_id)
