"""REST: find products, read one, complete what is typed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from catalog.accounts.api import ShopView
from catalog.accounts.models import Creator
from catalog.languages import normalise_language
from catalog.products.completing import suggest
from catalog.products.finding import find
from catalog.products.search_clicks import clicked_on_page
from catalog.products.search_log import Asker
from catalog.products.selectors import product_view_by_slug
from catalog.products.serializers import (
    ListQuerySerializer,
    ProductListSerializer,
    ProductPageSerializer,
    ProductQuerySerializer,
    ProductSerializer,
    SearchQuerySerializer,
    SuggestionQuerySerializer,
    SuggestionsSerializer,
)
from catalog.products.similar import similar_views
from catalog.search.ports import ProductQuery, SearchUnavailable
from catalog.search.query_rules import BadQuery


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
            corrects=not asked["exact"],
        )
        try:
            found = find(
                query=query,
                language=language,
                cursor=asked["cursor"],
                relaxes=asked["relax"],
                asked_by=self._asker(),
            )
        except BadQuery as error:
            field, _, remedy = str(error).partition(": ")
            raise exceptions.ValidationError({field: remedy}) from error
        except SearchUnavailable as error:
            raise SearchDown from error
        return Response(ProductPageSerializer(found).data)

    def _asker(self) -> Asker:
        return Asker("api", self.shopper.pk if self.shopper else None)


class ProductDetailView(ShopView):
    """One product."""

    @extend_schema(operation_id="read_product", parameters=[ProductQuerySerializer], responses=ProductSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Read an active product by its handle."""
        asked = _read(ProductQuerySerializer, request)
        language = asked.get("language") or _language(request)
        currency = asked.get("currency") or self.merchant.currency_for(language)
        view = product_view_by_slug(slug=slug, language=language, currency=currency)
        if view is None:
            raise Http404("no such product")
        if search_id := asked.get("search"):
            clicked_on_page(
                merchant=self.merchant,
                search_id=search_id.hex,
                product_id=view.product_id,
                shopper_id=self.shopper.pk if self.shopper else None,
            )
        return Response(ProductSerializer(view).data)


class SimilarView(ShopView):
    """Products that may stand in for one."""

    @extend_schema(operation_id="similar_products", parameters=[ListQuerySerializer], responses=ProductListSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """List products like this one, most alike first."""
        asked = _read(ListQuerySerializer, request)
        language = asked.get("language") or _language(request)
        currency = asked.get("currency") or self.merchant.currency_for(language)
        view = product_view_by_slug(slug=slug, language=language, currency=currency)
        if view is None:
            raise Http404("no such product")
        try:
            found = similar_views(
                merchant_id=self.merchant.pk,
                product_id=view.product_id,
                language=language,
                currency=currency,
                limit=asked["limit"],
            )
        except SearchUnavailable as error:
            raise SearchDown from error
        return Response(ProductListSerializer({"products": found}).data)


class SuggestionsThrottle(SimpleRateThrottle):
    """So many completions a minute for one address; a person who types asks for two or three a second."""

    scope = "suggestions"

    def get_rate(self) -> str:
        """Return the setting."""
        return f"{settings.SUGGESTIONS_PER_MINUTE}/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Count by the sender's address."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class SuggestionsView(ShopView):
    """Completions while typing."""

    throttle_classes = [SuggestionsThrottle]

    @extend_schema(operation_id="suggest", parameters=[SuggestionQuerySerializer], responses=SuggestionsSerializer)
    def get(self, request: Request) -> Response:
        """Complete `q` with products, categories, brands and what many searched; an empty `q` with the last alone."""
        asked = _read(SuggestionQuerySerializer, request)
        language = asked.get("language") or _language(request)
        currency = asked.get("currency") or self.merchant.currency_for(language)
        try:
            found = suggest(
                merchant_id=self.merchant.pk,
                prefix=asked["q"],
                language=language,
                currency=currency,
                limit=asked["limit"],
            )
        except SearchUnavailable as error:
            raise SearchDown from error
        return Response(SuggestionsSerializer(found).data)


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
