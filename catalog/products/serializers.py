"""Products on the wire."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from catalog.money import Money
from catalog.search.query_rules import SORTS

_FACETS_MAX = 10
_FILTERS_MAX = 20  # each costs a search where nothing fits
_FILTER = "attribute:value, such as `skin_types:oily`; values of one attribute are alternatives, attributes add up."


@extend_schema_field(
    inline_serializer(
        "Amount",
        {
            "minor": serializers.IntegerField(help_text="Minor units (cents)."),
            "currency": serializers.CharField(),
            "text": serializers.CharField(help_text="As people read it: NT$1,080."),
        },
    )
)
class AmountField(serializers.Field[Money, Any, dict[str, Any], Any]):
    """An amount as data and as people read it."""

    def to_representation(self, value: Money) -> dict[str, Any]:
        """Return {minor, currency, text}."""
        return {"minor": value.minor, "currency": value.currency, "text": str(value)}


class VariantSerializer(serializers.Serializer[Any]):
    """A variant that can be put into a cart."""

    variant_id = serializers.IntegerField()
    sku = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field named label, not the label of this one
    price = AmountField(allow_null=True)
    was = AmountField(allow_null=True)
    available = serializers.IntegerField(allow_null=True, help_text="null: not counted.")
    in_stock = serializers.BooleanField()


class ProductSerializer(serializers.Serializer[Any]):
    """A product in one language and currency."""

    product_id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    brand = serializers.CharField()
    category = serializers.CharField()
    category_path = serializers.CharField()
    external_url = serializers.CharField(help_text="Where it is sold, when not here.")
    image_url = serializers.CharField()
    attributes = serializers.DictField()
    variants = VariantSerializer(many=True)
    price = AmountField(allow_null=True, help_text="The lowest of its variants; null: not for sale in this currency.")
    was = AmountField(allow_null=True)
    price_varies = serializers.BooleanField()
    stock = serializers.ChoiceField(choices=["in_stock", "few_left", "sold_out", "not_for_sale", "external"])
    left = serializers.IntegerField(allow_null=True)


class PriceRangeSerializer(serializers.Serializer[Any]):
    """Limits read from the words."""

    typed = serializers.CharField(help_text="The words; without them the limit is gone.")
    currency = serializers.CharField()
    minimum = serializers.IntegerField(allow_null=True, help_text="Minor units, inclusive.")
    maximum = serializers.IntegerField(allow_null=True)


class ExcludedSerializer(serializers.Serializer[Any]):
    """What products must not have."""

    typed = serializers.CharField()
    what = serializers.CharField()


class RecognisedSerializer(serializers.Serializer[Any]):
    """A part of the words that names something of the catalog."""

    typed = serializers.CharField()
    value = serializers.CharField(help_text="As `brand`, `category` or `filter` take it.")
    name = serializers.CharField(help_text="Of the attribute; empty for brands and categories.")


class MeasureRangeSerializer(serializers.Serializer[Any]):
    """Limits read from the words on what products measure."""

    typed = serializers.CharField()
    unit = serializers.CharField(help_text="kg, ml, l, mm, person, lm and so on.")
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)


class UnderstoodSerializer(serializers.Serializer[Any]):
    """How the words were read. Price and exclusions hold for every product; the rest raises what has it."""

    text = serializers.CharField()
    price = PriceRangeSerializer(allow_null=True)
    measures = MeasureRangeSerializer(many=True)
    excluded = ExcludedSerializer(many=True)
    brands = RecognisedSerializer(many=True)
    category = RecognisedSerializer(allow_null=True)
    attributes = RecognisedSerializer(many=True)


class RelaxedSerializer(serializers.Serializer[Any]):
    """A condition that was left out."""

    kind = serializers.ChoiceField(
        choices=["words", "in_stock", "price", "measure", "brand", "category", "creator", "attribute"]
    )
    name = serializers.CharField(help_text="Of the attribute, or the words that told the measure.")


class ProductPageSerializer(serializers.Serializer[Any]):
    """One page of a search."""

    products = ProductSerializer(many=True)
    total = serializers.IntegerField()
    facets = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="facet -> value -> products, each with every filter but the facet's own",
    )
    corrected = serializers.CharField(help_text="The words searched, when some were misspelt; `exact` undoes.")
    understood = UnderstoodSerializer()
    relaxed = RelaxedSerializer(many=True, help_text="What was left out (`relax`); empty: nothing was.")
    next = serializers.CharField(help_text="The `cursor` of the page after this one; empty: this is the last.")
    search_id = serializers.CharField(help_text="Send it as `search` when a product of this page is opened.")


class ProductListSerializer(serializers.Serializer[Any]):
    """Products, best first."""

    products = ProductSerializer(many=True)


class SuggestedProductSerializer(serializers.Serializer[Any]):
    """A product in a list of completions."""

    product_id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    image_url = serializers.CharField()
    price = AmountField(allow_null=True)
    price_varies = serializers.BooleanField()
    stock = serializers.CharField()


class CategoryNameSerializer(serializers.Serializer[Any]):
    """A category."""

    path = serializers.CharField()
    name = serializers.CharField()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Completions of what was typed, best first in each group."""

    products = SuggestedProductSerializer(many=True)
    categories = CategoryNameSerializer(many=True)
    brands = serializers.ListField(child=serializers.CharField())
    queries = serializers.ListField(child=serializers.CharField(), help_text="What many shoppers searched.")
    suggestions = serializers.ListField(child=serializers.CharField(), help_text="All of it as plain text.")


