"""Admin: the attribute graph, with a sheet in and out."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.tenancy import MerchantAdmin, merchants_of, role_allows
from catalog.products.attribute_csv import RowError, export_relations, import_relations
from catalog.products.attribute_models import Attribute, Relation

SHEET_BYTES_MAX = 2_000_000


class SheetForm(forms.Form):
    """The sheet, and whose it is when the user sees several shops."""

    sheet = forms.FileField(label=gettext_lazy("Sheet (CSV)"))
    merchant = forms.ModelChoiceField(label=gettext_lazy("Shop"), queryset=Merchant.objects.none())

    def __init__(self, *args: object, merchants: list[Merchant], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as Django calls it
        field = cast("forms.ModelChoiceField[Merchant]", self.fields["merchant"])
        field.queryset = Merchant.objects.filter(pk__in=[each.pk for each in merchants])
        field.initial = merchants[0] if merchants else None

    def clean_sheet(self) -> str:
        """Return the text of the sheet, or say what to do with one that is none."""
        file = self.cleaned_data["sheet"]
        if file.size > SHEET_BYTES_MAX:
            raise forms.ValidationError(_("The sheet is larger than 2 MB; split it."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The sheet is not UTF-8; save it as CSV UTF-8.")) from None


@admin.register(Attribute)
class AttributeAdmin(MerchantAdmin):
    """The values that relations speak of."""

    area = "shop"

    list_display = ("value", "name", "vertical")
    list_filter = ("vertical", "name")
    search_fields = ("name", "value")


@admin.register(Relation)
class RelationAdmin(MerchantAdmin):
    """Which values treat, suit, conflict with or contain which."""

    area = "shop"

    list_display = ("subject", "kind", "object", "source", "is_active")
    list_filter = ("kind", "is_active", "subject__vertical")
    list_select_related = ("subject", "object")
    search_fields = ("subject__value", "object__value", "source")
    autocomplete_fields = ("subject", "object")
    list_before_template = "shop_admin/relations_before.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the sheet's pages before the stock pages."""
        view = self.admin_site.admin_view
        pages = [
            path("sheet.csv", view(self.sheet), name="products_relation_sheet"),
            path("import/", view(self.upload), name="products_relation_import"),
        ]
        return [*pages, *super().get_urls()]

    def sheet(self, request: HttpRequest) -> HttpResponse:
        """Return the graph of the user's shop (`?shop=` names one of several) as CSV, with what ships."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        merchants = list(merchants_of(request.user))
        named = request.GET.get("shop", "")
        merchant = next((each for each in merchants if each.slug == named or not named), None)
        if merchant is None:
            raise PermissionDenied
        with merchant_scope(merchant):
            content = export_relations(merchant=merchant)
        answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="relations-{merchant.slug}.csv"'
        return answer

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a sheet; say row by row what is wrong, and write nothing then."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        merchants = [
            each
            for each in merchants_of(request.user)
            if role_allows(request.user, area=self.area, act="change", merchant_id=each.pk)
        ]
        form = SheetForm(request.POST or None, request.FILES or None, merchants=merchants)
        errors: list[RowError] = []
        if request.method == "POST" and form.is_valid():
            merchant = form.cleaned_data["merchant"]
            with merchant_scope(merchant):
                written, errors = import_relations(merchant=merchant, text=form.cleaned_data["sheet"])
            if not errors:
                told = ngettext("%(count)d relation written.", "%(count)d relations written.", written)
                messages.success(request, told % {"count": written})
                return HttpResponseRedirect(reverse("admin:products_relation_changelist"))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "errors": errors,
                   "title": _("Import relations of attributes")}  # fmt: skip
        return TemplateResponse(request, "shop_admin/relations_import.html", context)
