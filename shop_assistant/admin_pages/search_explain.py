"""Why products stand where they do: a query as a shopper would type it, and the reasons for each product."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.accounts.scoping import merchant_scope
from catalog.accounts.tenancy import merchants_of, role_allows
from catalog.languages import LANGUAGES, normalise_language
from catalog.products.explaining import ExplainedSearch, explain_search
from catalog.products.merchandising_models import QUERY_MAX
from catalog.search.ports import SearchUnavailable
from frontend.shop import LANGUAGE_NAMES
from shop_assistant.admin_pages.search_shop import AREA, asked_shop

_ENGINES = {"EmbeddedSearch": "SQLite FTS5", "ElasticsearchSearch": "Elasticsearch"}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the first products of a query with what put each in its place."""
    merchant = asked_shop(request)
    query = request.GET.get("q", "").strip()[:QUERY_MAX]
    given = request.GET.get("language", "")
    language = given if given in LANGUAGES else normalise_language(get_language())
    engine = settings.SEARCH_BACKEND.rpartition(".")[2]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Why this order"),
        "merchant": merchant,
        "merchants": merchants_of(request.user),
        "query": query,
        "language": language,
        "languages": LANGUAGE_NAMES,
        "engine": _ENGINES.get(engine, engine),
        "may_change": role_allows(request.user, area=AREA, act="change", merchant_id=merchant.pk),
    }
    if query:
        with merchant_scope(merchant):
            try:
                context |= _found(explain_search(merchant=merchant, text=query, language=language))
            except SearchUnavailable:
                context["is_down"] = True
    return TemplateResponse(request, "shop_admin/search_explain.html", context)


def _found(found: ExplainedSearch) -> dict[str, Any]:
    best = max((points for one in found.standings for _words, points in one.points), default=0.0)
    return {
        "found": found,
        "standings": [
            {
                "one": one,
                "score": f"{one.score:.3f}",
                "points": [
                    {"words": words, "points": f"{points:+.3f}", "width": f"{100 * max(points, 0) / (best or 1):.1f}"}
                    for words, points in one.points
                ],
            }
            for one in found.standings
        ],
    }
