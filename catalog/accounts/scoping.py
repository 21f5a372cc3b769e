"""Tenant scope: a merchant-owned row is seen only inside the scope of its merchant (django-scopes)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar, cast

from django.db import models
from django_scopes import get_scope, scope, scopes_disabled
from django_scopes.manager import DisabledQuerySet

if TYPE_CHECKING:
    from catalog.accounts.models import Merchant

M = TypeVar("M", bound=models.Model)


class _Unscoped(DisabledQuerySet):  # type: ignore[misc]  # django-scopes is untyped
    """Every query is an error; only `all()` passes it on unread: Django takes it when a form class is defined."""

    all = models.QuerySet.all


class MerchantManager(models.Manager[M]):
    """Rows of the merchants in scope; outside any scope every query raises ScopeError."""

    def get_queryset(self) -> models.QuerySet[M]:
        """Return the rows that the active scope allows."""
        active = get_scope()
        rows = super().get_queryset()
        if not active.get("_enabled", True):
            return rows
        if "merchant" not in active:
            return cast("models.QuerySet[M]", _Unscoped(self.model, using=self._db, missing_scopes={"merchant"}))
        merchant = active["merchant"]
        return rows.filter(merchant__in=merchant) if isinstance(merchant, list) else rows.filter(merchant=merchant)


def merchant_scope(merchant: Merchant | Iterable[Merchant]) -> AbstractContextManager[None]:
    """Limit every scoped query inside to `merchant` (or to several: an agency's staff)."""
    from catalog.accounts.models import Merchant as Tenant  # models.py needs this module's manager first

    allowed = merchant if isinstance(merchant, Tenant) else list(merchant)
    return cast("AbstractContextManager[None]", scope(merchant=allowed))


def every_merchant() -> AbstractContextManager[None]:
    """Lift the scope: sweepers, reindexing, demo set-up. Never in code that answers a request."""
    return cast("AbstractContextManager[None]", scopes_disabled())
