"""The attribute graph a merchant can edit: what an attribute's value treats, suits, conflicts with and contains."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned


class RelationKind(models.TextChoices):
    """What one value means to another."""

    TREATS = "treats", _("treats")
    SUITS = "suits", _("suits")
    CONFLICTS = "conflicts", _("must not be combined with")
    CONTAINS = "contains", _("contains")


class Attribute(MerchantOwned):
    """One value of an attribute, as products state it: key_ingredients, retinal."""

    vertical = models.SlugField(_("line of trade"), max_length=40, blank=True, help_text=_("Such as skincare."))
    name = models.CharField(
        _("attribute"), max_length=60, help_text=_("As products state it, such as key_ingredients.")
    )
    value = models.CharField(_("value"), max_length=120)

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        ordering = ["name", "value"]
        constraints = [models.UniqueConstraint(fields=["merchant", "name", "value"], name="attribute_value_once")]

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


class Relation(MerchantOwned):
    """That one value treats, suits, conflicts with or contains another, and where that is known from."""

    subject = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="says", verbose_name=_("value"))
    kind = models.CharField(_("relation"), max_length=10, choices=RelationKind.choices)
    object = models.ForeignKey(
        Attribute, on_delete=models.CASCADE, related_name="is_said", verbose_name=_("other value")
    )
    source = models.CharField(_("source"), max_length=300, help_text=_("Where this is known from."))
    is_active = models.BooleanField(
        _("holds"), default=True, help_text=_("Off: this does not hold here, although it ships with the program.")
    )

    class Meta:
        verbose_name = _("relation of attributes")
        verbose_name_plural = _("relations of attributes")
        ordering = ["subject__name", "subject__value", "kind", "object__value", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "subject", "kind", "object"], name="relation_once"),
            models.CheckConstraint(condition=~Q(subject=F("object")), name="relation_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_kind_display()} {self.object}"
