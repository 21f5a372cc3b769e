"""Mails about carts that were left: one row each, so that none goes out twice."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import Consent, MerchantOwned


class CartReminder(MerchantOwned):
    """One reminder of one cart. `skipped` says why it was not sent when its moment came."""

    cart = models.ForeignKey("orders.Cart", on_delete=models.CASCADE, related_name="reminders", verbose_name=_("cart"))
    number = models.PositiveSmallIntegerField(_("which"))  # 1 is the first
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+", verbose_name=_("consent"))
    language = models.CharField(_("language"), max_length=8)
    recipient = models.EmailField(_("to"))
    planned_at = models.DateTimeField(_("planned"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    skipped = models.CharField(_("not sent because"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("cart reminder")
        verbose_name_plural = _("cart reminders")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["cart", "number"], name="cart_reminder_once")]

    def __str__(self) -> str:
        return f"{self.cart} · {self.number}"
