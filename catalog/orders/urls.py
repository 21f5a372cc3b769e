"""REST addresses of carts and orders, below `/api/v1/shops/<merchant>/`."""

from __future__ import annotations

from django.urls import path

from catalog.orders.api import AddressView, CartLinesView, CartLineView, CartView, OrdersView, OrderView

urlpatterns = [
    path("cart/", CartView.as_view(), name="cart"),
    path("cart/lines/", CartLinesView.as_view(), name="cart_lines"),
    path("cart/lines/<int:variant_id>/", CartLineView.as_view(), name="cart_line"),
    path("address/", AddressView.as_view(), name="address"),
    path("orders/", OrdersView.as_view(), name="orders"),
    path("orders/<uuid:reference>/", OrderView.as_view(), name="order"),
]
