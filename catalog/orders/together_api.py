"""REST: what is often bought with a product."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import ShopView
from catalog.languages import normalise_language
from catalog.orders.together import together_views
from catalog.products.selectors import product_view_by_slug
from catalog.products.serializers import ListQuerySerializer, ProductListSerializer


class TogetherView(ShopView):
    """Products often bought with one."""

    @extend_schema(
        operation_id="products_bought_together", parameters=[ListQuerySerializer], responses=ProductListSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        """List what is often in one order with this product and goes with it, most often first."""
        given = ListQuerySerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        language = asked.get("language") or normalise_language(getattr(request, "LANGUAGE_CODE", None))
        currency = asked.get("currency") or self.merchant.currency_for(language)
        view = product_view_by_slug(slug=slug, language=language, currency=currency)
        if view is None:
            raise Http404("no such product")
        found = together_views(
            merchant_id=self.merchant.pk,
            product_id=view.product_id,
            language=language,
            currency=currency,
            limit=asked["limit"],
        )
        return Response(ProductListSerializer({"products": found}).data)
