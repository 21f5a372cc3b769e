"""App: Live rooms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveConfig(AppConfig):
    """Django's entry for `conversations.live`."""

    name = "conversations.live"
    label = "live"
    verbose_name = _("Live rooms")
