"""Admin: pins, boosts and hides for single queries, synonyms, and the log of searches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import action, display
from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.tenancy import MerchantAdmin, merchants_of, role_allows
from catalog.languages import normalise_language
from catalog.products.attribute_admin import SheetForm
from catalog.products.attribute_csv import RowError
from catalog.products.explaining import explain_search
from catalog.products.merchandising_forms import PreviewForm, RuleForm, SynonymForm
from catalog.products.merchandising_models import SearchRule, Synonym, query_key
from catalog.products.search_log_models import SearchLog
from catalog.products.synonyms import export_synonyms, import_synonyms
from catalog.search.ports import SearchUnavailable

PREVIEW_PRODUCTS = 5
KIND_COLOURS = {"pin": "success", "boost": "info", "hide": "danger"}
STATE_COLOURS = {"running": "success", "to come": "info", "over": "danger"}


@admin.register(SearchRule)
class SearchRuleAdmin(MerchantAdmin):
    """Which products stand first, rise, sink or are not found, for one query."""

    area = "shop"
    form = RuleForm
    list_display = ("query", "product", "kind_label", "how_much", "starts_at", "ends_at", "state_label")
    list_filter = ("kind",)
    list_select_related = ("product",)
    search_fields = ("query", "query_key", "product__title")
    autocomplete_fields = ("product",)
    fields = ("merchant", "query", "product", "kind", "place", "factor", "starts_at", "ends_at")
    conditional_fields = {"place": "kind == 'pin'", "factor": "kind == 'boost'"}
    change_form_after_template = "shop_admin/rule_after.html"
    list_before_template = "shop_admin/rules_before.html"
    actions = ("end_now",)

    class Media:
        js = ("shop_assistant/rule_preview.js",)

    def get_urls(self) -> list[URLPattern]:
        """Put the preview before the stock pages."""
        preview = path("preview/", self.admin_site.admin_view(self.preview), name="products_searchrule_preview")
        return [preview, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Show what shoppers see for a query now, and what they would see with the rule as it is being written."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PreviewForm(request.GET)
        merchant = form.merchant(merchants_of(request.user))
        context: dict[str, Any] = {"query": form.query}
        if form.query and merchant:
            language = normalise_language(get_language())
            given: dict[str, Any] = {"merchant": merchant, "text": form.query, "language": language}
            with merchant_scope(merchant):
                try:
                    context["now"] = explain_search(**given, limit=PREVIEW_PRODUCTS)
                    context["then"] = form.draft and explain_search(**given, limit=PREVIEW_PRODUCTS, draft=form.draft)
                except SearchUnavailable:
                    context["is_down"] = True
        return TemplateResponse(request, "shop_admin/rule_preview.html", context)

    @display(description=gettext_lazy("what happens"), ordering="kind", label=KIND_COLOURS)
    def kind_label(self, row: SearchRule) -> tuple[str, str]:
        """The kind as a tag."""
        return row.kind, row.get_kind_display()

    @display(description=gettext_lazy("how"))
    def how_much(self, row: SearchRule) -> str:
        """The place of a pin, the factor of a boost."""
        return {"pin": _("place %(place)d") % {"place": row.place}, "boost": f"×{row.factor:g}"}.get(row.kind, "")

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def state_label(self, row: SearchRule) -> tuple[str, str]:
        """Whether it holds now."""
        now = timezone.now()
        if row.ends_at and row.ends_at <= now:
            return "over", _("over")
        return ("to come", _("to come")) if row.starts_at and row.starts_at > now else ("running", _("running"))

    @action(description=gettext_lazy("End now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[SearchRule]) -> None:
        """The usual order holds again; a rule that has not begun is deleted."""
        now = timezone.now()
        rows = self.changeable(request, queryset)
        rows.filter(starts_at__gte=now).delete()
        ended = rows.exclude(ends_at__lte=now).update(ends_at=now)
        messages.success(request, ngettext("%(count)d rule ended.", "%(count)d rules ended.", ended) % {"count": ended})


@admin.register(Synonym)
class SynonymAdmin(MerchantAdmin):
    """Words that stand for each other, with a sheet in and out; they hold for the next search."""

    area = "shop"
    form = SynonymForm
    list_display = ("words_label", "direction", "is_active")
    list_filter = ("is_active", "is_one_way")
    search_fields = ("words",)
    fields = ("merchant", "words", "is_one_way", "is_active")
    list_before_template = "shop_admin/synonyms_before.html"
    change_form_after_template = "shop_admin/synonym_after.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the sheet's pages before the stock pages."""
        view = self.admin_site.admin_view
        pages = [
            path("sheet.csv", view(self.sheet), name="products_synonym_sheet"),
            path("import/", view(self.upload), name="products_synonym_import"),
        ]
        return [*pages, *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take the words of the address: unmet demand leads here."""
        return {"words": request.GET.get("words", ""), "is_active": True}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Synonym], search_term: str
    ) -> tuple[QuerySet[Synonym], bool]:
        """Find words in any case and Chinese script; SQLite holds the Chinese of a JSON column as escapes."""
        wanted = query_key(search_term)
        rows = queryset.values_list("pk", "words")
        found = [pk for pk, words in rows if wanted in query_key(" ".join(map(str, words)))]
        return queryset.filter(pk__in=found), False

    @display(description=gettext_lazy("words"), ordering="words")
    def words_label(self, row: Synonym) -> str:
        """The words as they hold."""
        words = list(map(str, row.words))
        return f"{words[0]} → {', '.join(words[1:])}" if row.is_one_way else " = ".join(words)

    @display(description=gettext_lazy("holds"))
    def direction(self, row: Synonym) -> str:
        """Both ways or one."""
        return _("one way") if row.is_one_way else _("both ways")

    def sheet(self, request: HttpRequest) -> HttpResponse:
        """Return the synonyms of the user's shop (`?shop=` names one of several) as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        named = request.GET.get("shop", "")
        merchant = next((each for each in merchants_of(request.user) if each.slug == named or not named), None)
        if merchant is None:
            raise Http404
        with merchant_scope(merchant):
            content = export_synonyms(merchant=merchant)
        answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="synonyms-{merchant.slug}.csv"'
        return answer

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a sheet; say row by row what is wrong, and write nothing then."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = SheetForm(request.POST or None, request.FILES or None, merchants=self._changed_by(request))
        errors: list[RowError] = []
        if request.method == "POST" and form.is_valid():
            written, errors = self._import(form)
            if not errors:
                told = ngettext("%(count)d row of synonyms written.", "%(count)d rows of synonyms written.", written)
                messages.success(request, told % {"count": written})
                return HttpResponseRedirect(reverse("admin:products_synonym_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "errors": errors,
            "title": _("Import synonyms"),
        }
        return TemplateResponse(request, "shop_admin/synonyms_import.html", context)

    def _changed_by(self, request: HttpRequest) -> list[Merchant]:
        return [
            each
            for each in merchants_of(request.user)
            if role_allows(request.user, area=self.area, act="change", merchant_id=each.pk)
        ]

    def _import(self, form: forms.Form) -> tuple[int, list[RowError]]:
        merchant = form.cleaned_data["merchant"]
        with merchant_scope(merchant):
            return import_synonyms(merchant=merchant, text=form.cleaned_data["sheet"])


@admin.register(SearchLog)
class SearchLogAdmin(ReadOnly, MerchantAdmin):
    """One row a page of answers; who asked is not shown."""

    area = "insight"
    list_display = ("occurred_at", "query", "total", "corrected", "is_relaxed", "language", "surface", "took_ms")
    list_filter = ("surface", "language", "is_relaxed")
    search_fields = ("query", "query_key")
    date_hierarchy = "occurred_at"
    show_full_result_count = False
    exclude = ("shopper_key",)
