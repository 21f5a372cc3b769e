"""App: Personas."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PersonasConfig(AppConfig):
    """Django's entry for `conversations.personas`."""

    name = "conversations.personas"
    label = "personas"
    verbose_name = _("Personas")
