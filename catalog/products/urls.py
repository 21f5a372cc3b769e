"""REST addresses of products, below `/api/v1/shops/<merchant>/`."""

from __future__ import annotations

from django.urls import path

from catalog.products.api import ProductDetailView, ProductsView, SimilarView, SuggestionsView

urlpatterns = [
    path("products/", ProductsView.as_view(), name="api-products"),
    path("products/<str:slug>/", ProductDetailView.as_view(), name="api-product"),
    path("products/<str:slug>/similar/", SimilarView.as_view(), name="api-similar"),
    path("suggestions/", SuggestionsView.as_view(), name="api-suggestions"),
]
