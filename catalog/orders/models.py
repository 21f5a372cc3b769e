"""Carts, orders, what was paid and what was sent."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import Creator, MerchantOwned, Shopper, currency_code
from catalog.money import Money
from catalog.orders.appointment_models import Appointment as Appointment
from catalog.orders.delivery_models import DeliveryMethod as DeliveryMethod
from catalog.orders.digital_models import DigitalFile as DigitalFile
from catalog.orders.ledger_models import LedgerEntry as LedgerEntry
from catalog.orders.ledger_models import LedgerKind as LedgerKind
from catalog.orders.ledger_models import PaymentMethod as PaymentMethod
from catalog.orders.ledger_models import PaymentMethodKind as PaymentMethodKind
from catalog.orders.message_models import OrderMessage as OrderMessage
from catalog.orders.promotion_models import Promotion as Promotion
from catalog.orders.reminder_models import CartReminder as CartReminder
from catalog.orders.request_models import OrderRequest as OrderRequest
from catalog.orders.request_models import RefundApproval as RefundApproval
from catalog.orders.request_models import RequestLine as RequestLine
from catalog.orders.return_models import ReturnLabel as ReturnLabel
from catalog.orders.tax_models import TaxRate as TaxRate
from catalog.orders.together_models import BoughtTogether as BoughtTogether
from catalog.orders.waitlist_models import WaitlistEntry as WaitlistEntry  # Django finds models here
from catalog.products.models import Variant


class Cart(MerchantOwned):
    """What a shopper is about to buy; one open cart per shopper and merchant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="carts", verbose_name=_("shopper"))
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    creator = models.ForeignKey(Creator, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("creator"))
    source_ref = models.CharField(_("from"), max_length=120, blank=True)  # "conversation:<uuid>", "page:<slug>"
    version = models.PositiveIntegerField(_("version"), default=1)  # raised by every change
    codes = models.JSONField(_("codes"), default=list, blank=True)  # promotion codes as entered, folded
    delivery_code = models.CharField(_("delivery method"), max_length=50, blank=True)  # as chosen; empty = the first
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "shopper"], condition=Q(is_open=True), name="cart_one_open")
        ]

    def __str__(self) -> str:
        return str(_("Cart %(id)s") % {"id": str(self.id)[:8]})


