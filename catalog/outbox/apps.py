"""App: Background work."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Django's entry for `catalog.outbox`."""

    name = "catalog.outbox"
    label = "outbox"
    verbose_name = _("Background work")
