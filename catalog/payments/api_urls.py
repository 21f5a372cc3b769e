"""REST addresses of checkout, below `/api/v1/shops/<merchant>/`."""

from __future__ import annotations

from django.urls import path

from catalog.payments.api import CheckoutView, OrderCancelView, OrderPayView

urlpatterns = [
    path("checkout/", CheckoutView.as_view(), name="checkout"),
    path("orders/<uuid:reference>/pay/", OrderPayView.as_view(), name="order_pay"),
    path("orders/<uuid:reference>/cancel/", OrderCancelView.as_view(), name="order_cancel"),
]
