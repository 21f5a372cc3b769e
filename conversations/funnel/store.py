"""The analytics store that settings name."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from conversations.funnel.ports import AnalyticsStore


def store() -> AnalyticsStore:
    """Return the adapter named by ANALYTICS_STORE."""
    return cast("AnalyticsStore", import_string(settings.ANALYTICS_STORE)())
