"""System checks: is what settings name usable, and is a stand-in about to serve real shoppers?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from shop_assistant.parts import parts


@register("shop")
def what_settings_name_exists(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every adapter and subscriber that settings name can be imported."""
    names = [settings.SEARCH_BACKEND, settings.ANALYTICS_STORE, settings.ROOM_LOG]
    names += [name for heard_by in settings.OUTBOX_SUBSCRIBERS.values() for name in heard_by]
    found: list[CheckMessage] = []
    for name in names:
        try:
            import_string(name)
        except ImportError as error:
            found.append(Error(f"Settings name {name}, which cannot be loaded: {error}", id="shop.E001"))
    return found


@register(Tags.security, deploy=True)
def no_stand_in_serves_real_shoppers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn for every stand-in still in use."""
    return [
        Warning(
            f"{part.name}: the stand-in is in use ({part.in_use}).",
            hint=f"Set {part.setting} to use {part.at_scale}.",
            id="shop.W001",
        )
        for part in parts()
        if part.is_stand_in
    ]


@register(Tags.security, deploy=True)
def stripe_webhooks_can_be_verified(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A Stripe key without a webhook secret would leave every order unpaid."""
    if settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRETS:
        return [
            Error(
                "STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRETS is empty: no payment could be confirmed.",
                hint="Copy the signing secret of the webhook endpoint from Stripe's dashboard.",
                id="shop.E002",
            )
        ]
    return []


@register("shop")
def stripe_tax_has_stripe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Stripe Tax needs Stripe: the stand-in works out no tax."""
    found: list[CheckMessage] = []
    if settings.STRIPE_TAX and not settings.STRIPE_SECRET_KEY:
        hint = "Set STRIPE_SECRET_KEY, or keep tax rates in the shop's own table."
        found.append(Error("STRIPE_TAX is on without Stripe.", hint=hint, id="shop.E003"))
    if settings.STRIPE_TAX_BEHAVIOR not in ("exclusive", "inclusive"):
        found.append(Error("STRIPE_TAX_BEHAVIOR: write exclusive or inclusive.", id="shop.E004"))
    return found
