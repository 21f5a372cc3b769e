"""Carts and orders on the wire."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from catalog.money import Money

_AMOUNT = {
    "type": "object",
    "properties": {"minor": {"type": "integer"}, "currency": {"type": "string"}, "text": {"type": "string"}},
    "required": ["minor", "currency", "text"],
}


@extend_schema_field(_AMOUNT)
class MoneyField(serializers.Field[Money, Any, dict[str, Any], Any]):
    """An amount as data and as people read it."""

    def to_representation(self, value: Money) -> dict[str, Any]:
        """Return {minor, currency, text}."""
        return {"minor": value.minor, "currency": value.currency, "text": str(value)}


class TotalsSerializer(serializers.Serializer[Any]):
    """What it comes to."""

    subtotal = MoneyField()
    discount = MoneyField()
    delivery = MoneyField()
    tax = MoneyField()
    total = MoneyField()


class SlotSerializer(serializers.Serializer[Any]):
    """When a service is: on the shop's clock in words, and as moments."""

    when = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    with_whom = serializers.CharField()
    is_cancelled = serializers.BooleanField()
    changes_until = serializers.DateTimeField(
        allow_null=True, help_text="The last moment to move or cancel it; null when that is over."
    )


@extend_schema_serializer(component_name="OrderDownload")  # a card in the conversation has a Download of its own
class DownloadSerializer(serializers.Serializer[Any]):
    """A file of a paid order; `path` is a signed link that expires."""

    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    left = serializers.IntegerField(help_text="How often it can still be fetched.")
    is_revoked = serializers.BooleanField()
    path = serializers.CharField()


class LineSerializer(serializers.Serializer[Any]):
    """A line of a cart or an order."""

    variant_id = serializers.IntegerField(allow_null=True)
    product_id = serializers.IntegerField(allow_null=True)
    slug = serializers.CharField()
    title = serializers.CharField()
    option = serializers.CharField()
    image_url = serializers.CharField()
    quantity = serializers.IntegerField()
    unit = MoneyField(allow_null=True)
    total = MoneyField(allow_null=True)
    available = serializers.IntegerField(allow_null=True)
    in_stock = serializers.BooleanField()
    problem = serializers.CharField()
    slot = SlotSerializer(allow_null=True)


class AddressSerializer(serializers.Serializer[Any]):
    """A delivery address; which fields a country needs is checked by the service."""

    recipient = serializers.CharField(max_length=120)
    phone = serializers.CharField(max_length=40, allow_blank=True, required=False)
    line1 = serializers.CharField(max_length=200)
    line2 = serializers.CharField(max_length=200, allow_blank=True, required=False)
    city = serializers.CharField(max_length=100)
    state = serializers.CharField(max_length=100, allow_blank=True, required=False)
    postal_code = serializers.CharField(max_length=20, allow_blank=True, required=False)
    country = serializers.CharField(max_length=3, help_text="ISO 3166, such as TW or US.")


@extend_schema_serializer(component_name="CartNamedAmount")  # a card in the conversation has a NamedAmount of its own
class NamedAmountSerializer(serializers.Serializer[Any]):
    """A discount or a tax by name."""

    def to_representation(self, instance: tuple[Any, ...]) -> dict[str, Any]:
        """Return {name, amount, is_included}; discounts are never included."""
        name, amount, *rest = instance
        shown = {"minor": amount.minor, "currency": amount.currency, "text": str(amount)}
        return {"name": name, "amount": shown, "is_included": bool(rest and rest[0])}

    name = serializers.CharField()
    amount = MoneyField()
    is_included = serializers.BooleanField(help_text="A tax that the prices include already.")


class CodeSerializer(serializers.Serializer[Any]):
    """A promotion code in the cart."""

    code = serializers.CharField()
    refusal = serializers.CharField(help_text="Why it takes nothing off, and what to do; empty when it does.")


class DeliveryChoiceSerializer(serializers.Serializer[Any]):
    """A delivery method that may be chosen."""

    code = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField()
    days = serializers.CharField()
    fee = MoneyField()
    is_chosen = serializers.BooleanField()


class NewCodeSerializer(serializers.Serializer[Any]):
    """A promotion code as the shopper wrote it."""

    code = serializers.CharField(max_length=settings.CODE_CHARS_MAX)


class ChosenDeliverySerializer(serializers.Serializer[Any]):
    """The delivery method that was chosen."""

    delivery = serializers.CharField(max_length=50)


class CartSerializer(serializers.Serializer[Any]):
    """The open cart with today's prices."""

    cart_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(help_text="Send it with the checkout: another version is refused.")
    currency = serializers.CharField()
    count = serializers.IntegerField()
    lines = LineSerializer(many=True)
    totals = TotalsSerializer()
    delivery_name = serializers.CharField()
    address = AddressSerializer(allow_null=True)
    needs_address = serializers.BooleanField()
    problems = serializers.ListField(child=serializers.CharField())
    discounts = NamedAmountSerializer(many=True)
    taxes = NamedAmountSerializer(many=True)
    codes = CodeSerializer(many=True)
    deliveries = DeliveryChoiceSerializer(many=True)
    is_ready = serializers.BooleanField()


class StepSerializer(serializers.Serializer[Any]):
    """A stage of an order and whether it is done, now or later."""

    def to_representation(self, instance: tuple[str, str]) -> dict[str, str]:
        """Return {name, state}."""
        return {"name": instance[0], "state": instance[1]}

    name = serializers.CharField()
    state = serializers.ChoiceField(["done", "now", "later"])


class OrderSerializer(serializers.Serializer[Any]):
    """An order as its shopper sees it."""

    number = serializers.CharField()
    reference = serializers.UUIDField()
    state = serializers.CharField()
    state_text = serializers.CharField()
    placed_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    lines = LineSerializer(many=True)
    totals = TotalsSerializer()
    delivery_name = serializers.CharField()
    address = AddressSerializer(allow_null=True)
    steps = StepSerializer(many=True)
    tracking = serializers.ListField(child=serializers.CharField())
    cancel_reason = serializers.CharField()
    is_test = serializers.BooleanField()
    can_pay = serializers.BooleanField()
    can_cancel = serializers.BooleanField()
    downloads = DownloadSerializer(many=True)


class NewLineSerializer(serializers.Serializer[Any]):
    """A variant to put into the cart."""

    variant = serializers.IntegerField(min_value=1)
    quantity = serializers.IntegerField(min_value=1, max_value=settings.CART_QUANTITY_MAX, default=1)
    creator = serializers.SlugField(required=False, help_text="Whose double or shelf it came from.")
    source_ref = serializers.CharField(max_length=120, required=False, default="")
    link_id = serializers.CharField(max_length=24, required=False, default="")
    starts_at = serializers.DateTimeField(
        required=False, default=None, allow_null=True, help_text="Of a service: one of its free times."
    )


class QuantitySerializer(serializers.Serializer[Any]):
    """How many there shall be."""

    quantity = serializers.IntegerField(min_value=0, max_value=settings.CART_QUANTITY_MAX)


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong: a code for machines, a sentence with the remedy, and mistakes by field."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(child=serializers.CharField(), required=False)  # type: ignore[assignment]
