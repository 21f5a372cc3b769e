"""Forms of the product pages: texts by language, prices as people write them, stock beside its variant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import ByLanguageField, WordsField
from catalog.accounts.admin_theme import DecimalInput, IntegerInput, TextArea
from catalog.money import Money, decimals_of
from catalog.products.models import Category, Media, Offer, Product, Shelf, Stock, Variant


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """A product's texts and facts."""

    titles = ByLanguageField(label=_("Titles"), help_text=_("Where empty, the title above is shown."))
    descriptions = ByLanguageField(label=_("Descriptions"), rows=4)
    tags = WordsField(label=_("Tags"), help_text=_("Written with commas."))
    attributes = forms.JSONField(
        label=_("Attributes"),
        required=False,
        widget=TextArea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_('Facts the double matches by, such as {"skin_types": ["oily"], "spf": 30}.'),
    )

    class Meta:
        model = Product
        fields = "__all__"  # noqa: DJ007 (the admin class names the fields)

    def clean_attributes(self) -> dict[str, Any]:
        """Refuse anything but {name: text, number, yes/no or list of texts}."""
        facts = self.cleaned_data["attributes"] or {}
        plain = (str, int, float, bool)
        if not isinstance(facts, dict) or not all(
            isinstance(value, plain) or (isinstance(value, list) and all(isinstance(item, plain) for item in value))
            for value in facts.values()
        ):
            raise ValidationError(_('Attributes: write {"name": "text"}; a value is text, a number, true or a list.'))
        return facts


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]
    """A variant with its price in the shop's currency and its stock."""

    options = forms.JSONField(
        label=_("Options"), required=False, widget=TextArea(attrs={"rows": 1, "spellcheck": "false"})
    )
    price = forms.DecimalField(label=_("Price"), required=False, min_value=0, max_digits=12, widget=DecimalInput())
    was = forms.DecimalField(label=_("Was"), required=False, min_value=0, max_digits=12, widget=DecimalInput())
    on_hand = forms.IntegerField(
        label=_("In stock"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
        widget=IntegerInput(),
        help_text=_("Empty = not counted."),
    )

    class Meta:
        model = Variant
        fields = ("sku", "options", "barcode", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variant: Variant = self.instance
        if self.instance.pk is not None:
            self._fill(variant)

    def _fill(self, variant: Variant) -> None:
        """Show the price and the stock that stand beside the variant."""
        currency = variant.product.merchant.currency
        offer: Offer | None = next((row for row in variant.offers.all() if row.currency == currency), None)
        places = decimals_of(currency)
        if offer:
            self.initial["price"] = round(offer.price.decimal, places)
            was = offer.compare_at_minor
            self.initial["was"] = None if was is None else round(Money(was, currency).decimal, places)
        stock: Stock | None = getattr(variant, "stock", None)
        self.initial["on_hand"] = stock.on_hand if stock and stock.is_tracked else None

    def clean_on_hand(self) -> int | None:
        """Refuse fewer units than open orders hold."""
        on_hand: int | None = self.cleaned_data["on_hand"]
        stock: Stock | None = getattr(self.instance, "stock", None) if self.instance.pk else None
        if on_hand is not None and stock is not None and on_hand < stock.reserved:
            raise ValidationError(
                _("Open orders hold %(count)s units; cancel those first.") % {"count": stock.reserved}
            )
        return on_hand

    def clean_options(self) -> dict[str, str]:
        """Refuse anything but {name: text}."""
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
            raise ValidationError(_('Options: write {"Size": "30 ml"}.'))
        return options


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A category's names."""

    names = ByLanguageField(label=_("Names"))

    class Meta:
        model = Category
        fields = ("names", "slug", "parent", "merchant")


class MediaForm(forms.ModelForm):  # type: ignore[type-arg]
    """A picture by address."""

    alt_texts = ByLanguageField(label=_("Description"))

    class Meta:
        model = Media
        fields = ("url", "alt_texts", "position")


class ShelfForm(forms.ModelForm):  # type: ignore[type-arg]
    """A place on a creator's shelf."""

    notes = ByLanguageField(label=_("In the creator's words"), rows=2)

    class Meta:
        model = Shelf
        fields = ("creator", "product", "position", "notes", "merchant")