class LanguageQuerySerializer(serializers.Serializer[Any]):
    """What every product address takes."""

    language = serializers.ChoiceField(choices=["en", "zh-hant", "zh-hans"], required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="Left out: the shop's for the language.")


class ProductQuerySerializer(LanguageQuerySerializer):
    """What the address of one product takes."""

    search = serializers.UUIDField(
        required=False, help_text="`search_id` of the page it was chosen from: teaches the shop what shoppers look for."
    )


class SearchQuerySerializer(LanguageQuerySerializer):
    """The search parameters of the product list."""

    q = serializers.CharField(required=False, allow_blank=True, max_length=1_000, default="")
    category = serializers.CharField(required=False, max_length=300, default="", help_text="A path: skincare/serum.")
    brand = serializers.ListField(
        child=serializers.CharField(max_length=120), required=False, default=list, max_length=_FILTERS_MAX
    )
    filter = serializers.ListField(
        child=serializers.RegexField(r"^[^:]{1,80}:.{1,200}$"),
        required=False,
        default=list,
        max_length=_FILTERS_MAX,
        help_text=_FILTER,
    )
    price_min = serializers.IntegerField(required=False, min_value=0, help_text="Minor units, inclusive.")
    price_max = serializers.IntegerField(required=False, min_value=0, help_text="Minor units, inclusive.")
    in_stock = serializers.BooleanField(required=False, default=False)
    creator = serializers.SlugField(required=False, help_text="Only what stands on this creator's shelf.")
    facet = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        default=list,
        max_length=_FACETS_MAX,
        help_text="category, brand, price, in_stock or an attribute.",
    )
    sort = serializers.ChoiceField(choices=SORTS, required=False, default="relevance")
    exact = serializers.BooleanField(
        required=False, default=False, help_text="Look for the words as they are written, misspelt or not."
    )
    relax = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Where nothing fits, leave out as little as finds something; `relaxed` says what.",
    )
    cursor = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=8_000, help_text="`next` of the page before."
    )
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1_000)
    page_size = serializers.IntegerField(
        required=False, default=20, min_value=1, max_value=settings.SEARCH_PAGE_SIZE_MAX
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a price range that holds nothing."""
        low, high = attrs.get("price_min"), attrs.get("price_max")
        if low is not None and high is not None and high < low:
            raise serializers.ValidationError({"price_max": f"{high} is below price_min {low}; raise it."})
        return attrs


class SuggestionQuerySerializer(LanguageQuerySerializer):
    """What was typed so far."""

    q = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    limit = serializers.IntegerField(required=False, default=5, min_value=1, max_value=20)


class ListQuerySerializer(LanguageQuerySerializer):
    """How many products to list."""

    limit = serializers.IntegerField(required=False, default=6, min_value=1, max_value=20)