class CartLine(MerchantOwned):
    """A variant and how many; prices are read from the offer whenever the cart is shown."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines", verbose_name=_("cart"))
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, verbose_name=_("variant"))
    quantity = models.PositiveIntegerField(_("quantity"))
    link_id = models.CharField(_("tracked link"), max_length=24, blank=True)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"


class AddressFields(models.Model):
    """Where to deliver."""

    recipient = models.CharField(_("recipient"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    line1 = models.CharField(_("address"), max_length=200)
    line2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100)
    state = models.CharField(_("county or state"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=3, default="TW")

    class Meta:
        abstract = True


class ShopperAddress(MerchantOwned, AddressFields):
    """The address a shopper gave last; offered again at the next checkout."""

    shopper = models.OneToOneField(Shopper, on_delete=models.CASCADE, related_name="address", verbose_name=_("shopper"))

    class Meta:
        verbose_name = _("shopper's address")
        verbose_name_plural = _("shoppers' addresses")

    def __str__(self) -> str:
        return f"{self.recipient}, {self.city}"


class OrderState(models.TextChoices):
    """Where an order stands; the moves between them are data in `states.py`."""

    AWAITING_PAYMENT = "awaiting_payment", _("Waiting for payment")
    PAID = "paid", _("Paid")
    PAID_MODIFIED = "paid_modified", _("Paid, items changed")
    PROCESSED = "processed", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    RETURN_REQUESTED = "return_requested", _("Return requested")
    RETURNED = "returned", _("Returned")
    EXCHANGE_REQUESTED = "exchange_requested", _("Exchange requested")
    EXCHANGED = "exchanged", _("Exchanged")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Not paid in time")


class Order(MerchantOwned):
    """A placed order. Its lines, address and totals are copies made when it was placed."""

    number = models.CharField(_("number"), max_length=24)  # what people say: 1042
    reference = models.UUIDField(_("reference"), default=uuid.uuid4, unique=True, editable=False)
    shopper = models.ForeignKey(Shopper, on_delete=models.PROTECT, related_name="orders", verbose_name=_("shopper"))
    cart = models.OneToOneField(Cart, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("cart"))
    creator = models.ForeignKey(Creator, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("creator"))
    source_ref = models.CharField(_("from"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=OrderState.choices, default=OrderState.AWAITING_PAYMENT)
    version = models.PositiveIntegerField(_("version"), default=1)
    is_test = models.BooleanField(_("test"), default=False)
    language = models.CharField(_("language"), max_length=8, default="en")
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    subtotal_minor = models.BigIntegerField(_("goods"))
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    delivery_minor = models.BigIntegerField(_("delivery"), default=0)
    tax_minor = models.BigIntegerField(_("tax"), default=0)
    total_minor = models.BigIntegerField(_("total"))
    # Of what the ledger has booked: not collected yet. Raised with the booking, lowered by `payments`.
    owed_minor = models.BigIntegerField(_("still owed"), default=0)
    # What was in the prices already; `tax_minor` came on top.
    tax_included_minor = models.BigIntegerField(_("tax in the prices"), default=0)
    discounts = models.JSONField(_("discounts"), default=list, blank=True)  # [{name, code, minor, is_on_delivery}]
    taxes = models.JSONField(_("taxes"), default=list, blank=True)  # [{name, percent, is_included, minor}]
    delivery_code = models.CharField(_("delivery method"), max_length=50, blank=True)
    delivery_name = models.CharField(_("delivery method"), max_length=120, blank=True)
    cancel_reason = models.CharField(_("reason of cancellation"), max_length=80, blank=True)
    placed_at = models.DateTimeField(_("placed"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    reserved_until = models.DateTimeField(_("stock held until"), null=True, blank=True)
    # Units of its lines are counted in Stock.reserved; cleared by the one statement that gives them back.
    holds_stock = models.BooleanField(_("holds stock"), default=False, editable=False)
    # A checkout may be open at the payment provider: only `payments` may then let the order expire.
    checkout_open = models.BooleanField(_("checkout open"), default=False, editable=False)
    # The cardholder asked the bank for the money: nothing is sent until `payments` clears it.
    is_disputed = models.BooleanField(_("disputed"), default=False, editable=False)
    # Set by importers of past orders.
    external_id = models.CharField(_("external id"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="order_number_once"),
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="order_total_not_negative"),
            models.UniqueConstraint(
                fields=["merchant", "external_id"], condition=~Q(external_id=""), name="order_external_once"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "state", "-placed_at"], name="order_state_placed"),
            models.Index(fields=["reserved_until"], condition=Q(state="awaiting_payment"), name="order_waiting_until"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def total(self) -> Money:
        """What the shopper pays."""
        return Money(self.total_minor, self.currency)


class OrderCounter(MerchantOwned):
    """The order number a merchant gave last."""

    last = models.PositiveBigIntegerField(_("last number"), default=1000)

    class Meta:
        verbose_name = _("order counter")
        verbose_name_plural = _("order counters")
        constraints = [models.UniqueConstraint(fields=["merchant"], name="order_counter_once")]

    def __str__(self) -> str:
        return str(self.last)


class OrderLine(MerchantOwned):
    """What was bought, at the price and under the title of that moment."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", verbose_name=_("order"))
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, verbose_name=_("variant"))
    product_id = models.BigIntegerField(_("product"), null=True)
    title = models.CharField(_("title"), max_length=300)
    sku = models.CharField(_("SKU"), max_length=120)
    options = models.JSONField(_("options"), default=dict, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_minor = models.BigIntegerField(_("price each"))
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    discounts = models.JSONField(_("discounts"), default=list, blank=True)  # [{name, code, minor}]
    list_minor = models.BigIntegerField(_("price without live price"), null=True, blank=True)
    tax_minor = models.BigIntegerField(_("tax on top"), default=0)
    taxes = models.JSONField(_("taxes"), default=list, blank=True)  # [{name, percent, is_included, minor}]
    link_id = models.CharField(_("tracked link"), max_length=24, blank=True)
    # Its units are part of what the order holds; those of an imported order were counted where it comes from.
    is_counted = models.BooleanField(_("counted in stock"), default=True, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)  # a line that is split stays in its place

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_minor__gte=0), name="order_line_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def total_minor(self) -> int:
        """Price times quantity less discount, in minor units, without tax on top."""
        return self.unit_minor * self.quantity - self.discount_minor

    @property
    def paid_minor(self) -> int:
        """What the shopper paid for this line: its total and the tax on top of it, in minor units."""
        return self.total_minor + self.tax_minor


class OrderAddress(MerchantOwned, AddressFields):
    """Where this order goes."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="address", verbose_name=_("order"))

    class Meta:
        verbose_name = _("delivery address")
        verbose_name_plural = _("delivery addresses")

    def __str__(self) -> str:
        return f"{self.recipient}, {self.line1}, {self.city}"


class Fulfillment(MerchantOwned):
    """A parcel: which lines, with which tracking numbers."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="fulfillments", verbose_name=_("order"))
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_numbers = models.JSONField(_("tracking numbers"), default=list, blank=True)
    line_ids = models.JSONField(_("lines"), default=list, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")

    def __str__(self) -> str:
        return ", ".join(self.tracking_numbers) or str(self.pk)
