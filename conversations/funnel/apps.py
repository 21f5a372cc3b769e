"""App: Funnel."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FunnelConfig(AppConfig):
    """Django's entry for `conversations.funnel`."""

    name = "conversations.funnel"
    label = "funnel"
    verbose_name = _("Funnel")
