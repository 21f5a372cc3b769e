"""What promotions take off: pure rules over amounts, without a database.

Limits that are empty (None) do not limit; limits of 0 allow nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.languages import in_language
from catalog.money import charge_step, rounded, split_within, working_step
from catalog.orders.promotion_models import Benefit, Stacking


@dataclass(frozen=True, slots=True)
class Discountable:
    """A line as discounts see it, minor units; no discount takes it below `lowest`."""

    goods: int
    lowest: int = 0
    product_id: int = 0
    category_path: str = ""


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """A promotion that may be used now; amounts in minor units of `currency`."""

    promotion_id: int
    benefit: str = Benefit.PERCENT
    names: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    percent: Decimal | None = None
    currency: str = ""
    amount: int | None = None
    min_goods: int | None = None
    cap: int | None = None
    category_path: str = ""
    product_ids: frozenset[int] = frozenset()
    stacking: str = Stacking.WITH_OTHERS
    position: int = 0

    def name(self, language: str) -> str:
        """Return what stands beside the amount."""
        return in_language(self.names, language) or self.code

    def is_for(self, line: Discountable) -> bool:
        """Return whether a line is among the goods it is for."""
        if not self.product_ids and not self.category_path:
            return True
        in_category = self.category_path and f"{line.category_path}/".startswith(f"{self.category_path}/")
        return line.product_id in self.product_ids or bool(in_category)

    def missing(self, lines: Sequence[Discountable]) -> int | None:
        """Return how much its goods lack of the minimum, in minor units; 0 = enough, None = none of its goods."""
        fitting = [line.goods for line in lines if self.is_for(line)]
        return max((self.min_goods or 0) - sum(fitting), 0) if fitting else None


@dataclass(frozen=True, slots=True)
class Taken:
    """What one promotion took: from each line, or from delivery."""

    rule: PromotionRule
    by_line: tuple[int, ...]
    from_delivery: int = 0

    @property
    def goods(self) -> int:
        """What it took off the goods, in minor units."""
        return sum(self.by_line)


def combinations(rules: Sequence[PromotionRule]) -> list[list[PromotionRule]]:
    """Return the sets of promotions that may meet in one order: all that combine, and each that does not by itself."""
    ordered = sorted(rules, key=lambda rule: (rule.position, rule.promotion_id))
    together = [rule for rule in ordered if rule.stacking != Stacking.ALONE]
    return [together, *([rule] for rule in ordered if rule.stacking == Stacking.ALONE)]


def off_goods(rules: Sequence[PromotionRule], lines: Sequence[Discountable], *, currency: str) -> list[Taken]:
    """Take promotions off the goods one after the other, each from what the ones before left."""
    left = [line.goods for line in lines]
    taken: list[Taken] = []
    for rule in rules:
        parts = _off(rule, lines, left, currency)
        if any(parts):
            left = [amount - part for amount, part in zip(left, parts, strict=True)]
            taken.append(Taken(rule, tuple(parts)))
    return taken


def off_delivery(
    rules: Sequence[PromotionRule], lines: Sequence[Discountable], *, fee: int, currency: str
) -> Taken | None:
    """Return the first promotion that takes something off the delivery fee."""
    for rule in rules:
        if rule.benefit != Benefit.DELIVERY or rule.missing(lines) != 0:
            continue
        off = fee if rule.cap is None else min(fee, rule.cap)
        off -= off % charge_step(currency)
        if off > 0:
            return Taken(rule, (0,) * len(lines), off)
    return None


def _off(rule: PromotionRule, lines: Sequence[Discountable], left: Sequence[int], currency: str) -> list[int]:
    """Return what a promotion takes off each line: its benefit, within its cap, no line below its floor."""
    nothing = [0] * len(lines)
    if rule.benefit == Benefit.DELIVERY or rule.missing(lines) != 0:
        return nothing
    if rule.currency and rule.currency != currency:
        return nothing
    weights = [amount if rule.is_for(line) else 0 for line, amount in zip(lines, left, strict=True)]
    limits = [
        max(amount - line.lowest, 0) if weight else 0 for line, amount, weight in zip(lines, left, weights, strict=True)
    ]
    wanted = _wanted(rule, sum(weights), currency)
    if rule.cap is not None:
        wanted = min(wanted, rule.cap)
    wanted -= wanted % charge_step(currency)
    return split_within(wanted, weights, limits, step=working_step(currency)) if wanted > 0 else nothing


def _wanted(rule: PromotionRule, base: int, currency: str) -> int:
    """Return what the benefit comes to; an empty percent or amount is 0."""
    if rule.benefit == Benefit.PERCENT:
        hundredths = int((rule.percent or Decimal(0)) * 100)
        return rounded(base * hundredths, 10_000, step=working_step(currency))
    return rule.amount or 0
