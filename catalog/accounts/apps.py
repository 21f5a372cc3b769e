"""App: Accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Django's entry for `catalog.accounts`."""

    name = "catalog.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
