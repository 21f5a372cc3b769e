"""Address of the local carrier's label page."""

from __future__ import annotations

from django.urls import path

from catalog.orders import return_views

app_name = "returns"
urlpatterns = [path("<str:label_id>/", return_views.label_page, name="label")]
