"""What was searched, what was chosen of it, and what both taught the ranking."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.products.merchandising_models import QUERY_MAX


class SearchLog(MerchantOwned):
    """One page of answers to one query. Who asked is a keyed hash: the log alone names nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurred_at = models.DateTimeField(_("when"))
    query = models.CharField(_("query"), max_length=QUERY_MAX)
    query_key = models.CharField(max_length=QUERY_MAX, editable=False)  # folded, as rules compare it
    language = models.CharField(_("language"), max_length=8)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    sort = models.CharField(_("order"), max_length=12, default="relevance")
    engine = models.CharField(_("engine"), max_length=40)
    total = models.PositiveIntegerField(_("found"))
    shown = models.JSONField(_("shown"), default=list)  # product ids, in the order shown
    first_place = models.PositiveIntegerField(_("first place"), default=1)  # of `shown`; 21 on a second page of 20
    is_relaxed = models.BooleanField(_("relaxed"), default=False)
    corrected = models.CharField(_("read as"), max_length=QUERY_MAX, blank=True)
    took_ms = models.PositiveIntegerField(_("milliseconds"))
    surface = models.CharField(_("where"), max_length=10)  # shop, api, agent
    shopper_key = models.CharField(_("shopper (hash)"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-occurred_at"]
        indexes = [
            models.Index(fields=["merchant", "occurred_at"], name="search_log_time"),
            models.Index(fields=["merchant", "query_key", "occurred_at"], name="search_log_query"),
        ]

    def __str__(self) -> str:
        return self.query


class SearchClick(MerchantOwned):
    """A product that was opened from a search; no foreign key, so that the log is swept without looking here."""

    search_id = models.UUIDField(_("search"))
    product_id = models.BigIntegerField(_("product"))
    query_key = models.CharField(max_length=QUERY_MAX, editable=False)
    place = models.PositiveIntegerField(_("place"))  # from 1, where it stood
    occurred_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("click on a search")
        verbose_name_plural = _("clicks on searches")
        constraints = [models.UniqueConstraint(fields=["search_id", "product_id"], name="search_click_once")]
        indexes = [models.Index(fields=["merchant", "occurred_at"], name="search_click_time")]

    def __str__(self) -> str:
        return f"{self.query_key}: {self.product_id}"


class ProductPopularity(MerchantOwned):
    """How much a product is looked at and bought; `value` is what the index holds, the counts are for people."""

    product = models.OneToOneField(
        "products.Product", on_delete=models.CASCADE, related_name="popularity", verbose_name=_("product")
    )
    value = models.FloatField(_("popularity"))  # 0 to 1
    clicked = models.PositiveIntegerField(_("opened"), default=0)  # shoppers, in the last 30 days
    added = models.PositiveIntegerField(_("put into the cart"), default=0)
    bought = models.PositiveIntegerField(_("orders"), default=0)
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        verbose_name = _("popularity")
        verbose_name_plural = _("popularity")
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0) & Q(value__lte=1), name="popularity_is_a_share")
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.value}"


class ClickPrior(MerchantOwned):
    """How much more (or less) than usual a product is chosen for one query, places made even; -1 to 1."""

    query_key = models.CharField(max_length=QUERY_MAX)
    product_id = models.BigIntegerField(_("product"))
    value = models.FloatField(_("chosen more than usual"))
    impressions = models.PositiveIntegerField(_("shown"))
    clicks = models.PositiveIntegerField(_("opened"))
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        verbose_name = _("click prior")
        verbose_name_plural = _("click priors")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "query_key", "product_id"], name="click_prior_once"),
            models.CheckConstraint(condition=Q(value__gte=-1) & Q(value__lte=1), name="click_prior_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.query_key}: {self.product_id}"
