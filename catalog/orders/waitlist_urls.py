"""REST addresses of the waitlist, below `/api/v1/shops/<merchant>/`."""

from __future__ import annotations

from django.urls import path

from catalog import row_ids as row_ids  # <row:…>
from catalog.orders.waitlist_api import WaitlistEntryView, WaitlistView

urlpatterns = [
    path("waitlist/", WaitlistView.as_view(), name="waitlist"),
    path("waitlist/<row:variant_id>/", WaitlistEntryView.as_view(), name="waitlist_entry"),
]
