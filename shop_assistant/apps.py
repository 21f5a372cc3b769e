"""App: the wiring's own checks and commands."""

from importlib import import_module

from django.apps import AppConfig


class ShopAssistantConfig(AppConfig):
    """Django's entry for `shop_assistant`."""

    name = "shop_assistant"
    verbose_name = "Shop assistant"

    def ready(self) -> None:
        """Register the system checks."""
        import_module("shop_assistant.checks")  # each check registers itself, once apps are loaded
