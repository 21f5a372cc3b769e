"""Takes an import back: every product it touched is again what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.accounts.models import Brand, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.importers.states import ProductState, load_products, state_of
from catalog.products.importers.writing import Change, Writer
from catalog.products.models import Category, ImportChange, ImportRun, ImportState, Product, ProductStatus, Variant
from catalog.products.services import products_changed, stock_rose

_OWN_TABLES = frozenset({"variant", "offer", "stock", "media"})


class CannotUndo(Exception):
    """The import was not written, was undone already, or lies too far back."""


@dataclass(slots=True)
class Undone:
    """What became of the products of an import."""

    restored: int = 0
    deleted: int = 0
    archived: int = 0  # new ones that a cart, an order or a shelf refers to by now
    kept: list[tuple[int, str]] = field(default_factory=list)  # changed since by hand: (id, title)


def undo_import(*, merchant: Merchant, run_id: int) -> Undone:
    """Take an import back.

    A product changed since by hand (or by a later import) is left alone and listed. Units sold since stay sold.
    Raises: CannotUndo.
    """
    with merchant_scope(merchant):
        run: ImportRun | None = ImportRun.objects.filter(pk=run_id).first()
        if run is None or run.state not in (ImportState.DONE, ImportState.BROKEN_OFF):
            raise CannotUndo(_("There is no finished import with this number."))
        if run.created_at < timezone.now() - timedelta(days=settings.IMPORT_UNDO_DAYS):
            raise CannotUndo(_("An import can be undone for %(days)s days.") % {"days": settings.IMPORT_UNDO_DAYS})
        undone = take_back(run=run)
        run.state = ImportState.UNDONE
        run.save(update_fields=["state"])
        return undone


def take_back(*, run: ImportRun) -> Undone:
    """Undo what is written of a run, a transaction a batch; also for a run that broke off. Call inside its scope."""
    undone = Undone()
    while batch := list(ImportChange.objects.filter(run=run).order_by("-id")[: settings.IMPORT_BATCH]):
        with transaction.atomic():
            _take_back(run.merchant, batch, undone)
            ImportChange.objects.filter(pk__in=[row.pk for row in batch]).delete()
    with transaction.atomic():
        _take_back_words(run)
    return undone


def _take_back(merchant: Merchant, batch: Sequence[ImportChange], undone: Undone) -> None:
    ids = [row.product_id for row in batch]
    states = {row.pk: state_of(row) for row in load_products(Q(pk__in=ids), for_update=True)}
    restored: list[Change] = []
    new: list[int] = []
    for row in batch:
        state = states.get(row.product_id)
        if state is None:
            continue  # deleted by hand since
        if state.digest() != (row.after or {})["digest"]:
            undone.kept.append((row.product_id, state.title))
        elif row.before is None:
            new.append(row.product_id)
        else:
            restored.append(Change(state, _before(row, state)))
    brands = {brand.slug: brand.pk for brand in Brand.objects.all()}
    categories = {category.path: category.pk for category in Category.objects.all()}
    Writer(merchant, brands.get, categories.get).write(restored)
    _remove(new, undone)
    undone.restored += len(restored)
    products_changed(product_ids=[*(change.id for change in restored), *new], merchant_id=merchant.pk)
    risen = [change.id for change in restored if change.stock_rises]
    stock_rose(product_ids=risen, merchant_id=merchant.pk)


def _before(row: ImportChange, now: ProductState) -> ProductState:
    """Return the state to go back to. What moved since the import (units sold) moves on from the old count."""
    before = ProductState.from_json(row.before or {})
    imported = (row.after or {})["on_hand"]
    current = {variant.id: variant for variant in now.variants}
    variants = []
    for variant in before.variants:
        same = current.get(variant.id)
        moved = same.on_hand - imported.get(same.sku, same.on_hand) if same else 0
        held = same.reserved if same and variant.is_tracked else 0
        variants.append(replace(variant, on_hand=max(variant.on_hand + moved, held)))
    return replace(before, variants=tuple(variants))


def _remove(product_ids: Sequence[int], undone: Undone) -> None:
    """Delete products; those that anything outside refers to leave the shop without leaving a hole."""
    used = _referred_to(product_ids)
    Product.objects.filter(pk__in=used).update(status=ProductStatus.ARCHIVED)
    Product.objects.filter(pk__in=set(product_ids) - used).delete()
    undone.archived += len(used)
    undone.deleted += len(set(product_ids) - used)


def _referred_to(product_ids: Sequence[int]) -> set[int]:
    variants = dict(Variant.objects.filter(product_id__in=product_ids).values_list("pk", "product_id"))
    used = set(_references(Product, product_ids))
    used |= {variants[variant_id] for variant_id in _references(Variant, list(variants))}
    held = Variant.objects.filter(pk__in=variants, stock__reserved__gt=0)
    used |= set(held.values_list("product_id", flat=True))
    return used


def _references(model: type[Model], ids: Sequence[int]) -> set[int]:
    """Return which rows any other table points at: carts, order lines, shelves, content, rooms.

    Asked of Django's own list of relations, because those tables stand on higher floors.
    """
    found: set[int] = set()
    for relation in model._meta.related_objects:
        table = relation.related_model
        if isinstance(table, str) or (table._meta.app_label == "products" and table._meta.model_name in _OWN_TABLES):
            continue
        name = relation.field.name
        rows = table._default_manager.filter(**{f"{name}__in": ids}).values_list(f"{name}_id", flat=True)
        found |= set(rows)
    return found


def _take_back_words(run: ImportRun) -> None:
    """Remove brands and categories the import made and nobody uses; give old categories their names back."""
    made = run.made or {}
    Brand.objects.filter(pk__in=made.get("brands", []), product=None).delete()
    for pk in reversed(made.get("categories", [])):
        Category.objects.filter(pk=pk, product=None, category=None).delete()
    for pk, names in made.get("names_before", {}).items():
        Category.objects.filter(pk=int(pk)).update(names=names)
