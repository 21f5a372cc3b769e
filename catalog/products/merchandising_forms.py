"""Forms of the admin for search rules and synonyms: refused at the field, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import WordsField
from catalog.accounts.models import Merchant
from catalog.products.explaining import Draft
from catalog.products.merchandising_models import QUERY_MAX, RuleKind, SearchRule, Synonym
from catalog.products.models import Product
from catalog.products.rule_checks import FACTOR_MAX, FACTOR_MIN, RuleRefused, WantedRule, check_rule
from catalog.products.synonyms import SynonymRefused, checked_words


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A rule for one query; what its kind does not need may stay as it is."""

    class Meta:
        model = SearchRule
        fields = ("merchant", "query", "product", "kind", "place", "factor", "starts_at", "ends_at")

    def clean(self) -> dict[str, Any]:
        """Refuse what could not hold."""
        given: dict[str, Any] = super().clean() or {}
        if self.errors or not given.get("product"):
            return given
        names = ("query", "product", "kind", "place", "factor", "starts_at", "ends_at")
        wanted: dict[str, Any] = {name: given.get(name) for name in names}
        try:
            check_rule(WantedRule(**wanted, rule_id=self.instance.pk))
        except RuleRefused as refusal:
            self.add_error(refusal.field, str(refusal))
        return given


class SynonymForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Words with commas between them."""

    words = WordsField(
        label=_("words"),
        required=True,
        help_text=_("With commas between them: sunscreen, sunblock, 防曬. Any case, any Chinese script."),
    )

    class Meta:
        model = Synonym
        fields = ("merchant", "words", "is_one_way", "is_active")

    def clean_words(self) -> list[str]:
        """Keep each word once; refuse what could not stand for anything."""
        try:
            return checked_words(self.cleaned_data["words"])
        except SynonymRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None


class PreviewForm:
    """A rule as far as it is written; what cannot be read is left out, for the page shows what it can."""

    def __init__(self, given: QueryDict) -> None:
        self.query = given.get("query", "").strip()[:QUERY_MAX]
        self._shop = given.get("shop", "")
        self._product = _number(given.get("product", ""))
        self.draft = self._draft(given)

    def merchant(self, merchants: Sequence[Merchant]) -> Merchant | None:
        """Return whose shoppers are meant: the product's shop, else the one named, else the first."""
        owner = Product.objects.filter(pk=self._product or 0).values_list("merchant_id", flat=True).first()
        named = [each for each in merchants if each.pk == owner or each.slug == self._shop]
        return next(iter([*named, *merchants]), None)

    def _draft(self, given: QueryDict) -> Draft | None:
        kind = given.get("kind", "")
        factor = _decimal(given.get("factor", ""))
        if self._product is None or kind not in RuleKind.values:
            return None
        if kind == RuleKind.BOOST and not (factor is not None and FACTOR_MIN <= factor <= FACTOR_MAX):
            return None
        return Draft(
            kind,
            self._product,
            place=_number(given.get("place", "")) or 1,
            factor=factor or 1.0,
            replaces=_number(given.get("rule", "")),
        )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 18 else None


def _decimal(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
