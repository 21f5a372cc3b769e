"""The admin site: django-unfold behind one module, with the pages that no table of its own asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from shop_assistant.admin_pages import home, report, search_demand, search_explain, try_out

# Alpine, which unfold's buttons run on, evaluates attributes; unfold writes its colours into the page. Nowhere else.
_CSP = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}
View = Callable[..., HttpResponseBase]


class ShopAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold is untyped
    """Merchants' own place: their home page, report and try-out beside the tables."""

    index_title = _("Home")
    index_template = "shop_admin/home.html"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Guard a view as Django does, and loosen the content security policy for it alone."""
        guarded: View = super().admin_view(view, cacheable)
        return wraps(guarded)(csp_update(_CSP)(guarded))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the login page under the admin's policy."""
        response: HttpResponse = super().login(request, extra_context)
        response._csp_update = _CSP  # type: ignore[attr-defined]  # what the decorator of django-csp does
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what is to be done first, or how the shop does."""
        page: TemplateResponse = super().index(request, {**home.context(request), **(extra_context or {})})
        return page

    def extra_urls(self) -> list[URLPattern]:
        """Return the pages beside the tables."""
        return [
            path("report/", self.admin_view(report.page), name="report"),
            path("search/why/", self.admin_view(search_explain.page), name="search-explain"),
            path("search/unmet/", self.admin_view(search_demand.page), name="search-demand"),
            path("search/unmet.csv", self.admin_view(search_demand.csv), name="search-demand-csv"),
            path("report.csv", self.admin_view(report.csv), name="report-csv"),
            path("try-out/<int:persona_id>/", self.admin_view(try_out.say), name="try-out"),
        ]
