"""App: Pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FrontendConfig(AppConfig):
    """Django's entry for `frontend`."""

    name = "frontend"
    label = "frontend"
    verbose_name = _("Pages")
