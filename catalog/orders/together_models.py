"""What was bought in one order, counted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.products.models import Product


class BoughtTogether(MerchantOwned):
    """A product and one that is often in the same order; written anew by `learn_together`, read by product pages."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product"))
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("bought with it"))
    orders = models.PositiveIntegerField(_("orders with both"))
    share = models.FloatField(_("share"))  # of the orders with either that hold both (Jaccard)

    class Meta:
        verbose_name = _("bought together")
        verbose_name_plural = _("bought together")
        ordering = ["product_id", "-share", "other_id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "other"], name="together_once"),
            models.CheckConstraint(condition=~Q(product=F("other")), name="together_two"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="together_share"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} + {self.other_id}: {self.orders}"
