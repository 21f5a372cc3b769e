"""Amounts in admin forms: written as people write them, kept as minor units of the row's currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_theme import DecimalInput
from catalog.money import Money, decimals_of


class AmountField(forms.DecimalField):
    """An amount in major units, not negative; the form turns it into minor units."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_digits": 14, "widget": DecimalInput(), **options})


class AmountsForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose `amounts` are fields of minor units shown as major units; it has a field `currency`."""

    amounts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.row_currency()
        for name in self.amounts:
            minor = self.initial.get(name)
            if isinstance(minor, int) and currency:
                places = decimals_of(currency)
                self.initial[name] = round(Money(minor, currency).decimal, places)

    def row_currency(self) -> str:
        """Return the currency the row has now; empty for a new one."""
        return str(getattr(self.instance, "currency", "") or "")

    def clean(self) -> dict[str, Any]:
        """Turn the amounts into minor units; refuse amounts without a currency, or that nobody could be charged."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        currency = given.get("currency") or self.row_currency()
        for name in self.amounts:
            value = given.get(name)
            if not isinstance(value, Decimal):
                continue
            if not currency:
                self.add_error(name, _("Say in which currency, in the field Currency."))
                continue
            money = Money.parse(str(value), currency)
            if money.decimal != value or money.chargeable != money:
                example = {"amount": money.chargeable}
                self.add_error(name, _("This cannot be charged in that currency; write %(amount)s.") % example)
            given[name] = money.minor
        return given
