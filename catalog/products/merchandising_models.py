"""What a merchant decides about searches: synonyms, and rules for single queries."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.search.analysis import fold

QUERY_MAX = 200  # characters of a query that a rule can be made for
_MARK_BITS = 40  # thousands of them add up to less than a column holds


def query_key(query: str) -> str:
    """Return a query as rules compare it: one case, one script, single spaces."""
    return " ".join(fold(query).split())[:QUERY_MAX]


def new_mark() -> int:
    """Return a number that no other state of a row has, as good as surely."""
    return secrets.randbits(_MARK_BITS)


class Synonym(MerchantOwned):
    """Words that mean the same here: who looks for one finds the others."""

    words = models.JSONField(_("words"), help_text=_("Two or more; each finds what the others find."))
    is_one_way = models.BooleanField(
        _("one way"), default=False, help_text=_("Only the first word finds the others, not the other way round.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    # New with every change: how many rows there are and what their marks add up to tells whether any has changed.
    mark = models.BigIntegerField(default=new_mark, editable=False)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["pk"]

    def __str__(self) -> str:
        return " = ".join(map(str, self.words))

    def save(self, *args: object, **kwargs: object) -> None:
        """Mark the change, so that searches read the synonyms anew."""
        self.mark = new_mark()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        """Refuse what is no list of two words."""
        words = self.words if isinstance(self.words, list) else []
        if len({str(word).strip() for word in words if str(word).strip()}) < 2:
            raise ValidationError({"words": _("Name at least two words.")})


class RuleKind(models.TextChoices):
    """What happens to the product for this query."""

    PIN = "pin", _("Stands first")
    BOOST = "boost", _("Rises or sinks")
    HIDE = "hide", _("Is not found")


class SearchRule(MerchantOwned):
    """One product's place for one query, for a time or for good."""

    query = models.CharField(
        _("query"), max_length=QUERY_MAX, help_text=_("As shoppers write it; any script and case.")
    )
    query_key = models.CharField(max_length=QUERY_MAX, editable=False, db_index=True)  # folded
    product = models.ForeignKey("products.Product", on_delete=models.CASCADE, verbose_name=_("product"))
    kind = models.CharField(_("what happens"), max_length=10, choices=RuleKind)
    place = models.PositiveSmallIntegerField(_("place"), default=1, help_text=_("Of pinned products: the order."))
    factor = models.FloatField(
        _("factor"), default=2.0, help_text=_("Of a boost: 2 doubles the score, 0.5 halves it; 0.1 to 10.")
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("search rule")
        verbose_name_plural = _("search rules")
        ordering = ["query_key", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "query_key", "product", "kind"], name="search_rule_once"),
            models.CheckConstraint(condition=Q(factor__gte=0.1) & Q(factor__lte=10), name="search_rule_factor"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")), name="search_rule_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.query}: {self.get_kind_display()}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the query as it is compared."""
        self.query_key = query_key(self.query)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
