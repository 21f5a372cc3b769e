"""REST routes of this app, below a shop's address."""

from django.urls import path

from catalog.accounts.api import ShoppersView

urlpatterns = [path("shoppers/", ShoppersView.as_view(), name="api-shoppers")]
