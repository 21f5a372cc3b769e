"""App: Products."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    """Django's entry for `catalog.products`."""

    name = "catalog.products"
    label = "products"
    verbose_name = _("Products")
