"""Who waits for a product that is sold out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import MerchantOwned, Shopper
from catalog.products.models import Variant


class WaitlistState(models.TextChoices):
    """Where a wish to be told stands."""

    WAITING = "waiting", pgettext_lazy("waitlist", "Waiting")
    TOLD = "told", pgettext_lazy("waitlist", "Told")
    LEFT = "left", pgettext_lazy("waitlist", "Taken off")


class WaitlistEntry(MerchantOwned):
    """One shopper's wish to be told, once, that a variant is back; the row is the consent, with its words."""

    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="+", verbose_name=_("shopper"))
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+", verbose_name=_("variant"))
    state = models.CharField(_("state"), max_length=8, choices=WaitlistState.choices, default=WaitlistState.WAITING)
    email = models.EmailField(_("e-mail"), blank=True)  # empty: told in the conversation only
    language = models.CharField(_("language"), max_length=8, default="en")
    source_ref = models.CharField(_("from"), max_length=120, blank=True)
    wording = models.TextField(_("what was agreed to"))
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("waiting shopper")
        verbose_name_plural = _("waitlist")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shopper", "variant"], condition=Q(state="waiting"), name="waitlist_waits_once"
            )
        ]
        indexes = [models.Index(fields=["variant", "id"], condition=Q(state="waiting"), name="waitlist_line")]

    def __str__(self) -> str:
        return f"{self.variant} · {self.get_state_display()}"
