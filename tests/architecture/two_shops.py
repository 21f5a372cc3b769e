"""Two shops: one whose people try every door, and one with a row of everything behind those doors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from catalog.accounts.models import AuditEntry, Brand, Consent, Creator, Membership, Merchant, Role, Shopper
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.confirmations.models import PendingAction, ToolCallLog
from catalog.orders.appointment_models import Appointment, Resource, Service, SpecialDays
from catalog.orders.digital_models import DigitalFile, DownloadGrant
from catalog.orders.models import (
    Cart,
    CartReminder,
    LedgerEntry,
    Order,
    OrderLine,
    OrderMessage,
    OrderRequest,
    Promotion,
    RefundApproval,
    ReturnLabel,
    TaxRate,
    WaitlistEntry,
)
from catalog.outbox.models import OutboxMessage, ScheduledRun
from catalog.payments.models import Collection, Dispute, Payment, RefundRequest, WebhookEvent
from catalog.products.live_price_models import LivePrice, PriceFloor
from catalog.products.models import Category, ImportRun, SearchRule, Shelf, Synonym
from catalog.products.search_log_models import ClickPrior, ProductPopularity, SearchClick, SearchLog
from conversations.chat.models import Conversation, Handoff
from conversations.funnel.models import ProductLink
from conversations.live.models import LiveRoom
from conversations.personas.models import KnowledgeDocument, Persona
from tests.factories import (
    make_content,
    make_creator,
    make_delivery,
    make_event,
    make_merchant,
    make_shopper,
    make_variant,
)

STAFF = (Role.ANALYST, Role.AGENT, Role.EDITOR, Role.CREATOR, Role.OWNER)
ACTORS = ("anonymous", "shopper", *STAFF)


@dataclass
class Shop:
    """A merchant with one row of every table, by `app_model`."""

    merchant: Merchant
    creator: Creator
    shopper: Shopper
    rows: dict[str, Model] = field(default_factory=dict)

    def add(self, *rows: Model) -> None:
        """Remember rows by their table."""
        for row in rows:
            self.rows[f"{row._meta.app_label}_{row._meta.model_name}"] = row


def full_shop(merchant: Merchant) -> Shop:
    """Fill a shop."""
    with merchant_scope(merchant):
        creator, shopper = make_creator(merchant, slug="lena"), make_shopper(merchant)
        shop = Shop(merchant, creator, shopper)
        own: dict[str, Any] = {"merchant": merchant}
        talk = Conversation.objects.create(**own, creator=creator, shopper=shopper, surface="direct", currency="TWD")
        _shop_rows(shop, own)
        _search_rows(shop, own)
        _order_rows(shop, own)
        _money_rows(shop, own)
        _rows_not_sent(shop, own)
        shop.add(
            merchant,
            creator,
            shopper,
            talk,
            Handoff.objects.create(**own, conversation=talk, reason="asked"),
            Persona.objects.create(**own, creator=creator, version=1),
            KnowledgeDocument.objects.create(**own, kind="policy", slug="returns"),
            LiveRoom.objects.create(**own, creator=creator, slug="friday"),
            *_reminded(shop, own),
            AuditEntry.objects.create(**own, actor=None, action="add", subject="x"),
            make_event(merchant, creator_id=creator.pk),
            ProductLink.objects.create(
                **own, product_id=1, creator_id=creator.pk, shopper_id=shopper.pk, surface="direct"
            ),
        )
        shop.add(*_rows_of_the_platform(merchant))
    return shop


def _reminded(shop: Shop, own: dict[str, Any]) -> list[Model]:
    """A shopper agreed to be reminded of a cart, and was."""
    consent = Consent.objects.create(**own, shopper=shop.shopper, kind="cart_reminders", wording="Yes.")
    cart = Cart.objects.get(pk=shop.rows["orders_cart"].pk)
    reminder = CartReminder.objects.create(**own, cart=cart, number=1, consent=consent, recipient="a@example.com")
    return [consent, reminder]


def _search_rows(shop: Shop, own: dict[str, Any]) -> None:
    product: Any = shop.rows["products_product"]
    now, key = timezone.now(), {"query_key": "tent", "product_id": product.pk}
    log = SearchLog.objects.create(
        **own, occurred_at=now, query="tent", query_key="tent", language="en", engine="x", total=1, took_ms=1,
        surface="shop", shown=[product.pk],
    )  # fmt: skip
    shop.add(
        SearchRule.objects.create(**own, query="tent", product=product, kind="pin"),
        Synonym.objects.create(**own, words=["tent", "bivouac"]),
        log,
        SearchClick.objects.create(**own, **key, search_id=log.pk, place=1, occurred_at=now),
        ProductPopularity.objects.create(**own, product=product, value=0.5, computed_at=now),
        ClickPrior.objects.create(**own, **key, value=0.5, impressions=1, clicks=1, computed_at=now),
    )


def _shop_rows(shop: Shop, own: dict[str, Any]) -> None:
    variant = make_variant(shop.merchant, product={"slug": "tent", "title": "Tent"}, sku="TENT")
    shop.add(
        variant.product,
        variant,
        Category.objects.create(**own, slug="tents", path="tents", names={"en": "Tents"}),
        Brand.objects.create(**own, slug="acme", name="Acme"),
        Shelf.objects.create(**own, creator=shop.creator, product=variant.product),
        make_content(shop.creator, slug="ridge-walk"),
        ImportRun.objects.create(**own, file_name="x.csv", format="jsonl", state="done"),
        make_delivery(shop.merchant),
        TaxRate.objects.create(**own, names={"en": "VAT"}, country="TW", percent=5),
        Promotion.objects.create(**own, names={"en": "Spring"}, code="SPRING", percent=10),
        PriceFloor.objects.create(**own, product=variant.product, currency="TWD", amount_minor=1),
        LivePrice.objects.create(
            **own,
            variant=variant,
            currency="TWD",
            amount_minor=1,
            starts_at=timezone.now(),
            ends_at=timezone.now() + timedelta(hours=1),
        ),
    )


def _order_rows(shop: Shop, own: dict[str, Any]) -> None:
    now = timezone.now()
    order = Order.objects.create(
        **own, number="1", shopper=shop.shopper, currency="TWD", subtotal_minor=1, total_minor=1, placed_at=now
    )
    shop.add(
        order,
        OrderMessage.objects.create(**own, order=order, kind="paid", language="en", recipient="a@example.com"),
        Cart.objects.create(**own, shopper=shop.shopper, currency="TWD"),
        Payment.objects.create(**own, order=order, amount_minor=1, currency="TWD"),
        PendingAction.objects.create(
            **own,
            operation="cancel_order",
            arguments_hash="x",
            subject="order:1",
            subject_version="1",
            session="conversation:1",
            shopper=shop.shopper,
            expires_at=now + timedelta(minutes=5),
        ),
    )


def _money_rows(shop: Shop, own: dict[str, Any]) -> None:
    rows: dict[str, Any] = dict(shop.rows)
    order, payment, variant = (rows[name] for name in ("orders_order", "payments_payment", "products_variant"))
    amount = {"amount_minor": 1, "currency": "TWD"}
    now = timezone.now()
    entry = LedgerEntry.objects.create(**own, **amount, order=order, kind="refund", reference="r", at=now)
    charge = LedgerEntry.objects.create(**own, **amount, order=order, kind="payment", reference="p", at=now)
    request = OrderRequest.objects.create(**own, order=order, kind="return")
    shop.add(
        RefundRequest.objects.create(**own, **amount, order=order, entry=entry, payment=payment, due_at=now),
        Dispute.objects.create(**own, **amount, order=order, payment=payment, dispute_id="du_1", opened_at=now),
        request,
        ReturnLabel.objects.create(**own, request=request, state="made", label_id="rl_1"),
        Collection.objects.create(**own, **amount, order=order, entry=charge, due_at=now, state="owed"),
        RefundApproval.objects.create(**own, entry=entry, limit_minor=1),
        ToolCallLog.objects.create(
            **own, session="conversation:1", shopper_ref=shop.shopper.pk, kind="call", tool="cancel_order", code="ok"
        ),
        WaitlistEntry.objects.create(**own, shopper=shop.shopper, variant=variant, wording="Yes."),
    )


def _rows_not_sent(shop: Shop, own: dict[str, Any]) -> None:
    """A service with somebody who gives it, an appointment of the order, and a file it paid for."""
    rows: dict[str, Any] = dict(shop.rows)
    order, variant, now = rows["orders_order"], rows["products_variant"], timezone.now()
    service = Service.objects.create(**own, product=variant.product)
    resource = Resource.objects.create(**own, name="Lena")
    booked, fetched = (
        OrderLine.objects.create(**own, order=order, title="Tent", sku="TENT", quantity=1, unit_minor=1)
        for _line in range(2)
    )
    file = DigitalFile.objects.create(**own, variant=variant, name="plan.pdf", file="x/plan.pdf")
    times = {"starts_at": now, "ends_at": now + timedelta(hours=1)}
    shop.add(
        service,
        resource,
        SpecialDays.objects.create(**own, first_day=now.date(), last_day=now.date()),
        Appointment.objects.create(**own, **times, order=order, line=booked, service=service, resource=resource),
        file,
        DownloadGrant.objects.create(**own, order=order, line=fetched, file=file, allowed=1),
    )


def _rows_of_the_platform(merchant: Merchant) -> list[Model]:
    user = User.objects.create(username=f"{merchant.slug}-owner", is_staff=True)
    message = OutboxMessage.objects.create(
        topic="x", subscriber="x.y", lane="slow", key="1", merchant_id=merchant.pk, available_at=timezone.now()
    )
    return [
        user,
        message,
        Membership.objects.create(merchant=merchant, user=user, role=Role.OWNER),
        WebhookEvent.objects.create(provider_event_id=uuid.uuid4().hex, kind="x", body="{}"),
        ScheduledRun.objects.create(name=uuid.uuid4().hex, last_run_at=timezone.now()),
    ]


def clients(merchant: Merchant) -> dict[str, Client]:
    """One client for each actor of a shop."""
    with every_merchant():
        creator, shopper = make_creator(merchant, slug="mei"), make_shopper(merchant)
        result = {name: Client(raise_request_exception=False) for name in ACTORS}
        result["shopper"].cookies[cookie_name(merchant)] = shopper_token(shopper)
        for role in STAFF:
            user = User.objects.create(username=f"{merchant.slug}-{role}-x", is_staff=True)
            own = creator if role == Role.CREATOR else None
            Membership.objects.create(merchant=merchant, user=user, role=role, creator=own)
            result[role].force_login(user)
    return result


def other_shop() -> Shop:
    """The shop behind the doors."""
    return full_shop(make_merchant())
