"""Admin: the funnel's events, to look into; the report is a page of its own."""

from __future__ import annotations

from django.contrib import admin

from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.tenancy import MerchantAdmin
from conversations.funnel.models import FunnelEvent


@admin.register(FunnelEvent)
class FunnelEventAdmin(ReadOnly, MerchantAdmin):
    """One row a step of a shopper."""

    area = "insight"
    creator_path = "creator_id"
    list_display = ("occurred_at", "step", "shopper_id", "creator_id", "surface", "product_id", "order_id", "is_test")
    list_filter = ("step", "surface", "is_test")
    search_fields = ("shopper_id", "link_id")
    date_hierarchy = "occurred_at"
    show_full_result_count = False
