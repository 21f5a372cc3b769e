"""Admin: importing a sheet in four steps (file, columns, dry run, import), with undo."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.accounts import audit
from catalog.accounts.admin_theme import display
from catalog.accounts.models import Merchant
from catalog.accounts.tenancy import MerchantAdmin, merchants_of
from catalog.products import import_wizard
from catalog.products.importers import FORMATS, CannotUndo, Issue, undo_import
from catalog.products.importers.cells import CURRENCIES
from catalog.products.models import ImportRun, ImportState


class UploadForm(forms.Form):
    """The file and what it does not say itself."""

    sheet = forms.FileField(label=gettext_lazy("Sheet"))
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency of the prices"), choices=[(code, code) for code in sorted(CURRENCIES)]
    )
    shop = forms.SlugField(required=False, widget=forms.HiddenInput())


@admin.register(ImportRun)
class ImportRunAdmin(MerchantAdmin):
    """Imports: those that were, and the next one."""

    list_display = ("file_name", "format_name", "state_label", "counted", "user", "created_at")
    list_filter = ("state",)
    search_fields = ("file_name",)
    list_select_related = ("user",)

    def get_urls(self) -> list[URLPattern]:
        """Put the steps before the stock pages."""
        view = self.admin_site.admin_view
        steps = [
            path("new/", view(self.new), name="products_importrun_new"),
            path("<int:run_id>/columns/", view(self.columns), name="products_importrun_columns"),
            path("<int:run_id>/dry-run/", view(self.dry_run), name="products_importrun_dry_run"),
            path("<int:run_id>/errors.csv", view(self.errors), name="products_importrun_errors"),
            path("<int:run_id>/done/", view(self.done), name="products_importrun_done"),
            path("<int:run_id>/undo/", view(self.undo), name="products_importrun_undo"),
            path("<int:run_id>/go-on/", view(self.go_on), name="products_importrun_go_on"),
        ]
        return [*steps, *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The plus sign begins a new import."""
        return HttpResponseRedirect(reverse("admin:products_importrun_new"))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the step an import stands at."""
        run = self._run(request, int(object_id) if object_id.isdecimal() else 0, act="view")
        step = "dry_run" if run.state == ImportState.DRY_RUN else "done"
        return HttpResponseRedirect(reverse(f"admin:products_importrun_{step}", args=[run.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An import is undone, not deleted."""
        return False

    @display(description=gettext_lazy("format"))
    def format_name(self, row: ImportRun) -> str:
        """The format a merchant knows."""
        return FORMATS.get(row.format, row.format)

    @display(
        description=gettext_lazy("state"),
        label={
            "done": "success",
            "dry_run": "info",
            "running": "info",
            "failed": "danger",
            "broken_off": "danger",
            "undone": "warning",
        },
    )
    def state_label(self, row: ImportRun) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("products"))
    def counted(self, row: ImportRun) -> str:
        """What became of the products."""
        counts = {name: row.counts.get(name, 0) for name in ("created", "updated", "unchanged", "skipped")}
        return _("%(created)s new, %(updated)s updated, %(unchanged)s unchanged, %(skipped)s skipped") % counts

    def new(self, request: HttpRequest) -> HttpResponse:
        """Step 1: the file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        merchant = self._merchant(request)
        form = UploadForm(request.POST or None, request.FILES or None, initial={"currency": merchant.currency})
        if request.method == "POST" and form.is_valid():
            run, problem = import_wizard.keep_upload(
                merchant=merchant,
                upload=form.cleaned_data["sheet"],
                currency=form.cleaned_data["currency"],
                user_id=request.user.pk,
            )
            if problem is None:
                return self._to("columns", run)
            form.add_error("currency" if problem.field == "currency" else "sheet", f"{problem.what} {problem.remedy}")
        context = {"form": form, "merchants": merchants_of(request.user), "shop": merchant}
        return self._page(request, "new", context)

    def columns(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Step 2: how the columns were understood, with the first rows."""
        run = self._run(request, run_id)
        return self._page(request, "columns", {"run": run, "preview": import_wizard.preview(run)})

    def dry_run(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Step 3: what would happen; fixes are typed in place, then the import is started from here."""
        run = self._run(request, run_id, act="view" if request.method == "GET" else "change")
        if run.state != ImportState.DRY_RUN:
            return self._to("done", run)
        fixes = import_wizard.fixes_of(request.POST) if request.method == "POST" else None
        if "import" in request.POST:
            summary = import_wizard.commit(run=run, fixes=fixes, user_id=request.user.pk)
            if summary.is_written:
                self._note(request, run, "import", summary.counts())
                return self._to("done", run)
        else:
            summary = import_wizard.check(run=run, fixes=fixes)
        return self._page(request, "dry_run", {"run": run, **import_wizard.shown(run, summary)})

    def errors(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The rows to fix as a file."""
        run = self._run(request, run_id, act="view")
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-errors.csv"'
        response.write("\ufeff")
        writer = csv.writer(response)
        writer.writerow([_("Row"), _("Product"), _("Column"), _("In the file"), _("What is wrong"), _("What to do")])
        for issue in map(Issue.from_json, run.issues):
            cells = (str(issue.row), issue.product, issue.field, issue.value, issue.what, issue.remedy)
            writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
        return response

    def done(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Step 4: what was done, and how to undo it."""
        run = self._run(request, run_id, act="view")
        if run.state == ImportState.DRY_RUN:
            return self._to("dry_run", run)
        return self._page(request, "done", {"run": run, "issues": list(map(Issue.from_json, run.issues[:50]))})

    def undo(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Take the import back."""
        run = self._run(request, run_id)
        if request.method != "POST":
            return self._to("done", run)
        try:
            undone = undo_import(merchant=run.merchant, run_id=run.pk)
        except CannotUndo as error:
            messages.error(request, str(error))
            return self._to("done", run)
        self._note(request, run, "undo import", {"deleted": undone.deleted, "restored": undone.restored})
        text = _("Taken back: %(restored)s restored, %(deleted)s removed, %(archived)s archived.")
        counts = {"restored": undone.restored, "deleted": undone.deleted, "archived": undone.archived}
        messages.success(request, text % counts)
        if undone.kept:
            titles = ", ".join(title for _id, title in undone.kept[:10])
            messages.warning(request, _("Changed since, so left as they are: %(titles)s") % {"titles": titles})
        return self._to("done", run)

    def go_on(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Begin again with the file of an import that broke off; what it wrote is found unchanged."""
        run = self._run(request, run_id)
        if request.method != "POST" or run.state != ImportState.BROKEN_OFF:
            return self._to("done", run)
        try:
            again = import_wizard.go_on(run=run, user_id=request.user.pk)
        except import_wizard.FileGone:
            messages.error(request, _("The file is no longer kept. Upload it again."))
            return self._to("done", run)
        self._note(request, run, "go on with import", {"run": again.pk})
        return self._to("dry_run", again)

    def _page(self, request: HttpRequest, step: str, context: dict[str, Any]) -> TemplateResponse:
        whole = {
            **self.admin_site.each_context(request),
            "title": _("Import"),
            "step": step,
            "can_change": self.has_add_permission(request),
            **context,
        }
        return TemplateResponse(request, f"shop_admin/import_{step}.html", whole)

    def _merchant(self, request: HttpRequest) -> Merchant:
        """Return the shop to import into: the one asked for, else the user's first."""
        merchants = merchants_of(request.user)
        slug = request.POST.get("shop") or request.GET.get("shop", "")
        found = next((row for row in merchants if row.slug == slug or not slug), None)
        if found is None:
            raise Http404
        return found

    def _run(self, request: HttpRequest, run_id: int, *, act: str = "change") -> ImportRun:
        """Return a run of the user's shops.

        Raises: Http404 for anyone else's; PermissionDenied for a role that may not.
        """
        run: ImportRun | None = self.get_queryset(request).select_related("merchant").filter(pk=run_id).first()
        if run is None:
            raise Http404
        allowed = self.has_view_permission if act == "view" else self.has_change_permission
        if not allowed(request, run):
            raise PermissionDenied
        return run

    def _to(self, step: str, run: ImportRun) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"admin:products_importrun_{step}", args=[run.pk]))

    def _note(self, request: HttpRequest, run: ImportRun, act: str, detail: dict[str, Any]) -> None:
        audit.note(
            merchant_id=run.merchant_id,
            actor_id=request.user.pk,
            action=act,
            subject=Path(run.file_name).name,
            detail=detail,
        )
