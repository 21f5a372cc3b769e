"""App: Payments."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Django's entry for `catalog.payments`."""

    name = "catalog.payments"
    label = "payments"
    verbose_name = _("Payments")
