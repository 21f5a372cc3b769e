"""Admin: products with variants, prices, stock and pictures; categories; the shelf."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.accounts.admin_theme import action, display
from catalog.accounts.tenancy import MerchantAdmin, MerchantStackedInline, MerchantTabularInline
from catalog.money import Money
from catalog.products import attribute_admin as attribute_admin  # registers the attribute graph
from catalog.products import import_admin as import_admin  # registers the import pages
from catalog.products import live_price_admin as live_price_admin  # registers its pages
from catalog.products import merchandising_admin as merchandising_admin  # registers its pages
from catalog.products import services
from catalog.products.admin_filters import StockFilter
from catalog.products.admin_forms import CategoryForm, MediaForm, ProductForm, ShelfForm, VariantForm
from catalog.products.models import Category, Media, Product, ProductStatus, Shelf, Variant


class VariantInline(MerchantTabularInline):
    """Variants as a table."""

    model = Variant
    form = VariantForm
    fields = ("sku", "options", "price", "was", "on_hand", "barcode", "position")
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """Load prices and stock with the variants."""
        rows: QuerySet[Variant] = super().get_queryset(request)
        return rows.select_related("product__merchant", "stock").prefetch_related("offers")


class MediaInline(MerchantTabularInline):
    """Pictures by address."""

    model = Media
    form = MediaForm
    fields = ("url", "alt_texts", "position")
    tab = True


class ShelfInline(MerchantStackedInline):
    """The shelves the product stands on."""

    model = Shelf
    form = ShelfForm
    fields = ("creator", "position", "notes")
    area = "double"
    tab = True


@admin.register(Product)
class ProductAdmin(MerchantAdmin):
    """The shop's products."""

    form = ProductForm
    list_display = ("product", "status_label", "category_name", "brand", "price", "stock_left", "updated_at")
    list_filter = ("status", StockFilter, "category", "brand")
    search_fields = ("title", "slug", "variants__sku", "external_id")
    list_filter_sheet = True
    readonly_fields = ("external_id", "created_at", "updated_at")
    autocomplete_fields = ("brand", "category")
    inlines = (VariantInline, MediaInline, ShelfInline)
    actions = ("make_active", "make_draft", "archive")
    fieldsets = (
        (None, {"fields": ("title", "titles", "descriptions", ("status", "slug"), ("brand", "category"), "tags")}),
        (_("Facts"), {"fields": ("attributes", "model_number"), "classes": ["tab"]}),
        (_("More"), {"fields": ("external_url", "external_id", "created_at", "updated_at"), "classes": ["tab"]}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Load what the list shows in a constant number of queries."""
        rows: QuerySet[Product] = super().get_queryset(request)
        variants = Variant.objects.select_related("stock").prefetch_related("offers")
        return rows.select_related("brand", "category", "merchant").prefetch_related(
            Prefetch("variants", queryset=variants), "media"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        """A handle is part of links that are out in the world."""
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Product | None = None) -> dict[str, Any]:
        """Suggest the handle of a new product."""
        return {} if obj else {"slug": ("title",)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Products are archived: orders and reports keep naming them."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save prices and stock through the services, then tell the index."""
        with transaction.atomic():
            super().save_related(request, form, formsets, change)
            product: Product = form.instance
            for formset in formsets:
                if formset.model is Variant:
                    _save_offers(product, formset)
            if not product.variants.exists():
                Variant.objects.create(merchant_id=product.merchant_id, product=product, sku=product.slug[:120])
            services.product_changed(product_id=product.pk, merchant_id=product.merchant_id)

    @display(description=_("product"), ordering="title", header=True)
    def product(self, row: Product) -> list[Any]:
        """Picture, title and handle."""
        picture = next(iter(row.media.all()), None)
        return [row.title, row.slug, None, {"path": picture.url, "squared": True} if picture else None]

    @display(
        description=_("status"), ordering="status", label={"active": "success", "draft": "warning", "archived": "info"}
    )
    def status_label(self, row: Product) -> tuple[str, str]:
        """The status as a tag."""
        return row.status, row.get_status_display()

    @display(description=_("category"), ordering="category__path")
    def category_name(self, row: Product) -> str:
        """The category's own name."""
        return str(row.category) if row.category else ""

    @display(description=_("price"))
    def price(self, row: Product) -> str:
        """The lowest price in the shop's currency."""
        prices = [
            offer.amount_minor
            for variant in row.variants.all()
            for offer in variant.offers.all()
            if offer.currency == row.merchant.currency
        ]
        if not prices:
            return str(_("No price"))
        lowest = str(Money(min(prices), row.merchant.currency))
        return str(_("from %(price)s") % {"price": lowest}) if len(set(prices)) > 1 else lowest

    @display(description=_("stock"))
    def stock_left(self, row: Product) -> SafeString | str:
        """Units left over all variants, marked when few."""
        stocks = [variant.stock for variant in row.variants.all() if hasattr(variant, "stock")]
        if not stocks or any(not stock.is_tracked for stock in stocks):
            return str(_("not counted"))
        left = sum(stock.available for stock in stocks)
        kind = "danger" if left <= 0 else "warn" if left <= 5 else ""
        return format_html('<span class="sa-tag {}">{}</span>', kind, left)

    @action(description=_("Publish"), permissions=["change"])
    def make_active(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Show the products to shoppers."""
        self._set_status(request, queryset, ProductStatus.ACTIVE)

    @action(description=_("Back to draft"), permissions=["change"])
    def make_draft(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Hide the products while they are worked on."""
        self._set_status(request, queryset, ProductStatus.DRAFT)

    @action(description=_("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Take the products off the shop."""
        self._set_status(request, queryset, ProductStatus.ARCHIVED)

    def _set_status(self, request: HttpRequest, queryset: QuerySet[Product], status: ProductStatus) -> None:
        ids = list(self.changeable(request, queryset).order_by().values_list("pk", flat=True).distinct())
        for product_id in ids:
            services.set_status(product_id=product_id, status=status)
        text = ngettext("%(count)s product: %(status)s.", "%(count)s products: %(status)s.", len(ids))
        messages.success(request, text % {"count": len(ids), "status": status.label})


def _save_offers(product: Product, formset: Any) -> None:
    """Write the prices and the stock typed beside the variants that stay."""
    currency = product.merchant.currency
    for form in formset.forms:
        variant = form.instance
        gone = variant.pk is None or form.cleaned_data.get("DELETE") or not form.cleaned_data
        if gone or (not form.has_changed() and hasattr(variant, "stock")):
            continue
        given = form.cleaned_data
        services.set_price(
            variant_id=variant.pk,
            currency=currency,
            amount_minor=_minor(given.get("price"), currency),
            compare_at_minor=_minor(given.get("was"), currency),
        )
        services.set_stock(variant_id=variant.pk, on_hand=given.get("on_hand"))


def _minor(amount: Any, currency: str) -> int | None:
    return None if amount is None else Money.parse(str(amount), currency).minor


@admin.register(Category)
class CategoryAdmin(MerchantAdmin):
    """The shop's tree."""

    form = CategoryForm
    list_display = ("__str__", "path", "parent")
    search_fields = ("slug", "path", "names")
    list_select_related = ("parent",)
    autocomplete_fields = ("parent",)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        """Keep the path in step with the place in the tree, below it too."""
        obj.path = f"{obj.parent.path}/{obj.slug}" if obj.parent else obj.slug
        super().save_model(request, obj, form, change)
        _move_below(obj)


def _move_below(category: Category) -> None:
    for child in Category.objects.filter(parent=category):
        path = f"{category.path}/{child.slug}"
        if child.path != path and not path.startswith(f"{child.path}/"):
            child.path = path
            child.save(update_fields=["path"])
            _move_below(child)


@admin.register(Shelf)
class ShelfAdmin(MerchantAdmin):
    """What a creator recommends, in order."""

    area = "double"
    creator_path = "creator"
    form = ShelfForm
    list_display = ("product", "creator", "position")
    list_filter = ("creator",)
    list_editable = ("position",)
    search_fields = ("product__title",)
    list_select_related = ("product", "creator")
    autocomplete_fields = ("product",)

    def save_model(self, request: HttpRequest, obj: Shelf, form: Any, change: bool) -> None:
        """Save, and tell the index whose shelf the product stands on."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            services.product_changed(product_id=obj.product_id, merchant_id=obj.merchant_id)

    def delete_model(self, request: HttpRequest, obj: Shelf) -> None:
        """Remove, and tell the index."""
        with transaction.atomic():
            super().delete_model(request, obj)
            services.product_changed(product_id=obj.product_id, merchant_id=obj.merchant_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Shelf]) -> None:
        """Remove each, and tell the index."""
        for row in queryset:
            self.delete_model(request, row)
