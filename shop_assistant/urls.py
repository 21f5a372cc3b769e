"""The HTTP route table."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from shop_assistant.observability_http import PROBES

SHOP_API = "api/v1/shops/<slug:merchant_slug>/"

urlpatterns = [
    *(path(f"{name}/", view, name=name) for name, view in PROBES.items()),
    path("admin/", admin.site.urls),
    path(SHOP_API, include("catalog.accounts.urls")),
    path(SHOP_API, include("catalog.products.urls")),
    path(SHOP_API, include("catalog.orders.urls")),
    path(SHOP_API, include("catalog.orders.waitlist_urls")),
    path(SHOP_API, include("catalog.payments.api_urls")),
    path(SHOP_API, include("conversations.chat.urls")),
    path(SHOP_API, include("conversations.live.urls")),
    path(SHOP_API, include("conversations.funnel.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    path("", include("catalog.payments.urls")),
    path("returns/", include("catalog.orders.return_urls")),
    path("", include("conversations.funnel.urls")),
    path("", include("frontend.urls")),
]
