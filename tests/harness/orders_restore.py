"""A customer's rows put back as they were before a committed run, whatever the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.harness.orders_cases import Shop

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


@contextmanager
def restored(shop: Shop, customer: str) -> Iterator[None]:
    """Keep the rows of a customer and of all stock, and write them back afterwards."""
    shopper_id = shop.store.shoppers[customer]
    kept = [(rows, list(rows)) for rows in _rows_of(shopper_id)]
    try:
        yield
    finally:
        _write_back(shopper_id, kept)


def _rows_of(shopper_id: Any) -> list[QuerySet[Any]]:
    from catalog.orders.models import (
        LedgerEntry,
        Order,
        OrderAddress,
        OrderLine,
        PaymentMethod,
        ShopperAddress,
    )
    from catalog.products.models import Stock

    return [
        Order.objects.filter(shopper_id=shopper_id).order_by("pk"),
        PaymentMethod.objects.filter(shopper_id=shopper_id).order_by("pk"),
        ShopperAddress.objects.filter(shopper_id=shopper_id),
        OrderAddress.objects.filter(order__shopper_id=shopper_id),
        OrderLine.objects.filter(order__shopper_id=shopper_id).order_by("pk"),
        LedgerEntry.objects.filter(order__shopper_id=shopper_id).order_by("pk"),
        Stock.objects.exclude(reserved=0),
    ]


def _write_back(shopper_id: Any, kept: list[tuple[QuerySet[Any], list[Model]]]) -> None:
    """Delete what came, write every kept row with its own values."""
    from django.db import transaction

    from catalog.confirmations.models import PendingAction
    from catalog.orders.models import LedgerEntry, OrderLine, OrderRequest
    from catalog.outbox.models import OutboxMessage
    from catalog.products.models import Stock
    from conversations.chat.models import Conversation

    with transaction.atomic():
        OrderRequest.objects.filter(order__shopper_id=shopper_id).delete()
        PendingAction.objects.filter(shopper_id=shopper_id).delete()
        Conversation.objects.filter(shopper_id=shopper_id).delete()
        OutboxMessage.objects.all().delete()
        for model, rows in ((LedgerEntry, kept[5][1]), (OrderLine, kept[4][1])):
            mine = model.objects.filter(order__shopper_id=shopper_id)
            mine.exclude(pk__in=[row.pk for row in rows]).delete()
        Stock.objects.exclude(reserved=0).update(reserved=0)
        for _query, rows in kept:
            for row in rows:
                fields = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
                values = {name: getattr(row, name) for name in fields}
                type(row).objects.filter(pk=row.pk).update(**values)
