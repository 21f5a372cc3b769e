"""Addresses outside any shop: where Stripe reports, and the stand-in's pay page."""

from __future__ import annotations

from django.urls import path

from catalog.payments.stripe_fake_views import pay_page
from catalog.payments.webhooks import stripe_webhook

app_name = "payments"
urlpatterns = [
    path("webhooks/stripe/", stripe_webhook, name="stripe_webhook"),
    path("pay/<str:session_id>/", pay_page, name="pay_page"),
]
