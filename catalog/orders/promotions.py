"""Promotions in use: which ones a cart may count on, and each use counted once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.orders.discounts import PromotionRule
from catalog.orders.errors import CodeExpired, CodeRefused, CodeUsedByShopper, CodeUsedUp
from catalog.orders.models import Order
from catalog.orders.promotion_models import Promotion, PromotionTally, PromotionUse


@dataclass(frozen=True, slots=True)
class Offered:
    """The promotions that may be used now, and why entered codes may not."""

    rules: tuple[PromotionRule, ...] = ()
    refused: Mapping[str, CodeRefused] | None = None


def folded(code: str) -> str:
    """Return a code as it is kept: capitals, without spaces."""
    return "".join(code.split()).upper()


def offered(
    *,
    merchant: Merchant,
    shopper_id: uuid.UUID | None,
    codes: Sequence[str],
    currency: str,
    at: datetime | None = None,
) -> Offered:
    """Return the automatic promotions and those of `codes` that may be used now. Call inside the scope."""
    moment = at or timezone.now()
    rows = list(
        Promotion.objects.filter(Q(code="") | Q(code__in=list(codes)), Q(currency__in=["", currency]), is_active=True)
        .prefetch_related("products")
        .order_by("position", "pk")
    )
    tallies = _tallies(rows, shopper_id)
    refused: dict[str, CodeRefused] = {code: CodeRefused() for code in codes}
    rules: list[PromotionRule] = []
    for row in rows:
        refusal = _refusal(row, moment, tallies.get(row.pk, 0), merchant)
        refused.pop(row.code, None)
        if refusal is None:
            rules.append(rule_of(row))
        elif row.code:
            refused[row.code] = refusal
    return Offered(tuple(rules), refused)


def rule_of(row: Promotion) -> PromotionRule:
    """Copy a row with its products."""
    return PromotionRule(
        promotion_id=row.pk,
        benefit=row.benefit,
        names=row.names,
        code=row.code,
        percent=row.percent,
        currency=row.currency,
        amount=row.amount_minor,
        min_goods=row.min_goods_minor,
        cap=row.cap_minor,
        category_path=row.category_path.strip("/"),
        product_ids=frozenset(each.product_id for each in row.products.all()),
        stacking=row.stacking,
        position=row.position,
    )


def _refusal(row: Promotion, at: datetime, used_by_shopper: int, merchant: Merchant) -> CodeRefused | None:
    if row.starts_at is not None and at < row.starts_at:
        return CodeRefused()  # as if there were no such code: nobody learns what is to come
    if row.ends_at is not None and at >= row.ends_at:
        return CodeExpired(day=row.ends_at.astimezone(ZoneInfo(merchant.timezone)).date().isoformat())
    if row.total_limit is not None and row.used_count >= row.total_limit:
        return CodeUsedUp()
    if row.shopper_limit is not None and used_by_shopper >= row.shopper_limit:
        return CodeUsedByShopper()
    return None


def _tallies(rows: Sequence[Promotion], shopper_id: uuid.UUID | None) -> dict[int, int]:
    """Return {promotion: how often this shopper used it}, by his id or his e-mail, whichever is more."""
    limited = [row.pk for row in rows if row.shopper_limit is not None]
    if not limited or shopper_id is None:
        return {}
    found: dict[int, int] = {}
    counts = PromotionTally.objects.filter(promotion_id__in=limited, who__in=_names_of(shopper_id))
    for promotion_id, count in counts.values_list("promotion_id", "used_count"):
        found[promotion_id] = max(count, found.get(promotion_id, 0))
    return found


def _names_of(shopper_id: uuid.UUID) -> list[str]:
    """Return what a shopper is counted as: himself, and his e-mail, which outlives a lost cookie."""
    email = Shopper.objects.filter(pk=shopper_id).values_list("email", flat=True).first()
    return [f"shopper:{shopper_id}", *([f"email:{email.strip().lower()}"] if email else [])]


def use(*, order: Order, rules: Sequence[PromotionRule]) -> None:
    """Count the promotions of an order that is being written. Call it in the order's transaction.

    Each count is one conditional UPDATE whose row count is the truth: the last use goes to one order. Rows are taken
    by id, so that two orders never wait for each other.
    Raises: CodeUsedUp, CodeUsedByShopper; the caller's transaction must then roll back.
    """
    for rule in sorted({rule.promotion_id: rule for rule in rules}.values(), key=lambda each: each.promotion_id):
        row = Promotion.objects.filter(Q(total_limit=None) | Q(used_count__lt=F("total_limit")), pk=rule.promotion_id)
        if not row.update(used_count=F("used_count") + 1):
            raise CodeUsedUp
        limit = Promotion.objects.values_list("shopper_limit", flat=True).get(pk=rule.promotion_id)
        names = _names_of(order.shopper_id)
        for name in names:
            _count_for(order, rule.promotion_id, name, limit)
        PromotionUse.objects.create(
            merchant_id=order.merchant_id, promotion_id=rule.promotion_id, order=order, used_by=names
        )


def _count_for(order: Order, promotion_id: int, who: str, limit: int | None) -> None:
    tally, _created = PromotionTally.objects.get_or_create(
        promotion_id=promotion_id, who=who, defaults={"merchant_id": order.merchant_id}
    )
    within = Q() if limit is None else Q(used_count__lt=limit)
    if not PromotionTally.objects.filter(within, pk=tally.pk).update(used_count=F("used_count") + 1):
        raise CodeUsedByShopper


def give_back(order: Order) -> None:
    """Give the uses of an order back: it was not paid, or was cancelled. A second call changes nothing."""
    for row in PromotionUse.objects.filter(order=order, given_back_at=None).order_by("promotion_id"):
        if PromotionUse.objects.filter(pk=row.pk, given_back_at=None).update(given_back_at=timezone.now()):
            _add(row, -1)


def take_again(order: Order) -> None:
    """Count the uses of an order that was paid after all, limits or not: its price was promised and paid."""
    for row in PromotionUse.objects.filter(order=order).exclude(given_back_at=None).order_by("promotion_id"):
        if PromotionUse.objects.filter(pk=row.pk).exclude(given_back_at=None).update(given_back_at=None):
            _add(row, +1)


def _add(row: PromotionUse, by: int) -> None:
    least = max(-by, 0)
    Promotion.objects.filter(pk=row.promotion_id, used_count__gte=least).update(used_count=F("used_count") + by)
    PromotionTally.objects.filter(promotion_id=row.promotion_id, who__in=row.used_by, used_count__gte=least).update(
        used_count=F("used_count") + by
    )
