"""A few hundred products of a file beside their rows in the database: what is new, what changes, what cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from catalog.accounts.models import Merchant
from catalog.products.importers.incoming import IncomingProduct, Parsed
from catalog.products.importers.issues import Issue
from catalog.products.importers.merging import merged
from catalog.products.importers.states import ProductState, load_products, state_of
from catalog.products.importers.summary import CHANGES_MAX, Summary, differences
from catalog.products.importers.writing import Change
from catalog.products.models import Variant


@dataclass(slots=True)
class Known:
    """What the file has said so far: SKUs and handles with their rows."""

    skus: dict[str, int] = field(default_factory=dict)
    handles: dict[str, int] = field(default_factory=dict)


class Batch:
    """Some products of the file. Call inside the merchant's scope."""

    def __init__(self, merchant: Merchant, parsed: Sequence[Parsed], known: Known, *, for_update: bool = False) -> None:
        self._merchant = merchant
        self._parsed = parsed
        self._known = known
        self.changing: list[IncomingProduct] = []
        self._load(for_update)

    def _load(self, for_update: bool) -> None:
        products = [parsed.product for parsed in self._parsed if parsed.product]
        slugs = {product.slug for product in products}
        external = {product.external_id for product in products if product.external_id}
        where = Q(slug__in=slugs) | (Q(external_id__in=external) if external else Q(pk__in=[]))
        states = [state_of(row) for row in load_products(where, for_update=for_update)] if products else []
        self._by_slug = {state.slug: state for state in states}
        self._by_external = {state.external_id: state for state in states if state.external_id}
        skus = {variant.sku for product in products for variant in product.variants or ()}
        rows = Variant.objects.filter(sku__in=skus).values_list("sku", "product_id", "product__title")
        self._owners: dict[str, tuple[int, str]] = {sku: (owner, title) for sku, owner, title in rows}

    def count(self, summary: Summary) -> list[Change]:
        """Add the batch to the summary and return what there is to write."""
        changes = []
        for parsed in self._parsed:
            summary.rows += parsed.rows
            change = self._change(parsed)
            for issue in parsed.issues:
                summary.add(issue)
            if parsed.product is None or not parsed.is_good:
                summary.skipped += bool(parsed.rows)
                continue
            if _tally(summary, parsed, change):
                changes.append(change)
                self.changing.append(parsed.product)
        return changes

    def _change(self, parsed: Parsed) -> Change:
        """Return what a product is and will be; what stands against it goes to its issues."""
        incoming = parsed.product
        if incoming is None:
            return Change(None, ProductState(slug="", title=""))
        now = self._now(incoming, parsed.issues)
        self._check_skus(incoming, now, parsed.issues)
        after, bent = merged(now, incoming)
        parsed.issues += bent
        return Change(now, after)

    def _now(self, incoming: IncomingProduct, issues: list[Issue]) -> ProductState | None:
        first = self._known.handles.setdefault(incoming.slug, incoming.row)
        if first != incoming.row:
            issues.append(
                Issue(
                    incoming.row,
                    incoming.handle_field,
                    "duplicate_product",
                    incoming.slug,
                    incoming.title,
                    {"other_row": first},
                )
            )
        if incoming.external_id is None:
            return self._by_slug.get(incoming.slug)
        own = self._by_external.get(incoming.external_id)
        of_handle = self._by_slug.get(incoming.slug)
        if own is None and of_handle is not None and not of_handle.external_id:
            return of_handle  # written by hand or from another sheet before: the same product
        if of_handle is not None and of_handle is not own and (incoming.slug_is_given or own is None):
            detail = {"other": of_handle.title}
            issues.append(
                Issue(incoming.row, incoming.handle_field, "handle_taken", incoming.slug, incoming.title, detail)
            )
        return own

    def _check_skus(self, incoming: IncomingProduct, now: ProductState | None, issues: list[Issue]) -> None:
        for variant in incoming.variants or ():
            owner, title = self._owners.get(variant.sku, (None, ""))
            seen = self._known.skus.get(variant.sku)
            if seen is not None:
                issues.append(
                    Issue(
                        variant.row,
                        variant.sku_field,
                        "duplicate_sku",
                        variant.sku,
                        incoming.title,
                        {"other_row": seen},
                    )
                )
            elif owner is not None and (now is None or now.id != owner):
                issues.append(
                    Issue(variant.row, variant.sku_field, "sku_taken", variant.sku, incoming.title, {"other": title})
                )
            self._known.skus.setdefault(variant.sku, variant.row)


def _tally(summary: Summary, parsed: Parsed, change: Change) -> bool:
    """Count one good product; return whether there is anything to write."""
    if change.now is None:
        summary.created += 1
        summary.rows_created += parsed.rows
        if len(summary.new_titles) < CHANGES_MAX:
            summary.new_titles.append(change.after.title)
        return True
    if change.now == change.after:
        summary.unchanged += 1
        summary.rows_unchanged += parsed.rows
        return False
    summary.updated += 1
    summary.rows_updated += parsed.rows
    for difference in differences(change.now, change.after):
        summary.prices_changed += difference.field == "price"
        summary.stocks_changed += difference.field == "stock"
        if len(summary.changes) < CHANGES_MAX:
            summary.changes.append(difference)
    return True
