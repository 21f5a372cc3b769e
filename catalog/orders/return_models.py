"""The label of a parcel that comes back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import MerchantOwned
from catalog.orders.request_models import OrderRequest


class LabelState(models.TextChoices):
    """How far a returned parcel has come."""

    ASKED = "asked", pgettext_lazy("label", "Asked for")
    MADE = "made", pgettext_lazy("label", "Made")
    HANDED_IN = "handed_in", pgettext_lazy("label", "Handed in")
    RECEIVED = "received", pgettext_lazy("label", "Received")
    REFUSED = "refused", pgettext_lazy("label", "Refused by the carrier")


class ReturnLabel(MerchantOwned):
    """One label for one return or exchange, written before the carrier is asked: the row is the retry."""

    request = models.OneToOneField(
        OrderRequest, on_delete=models.CASCADE, related_name="label", verbose_name=_("request")
    )
    state = models.CharField(_("state"), max_length=10, choices=LabelState.choices, default=LabelState.ASKED)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    label_id = models.CharField(_("label"), max_length=120, blank=True)  # the carrier's name of it
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    url = models.URLField(_("label page"), max_length=1000, blank=True)
    drop_off = models.JSONField(_("where to hand it in"), default=dict, blank=True)  # text by language
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    checked_at = models.DateTimeField(_("asked the carrier"), null=True, blank=True)

    class Meta:
        verbose_name = _("return label")
        verbose_name_plural = _("return labels")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["label_id"], condition=~Q(label_id=""), name="return_label_once")
        ]
        indexes = [
            models.Index(
                fields=["checked_at"], condition=Q(state__in=("made", "handed_in")), name="return_label_on_its_way"
            )
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"{self.request}"
