"""The steps of the funnel, in order."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Step(models.TextChoices):
    """What a shopper did; the first seven are the funnel, in order, the others stand beside it."""

    CONTENT_VIEWED = "content_viewed", _("Viewed content")
    ENQUIRY_SENT = "enquiry_sent", _("Asked")
    PRODUCT_SHOWN = "product_shown", _("Shown a product")
    PRODUCT_CLICKED = "product_clicked", _("Clicked")
    CART_ADDED = "cart_added", _("Added to cart")
    CHECKOUT_STARTED = "checkout_started", _("Started checkout")
    ORDER_PAID = "order_paid", _("Paid")
    ORDER_REFUNDED = "order_refunded", _("Refunded")
    HANDED_OFF = "handed_off", _("Handed to a person")


FUNNEL: tuple[Step, ...] = tuple(Step)[:7]
