"""Admin: the files that are sold, and who may still fetch them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from catalog.accounts import audit
from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import action, display
from catalog.accounts.tenancy import MerchantAdmin, require
from catalog.orders.appointments.setting_up import not_sent
from catalog.orders.digital_models import DigitalFile, DownloadGrant
from catalog.products.models import Variant


class DigitalFileForm(forms.ModelForm):  # type: ignore[type-arg]
    """An upload of a bounded size, for the variant with a SKU: a list of every variant would have no end."""

    sku = forms.CharField(label=_("SKU"), max_length=120, help_text=_("Of the variant that this file is."))

    class Meta:
        model = DigitalFile
        fields = ("name", "file", "is_active", "merchant")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.variant_id and "sku" in self.fields:
            self.fields["sku"].initial = self.instance.variant.sku

    def clean(self) -> dict[str, Any]:
        """Find the variant among those of the file's own merchant."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        merchant = given.get("merchant") or getattr(self.instance, "merchant", None)  # none was chosen yet
        variant = Variant.objects.filter(merchant=merchant, sku=str(given.get("sku", "")).strip()).first()
        if variant is None:
            self.add_error("sku", _("SKU: this shop has no such variant. Copy it from the product's page."))
        else:
            self.instance.variant = variant
        return given

    def clean_file(self) -> Any:
        """Refuse what is too large or empty."""
        file = self.cleaned_data["file"]
        if file.size > settings.DIGITAL_FILE_MAX_BYTES:
            limit = filesizeformat(settings.DIGITAL_FILE_MAX_BYTES)
            raise forms.ValidationError(_("File: at most %(limit)s. Make it smaller or split it.") % {"limit": limit})
        if not file.size:
            raise forms.ValidationError(_("File: it is empty. Choose another one."))
        return file

    def clean_name(self) -> str:
        """Keep a name that is no path."""
        name = str(self.cleaned_data["name"]).strip()
        if "/" in name or "\\" in name or name.startswith("."):
            raise forms.ValidationError(_("File name: write it without folders, such as planner.pdf."))
        return name


@admin.register(DigitalFile)
class DigitalFileAdmin(MerchantAdmin):
    """Files that are sold as a variant."""

    area = "shop"
    form = DigitalFileForm
    list_display = ("name", "variant", "size", "is_active", "added_at")
    list_filter = ("is_active",)
    search_fields = ("name", "variant__sku", "variant__product__title")
    list_select_related = ("variant__product",)
    fieldsets = ((None, {"fields": ("sku", "name", "file", "is_active", "merchant")}),)

    @display(description=_("size"))
    def size(self, row: DigitalFile) -> str:
        """The size as people read it."""
        return filesizeformat(row.size_bytes)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save with the size; the variant that is this file is not sent from now on, its sisters on paper are."""
        obj.size_bytes = obj.file.size
        super().save_model(request, obj, form, change)
        not_sent(product=obj.variant.product, variant=obj.variant)


@admin.register(DownloadGrant)
class DownloadGrantAdmin(ReadOnly, MerchantAdmin):
    """What orders paid for, and how often it was fetched."""

    area = "orders"
    list_display = ("order", "file", "used", "allowed", "last_used_at", "revoked_at")
    list_filter = ("revoked_at", "granted_at")
    search_fields = ("order__number", "file__name", "order__shopper__email")
    list_select_related = ("order", "file")
    actions = ("allow_more",)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever may change orders may allow more downloads."""
        return MerchantAdmin.has_change_permission(self, request)

    @action(description=_("Allow as many downloads again"), permissions=["act"])
    def allow_more(self, request: HttpRequest, queryset: QuerySet[DownloadGrant]) -> None:
        """Raise the limit by the usual number, for shoppers who lost their file."""
        for row in queryset.filter(revoked_at=None):
            require(request, area=self.area, act="change", merchant_id=row.merchant_id)
            DownloadGrant.objects.filter(pk=row.pk).update(allowed=F("allowed") + settings.DOWNLOADS_MAX)
            audit.note(
                merchant_id=row.merchant_id,
                actor_id=request.user.pk,
                action="download.allowed",
                subject=f"#{row.order.number}",
                detail={"file": row.file.name},
            )
