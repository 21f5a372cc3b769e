"""Admin: writes that wait for a shopper's own yes."""

from __future__ import annotations

from django.contrib import admin

from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.tenancy import MerchantAdmin
from catalog.confirmations.models import PendingAction


@admin.register(PendingAction)
class PendingActionAdmin(ReadOnly, MerchantAdmin):
    """Proposed writes and what became of them."""

    area = "conversations"
    list_display = ("operation", "subject", "created_at", "expires_at")
    list_filter = ("operation",)
    search_fields = ("subject",)
