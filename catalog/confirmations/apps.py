"""App: Confirmations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfirmationsConfig(AppConfig):
    """Django's entry for `catalog.confirmations`."""

    name = "catalog.confirmations"
    label = "confirmations"
    verbose_name = _("Confirmations")
