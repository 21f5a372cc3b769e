"""Admin: writes that wait for a shopper's own yes, and the log of what tools did."""

from __future__ import annotations

from django.contrib import admin

from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.tenancy import MerchantAdmin
from catalog.confirmations.models import PendingAction, ToolCallLog


@admin.register(PendingAction)
class PendingActionAdmin(ReadOnly, MerchantAdmin):
    """Proposed writes and what became of them."""

    area = "conversations"
    list_display = ("operation", "subject", "created_at", "expires_at")
    list_filter = ("operation",)
    search_fields = ("subject",)


@admin.register(ToolCallLog)
class ToolCallLogAdmin(ReadOnly, MerchantAdmin):
    """What the double asked for, on whose word, what came of it and who confirmed it; never changed, never deleted."""

    area = "conversations"
    list_display = ("at", "kind", "tool", "subject", "code", "confirmed_by")
    list_filter = ("kind", "code", "tool", "at")
    search_fields = ("subject", "session", "shopper_ref")
    date_hierarchy = "at"
