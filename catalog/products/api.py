"""REST: find products, read one, complete what is typed."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import ShopView
from catalog.accounts.models import Creator
from catalog.languages import normalise_language
from catalog.products.selectors import product_view_by_slug, search_products, suggestions
from catalog.products.serializers import (
    LanguageQuerySerializer,
    ProductPageSerializer,
    ProductSerializer,
    SearchQuerySerializer,
    SuggestionQuerySerializer,
    SuggestionsSerializer,
)
from catalog.search.ports import ProductQuery, SearchUnavailable


class SearchDown(exceptions.APIException):
    """The search engine does not answer; nothing is said about what the shop sells."""

    status_code = 503
    default_detail = "Search is not available at the moment. Try again in a minute."
    default_code = "search_unavailable"


class ProductsView(ShopView):
    """The shop's products."""

    @extend_schema(operation_id="search_products", parameters=[SearchQuerySerializer], responses=ProductPageSerializer)
    def get(self, request: Request) -> Response:
        """Search by words and filters; an empty `q` lists everything."""
        asked = _read(SearchQuerySerializer, request)
        language = asked.get("language") or _language(request)
        query = ProductQuery(
            merchant_id=self.merchant.pk,
            text=asked["q"],
            currency=asked.get("currency") or self.merchant.currency_for(language),
            price_min=asked.get("price_min"),
            price_max=asked.get("price_max"),
            category_path=asked["category"],
            brands=tuple(asked["brand"]),
            attributes=_attributes(asked["filter"]),
            creator_id=_creator_id(asked.get("creator")),
            in_stock_only=asked["in_stock"],
            facets=tuple(asked["facet"]),
            sort=asked["sort"],
            limit=asked["page_size"],
            offset=(asked["page"] - 1) * asked["page_size"],
        )
        try:
            page = search_products(query=query, language=language)
        except SearchUnavailable as error:
            raise SearchDown from error
        return Response(ProductPageSerializer(page).data)


class ProductDetailView(ShopView):
    """One product."""

    @extend_schema(operation_id="read_product", parameters=[LanguageQuerySerializer], responses=ProductSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Read an active product by its handle."""
        asked = _read(LanguageQuerySerializer, request)
        language = asked.get("language") or _language(request)
        currency = asked.get("currency") or self.merchant.currency_for(language)
        view = product_view_by_slug(slug=slug, language=language, currency=currency)
        if view is None:
            raise Http404("no such product")
        return Response(ProductSerializer(view).data)


class SuggestionsView(ShopView):
    """Completions while typing."""

    @extend_schema(operation_id="suggest", parameters=[SuggestionQuerySerializer], responses=SuggestionsSerializer)
    def get(self, request: Request) -> Response:
        """Complete `q` with brands, categories and titles."""
        asked = _read(SuggestionQuerySerializer, request)
        try:
            found = suggestions(merchant_id=self.merchant.pk, prefix=asked["q"], limit=asked["limit"])
        except SearchUnavailable as error:
            raise SearchDown from error
        return Response({"suggestions": found})


def _read(serializer: type[Any], request: Request) -> dict[str, Any]:
    """Return the checked query parameters; a wrong one is a 400 that names it."""
    given = serializer(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _language(request: Request) -> str:
    return normalise_language(getattr(request, "LANGUAGE_CODE", None))


def _attributes(filters: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in filters:
        name, _, value = each.partition(":")
        found.setdefault(name, []).append(value)
    return found


def _creator_id(slug: str | None) -> int | None:
    if slug is None:
        return None
    creator_id = Creator.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if creator_id is None:
        raise exceptions.ValidationError({"creator": f"There is no creator {slug!r} in this shop."})
    return creator_id
