"""App: Shop assistant."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopAssistantConfig(AppConfig):
    """Django's entry for `shop_assistant`."""

    name = "shop_assistant"
    label = "shop_assistant"
    verbose_name = _("Shop assistant")
