"""The demo: two shops with their creators, made once, removed by one command."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

from catalog.accounts.models import Creator, Membership, Merchant, Role
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.orders.appointment_models import BookedSlot
from catalog.orders.models import LedgerEntry, Order
from catalog.payments.models import Payment
from catalog.products.models import ContentItem, Product
from catalog.search.backend import backend
from conversations.funnel.models import FunnelEvent, ProductLink
from conversations.live.models import LiveRoom
from shop_assistant import demo_shop

DATA = Path(__file__).parent / "demo_data"
SHOPS = ("meis-shelf", "north-ridge")
PASSWORD_FILE = "demo_password"  # noqa: S105 (the file's name)
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StaffAccounts:
    """Who can sign in to the demo's admin."""

    names: tuple[str, ...]
    password: str
    kept_in: Path


def _staff_roles() -> list[tuple[str, str, str, str]]:
    """Return (user name, shop, role, creator slug)."""
    return [
        ("mei-owner", "meis-shelf", Role.OWNER, ""),
        ("mei-editor", "meis-shelf", Role.EDITOR, ""),
        ("mei-analyst", "meis-shelf", Role.ANALYST, ""),
        ("mei-agent", "meis-shelf", Role.AGENT, ""),
        ("mei", "meis-shelf", Role.CREATOR, "mei"),
        ("ridge-owner", "north-ridge", Role.OWNER, ""),
    ]


def seed(*, report: Report = lambda line: None) -> bool:
    """Make the demo shops that are missing; return whether any was.

    A shop is made in one transaction after its products: interrupted, it is made anew the next time.
    """
    made = False
    for slug in SHOPS:
        if not Merchant.objects.filter(slug=slug).exists():
            report(f"Making the demo shop {slug} …")
            demo_shop.make(DATA / slug)
            made = True
    return made


def staff_accounts() -> StaffAccounts:
    """Return the demo's staff accounts, making those that are missing with a password made on first run."""
    kept_in = Path(settings.DATA_DIR) / PASSWORD_FILE
    if not kept_in.exists():
        kept_in.touch(mode=0o600)
        kept_in.write_text(secrets.token_urlsafe(12))
    password = kept_in.read_text()
    names = ["admin", *(name for name, *_ in _staff_roles())]
    with every_merchant(), transaction.atomic():
        _make_user("admin", password, is_superuser=True)
        for name, shop, role, creator in _staff_roles():
            _make_member(_make_user(name, password), shop=shop, role=role, creator=creator)
    return StaffAccounts(tuple(names), password, kept_in)


def _make_user(name: str, password: str, *, is_superuser: bool = False) -> User:
    user, is_new = get_user_model().objects.get_or_create(
        username=name, defaults={"is_staff": True, "is_superuser": is_superuser}
    )
    if is_new:
        user.set_password(password)
        user.save()
    return user


def _make_member(user: User, *, shop: str, role: str, creator: str) -> None:
    merchant = Merchant.objects.filter(slug=shop).first()
    if merchant is None:
        return
    limited_to = Creator.objects.filter(merchant=merchant, slug=creator).first() if creator else None
    Membership.objects.get_or_create(merchant=merchant, user=user, defaults={"role": role, "creator": limited_to})


@transaction.atomic
def remove(*, report: Report = lambda line: None) -> None:
    """Remove the demo shops with everything in them, and the demo's staff; other merchants are not touched."""
    with every_merchant():
        for merchant in Merchant.objects.filter(slug__in=SHOPS, is_demo=True):
            report(f"Removing {merchant.slug} …")
            # What a real shop must never lose goes first: orders protect their payments and ledger.
            for protected in (LedgerEntry, Payment, Order, BookedSlot, FunnelEvent, ProductLink):
                protected.objects.filter(merchant=merchant).delete()
            backend().clear(merchant.pk)
            merchant.delete()
        get_user_model().objects.filter(username__in=["admin", *(name for name, *_ in _staff_roles())]).delete()
    (Path(settings.DATA_DIR) / PASSWORD_FILE).unlink(missing_ok=True)


def addresses(origin: str) -> list[tuple[str, str]]:
    """Return the (name, address) pairs that scripts/run prints."""
    merchant = Merchant.objects.get(slug=SHOPS[0])
    with merchant_scope(merchant):
        creator = Creator.objects.order_by("id").first()
        content = ContentItem.objects.filter(kind="video").order_by("id").first()
        room = LiveRoom.objects.first()
        count = Product.objects.filter(status="active").count()
    shop = f"{origin}/s/{merchant.slug}/"
    return [
        (f"shop ({count} products)", shop),
        ("chat", f"{shop}c/{creator.slug}/chat/" if creator else shop),
        ("content page", f"{shop}v/{content.slug}/" if content else shop),
        ("live room", f"{shop}live/{room.slug}/" if room else shop),
        ("admin", f"{origin}/admin/"),
        ("funnel report", f"{origin}/admin/report/"),
        ("API schema", f"{origin}/api/schema/"),
    ]
