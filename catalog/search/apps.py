"""App: Search."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Django's entry for `catalog.search`."""

    name = "catalog.search"
    label = "search"
    verbose_name = _("Search")
