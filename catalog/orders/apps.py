"""App: Orders."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Django's entry for `catalog.orders`."""

    name = "catalog.orders"
    label = "orders"
    verbose_name = _("Orders")
