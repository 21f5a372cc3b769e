"""REST addresses of carts and orders, below `/api/v1/shops/<merchant>/`."""

from __future__ import annotations

from django.urls import path

from catalog import row_ids as row_ids  # <row:…>
from catalog.orders.api import (
    AddressView,
    CartCodeView,
    CartDeliveryView,
    CartLinesView,
    CartLineView,
    CartView,
    OrdersView,
    OrderView,
)
from catalog.orders.appointments.api import SlotsView
from catalog.orders.together_api import TogetherView

urlpatterns = [
    path("products/<str:slug>/together/", TogetherView.as_view(), name="together"),
    path("cart/", CartView.as_view(), name="cart"),
    path("cart/lines/", CartLinesView.as_view(), name="cart_lines"),
    path("cart/lines/<row:variant_id>/", CartLineView.as_view(), name="cart_line"),
    path("cart/code/", CartCodeView.as_view(), name="cart_code"),
    path("cart/delivery/", CartDeliveryView.as_view(), name="cart_delivery"),
    path("services/<row:product_id>/slots/", SlotsView.as_view(), name="service_slots"),
    path("address/", AddressView.as_view(), name="address"),
    path("orders/", OrdersView.as_view(), name="orders"),
    path("orders/<uuid:reference>/", OrderView.as_view(), name="order"),
]
