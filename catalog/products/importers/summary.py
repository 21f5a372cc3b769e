"""What an import did, or would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.money import Money
from catalog.products.importers.issues import Issue
from catalog.products.importers.states import ProductState, VariantState

ISSUES_MAX = 10_000
CHANGES_MAX = 50


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one product, now and after; the values are texts for people."""

    product: str
    field: str  # "price", "stock", or the column's own word
    now: str
    after: str


@dataclass(slots=True)
class Summary:
    """Counts of products, and of rows by what becomes of them."""

    format: str = ""
    confidence: float = 0.0
    currency: str = ""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0  # products with errors, or all that was not written because of them
    rows: int = 0
    rows_created: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    prices_changed: int = 0
    stocks_changed: int = 0
    warnings: list[Issue] = field(default_factory=list)
    errors: list[Issue] = field(default_factory=list)
    changes: list[FieldChange] = field(default_factory=list)
    new_titles: list[str] = field(default_factory=list)
    is_fatal: bool = False  # the file could not be read to its end
    is_written: bool = False
    run_id: int | None = None

    def add(self, issue: Issue) -> None:
        """Keep an issue; after ten thousand of a kind nobody reads on."""
        kept = self.errors if issue.is_error else self.warnings
        if len(kept) < ISSUES_MAX:
            kept.append(issue)

    @property
    def issues(self) -> list[Issue]:
        """Errors first, each by row."""
        return [*sorted(self.errors, key=lambda i: i.row), *sorted(self.warnings, key=lambda i: i.row)]

    def counts(self) -> dict[str, int]:
        """Return the numbers as they are stored with an import."""
        names = ("created", "updated", "unchanged", "skipped", "rows", "rows_created", "rows_updated", "rows_unchanged")
        return {name: getattr(self, name) for name in (*names, "prices_changed", "stocks_changed")}

    def as_json(self) -> dict[str, Any]:
        """Return the line that `--json` prints."""

        def brief(issues: list[Issue]) -> list[dict[str, Any]]:
            ordered = sorted(issues, key=lambda issue: issue.row)
            return [{"row": issue.row, "field": issue.field, "kind": issue.kind} for issue in ordered]

        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "warnings": brief(self.warnings),
            "errors": brief(self.errors),
        }


def differences(now: ProductState, after: ProductState) -> Iterator[FieldChange]:
    """Yield what will change in a product, as people read it."""
    known = {variant.id: variant for variant in now.variants}
    for variant in after.variants:
        before = known.get(variant.id) if variant.id else None
        name = " · ".join([after.title, *map(str, variant.options.values())])
        if before is None:
            yield FieldChange(name, "variant", "", variant.sku)
            continue
        for currency in sorted({*before.offers, *variant.offers}):
            old, new = before.offers.get(currency), variant.offers.get(currency)
            if old != new:
                yield FieldChange(name, "price", _money(old, currency), _money(new, currency))
        if (before.on_hand, before.is_tracked) != (variant.on_hand, variant.is_tracked):
            yield FieldChange(name, "stock", _units(before), _units(variant))
    for field_name in ("title", "descriptions", "brand", "category", "status", "tags", "attributes", "images"):
        old_value, new_value = getattr(now, field_name), getattr(after, field_name)
        if old_value != new_value:
            yield FieldChange(after.title, field_name, _words(old_value), _words(new_value))


def _money(tag: tuple[int, int | None] | None, currency: str) -> str:
    return str(Money(tag[0], currency)) if tag else ""


def _units(variant: VariantState) -> str:
    return str(variant.on_hand) if variant.is_tracked else "∞"


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(str(item) for item in value.values())[:80]
    if isinstance(value, list | tuple):
        return str(len(value))
    return str(value)[:80]
