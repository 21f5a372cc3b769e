"""Admin: personas in versions with a try-out beside them, what the double knows, and the creator's content."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from catalog.accounts import audit
from catalog.accounts.admin_fields import ByLanguageField
from catalog.accounts.admin_theme import display
from catalog.accounts.models import Creator
from catalog.accounts.tenancy import MerchantAdmin, MerchantTabularInline, only_creator_of
from catalog.languages import normalise_language
from catalog.products.models import ContentItem, ContentProduct, TranscriptLine
from conversations.personas import services
from conversations.personas.admin_forms import PersonaForm
from conversations.personas.checks import PersonaInvalid
from conversations.personas.models import KnowledgeDocument, Persona, PersonaState
from conversations.personas.selectors import persona_face

# Why a product was ranked where it is, in words.
_SIGNALS = {
    "skin_type": gettext_lazy("Suits the skin"),
    "concern": gettext_lazy("Treats what was named"),
    "text": gettext_lazy("The words match"),
    "shelf": gettext_lazy("On the creator's shelf"),
    "budget": gettext_lazy("Within the budget"),
    "activity": gettext_lazy("Made for the activity"),
    "category": gettext_lazy("The kind asked for"),
    "watching": gettext_lazy("On screen now"),
    "stock": gettext_lazy("In stock"),
}


@admin.register(Persona)
class PersonaAdmin(MerchantAdmin):
    """How a creator's double speaks; a published version is never edited, a new draft is made from it."""

    area = "double"
    creator_path = "creator"
    list_display = ("__str__", "state_label", "published_at", "created_by", "created_at")
    list_filter = ("state", "creator")
    list_select_related = ("creator", "created_by")

    def get_urls(self) -> list[URLPattern]:
        """Add the acts beside the form."""
        view = self.admin_site.admin_view
        return [
            path("<int:persona_id>/draft/", view(self.draft), name="personas_persona_draft"),
            path("creator/<int:creator_id>/draft/", view(self.first_draft), name="personas_persona_first_draft"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The plus sign opens the draft of the user's first creator."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        only = only_creator_of(request.user)
        creators = Creator.objects.all()
        creator = (creators.filter(pk=only) if only is not None else creators).first()
        if creator is None:
            messages.warning(request, _("Add a creator first."))
            return HttpResponseRedirect(reverse("admin:accounts_creator_changelist"))
        return self._open_draft(request, creator)

    def first_draft(self, request: HttpRequest, creator_id: int) -> HttpResponse:
        """Open the draft of one creator."""
        only = only_creator_of(request.user)
        creator = Creator.objects.filter(pk=creator_id).first()
        if creator is None or (only is not None and creator.pk != only):
            raise Http404
        if not self.has_change_permission(request, creator):
            raise PermissionDenied
        return self._open_draft(request, creator)

    def draft(self, request: HttpRequest, persona_id: int) -> HttpResponse:
        """Open the draft that follows a published version."""
        persona = self._persona(request, persona_id)
        if not self.has_change_permission(request, persona):
            raise PermissionDenied
        return self._open_draft(request, persona.creator)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form with the try-out beside it: save the draft, or check and publish it."""
        persona = self._persona(request, int(object_id) if object_id.isdecimal() else 0)
        if not self.has_view_permission(request, persona):
            raise PermissionDenied
        form = PersonaForm(request.POST or None, persona=persona)
        if request.method == "POST":
            if not self.has_change_permission(request, persona):
                raise PermissionDenied
            answer = self._save(request, persona, form)
            if answer is not None:
                return answer
        return self._page(request, persona, form)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions stay, so that every old answer can be explained."""
        return False

    @display(description=gettext_lazy("state"), label={"live": "success", "draft": "warning", "retired": "info"})
    def state_label(self, row: Persona) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    def _save(self, request: HttpRequest, persona: Persona, form: PersonaForm) -> HttpResponse | None:
        if not form.is_valid():
            return None
        try:
            with transaction.atomic():
                services.save_draft(persona_id=persona.pk, wording=form.wording())
        except (PersonaInvalid, services.NotADraft) as error:
            form.show_problems(error)
            return None
        if "publish" in request.POST:
            try:
                services.publish(persona_id=persona.pk)
            except PersonaInvalid as error:
                form.show_problems(error)
                return None
            self._note(request, persona, "publish persona")
            messages.success(request, _("Version %(version)s is live.") % {"version": persona.version})
        else:
            self._note(request, persona, "save persona")
            messages.success(request, _("Draft saved."))
        return HttpResponseRedirect(reverse("admin:personas_persona_change", args=[persona.pk]))

    def _page(self, request: HttpRequest, persona: Persona, form: PersonaForm) -> TemplateResponse:
        language = normalise_language(get_language())
        versions = Persona.objects.filter(creator=persona.creator_id).select_related("created_by")
        context = {
            **self.admin_site.each_context(request),
            "title": str(persona),
            "persona": persona,
            "form": form,
            "tabs": form.tabs(),
            "face": persona_face(persona, persona.creator, language),
            "short_name": persona.creator.short_name(language),
            "versions": versions.order_by("-version"),
            "live": versions.filter(state=PersonaState.LIVE).first(),
            "signals": json.dumps({name: str(words) for name, words in _SIGNALS.items()}, ensure_ascii=False),
            "passed": json.dumps([_("Price equals catalog"), _("No forbidden claim"), _("Link is this shop's")]),
            "is_draft": persona.state == PersonaState.DRAFT,
            "can_change": self.has_change_permission(request, persona),
            "opts": None,
        }
        return TemplateResponse(request, "shop_admin/persona.html", context)

    def _persona(self, request: HttpRequest, persona_id: int) -> Persona:
        persona: Persona | None = (
            self.get_queryset(request).select_related("creator", "merchant").filter(pk=persona_id).first()
        )
        if persona is None:
            raise Http404
        return persona

    def _open_draft(self, request: HttpRequest, creator: Creator) -> HttpResponseRedirect:
        draft = services.new_draft(creator=creator, written_by_id=request.user.pk)
        return HttpResponseRedirect(reverse("admin:personas_persona_change", args=[draft.pk]))

    def _note(self, request: HttpRequest, persona: Persona, act: str) -> None:
        audit.note(merchant_id=persona.merchant_id, actor_id=request.user.pk, action=act, subject=str(persona))


class KnowledgeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A text the double may answer from."""

    titles = ByLanguageField(label=gettext_lazy("Title"))
    texts = ByLanguageField(label=gettext_lazy("Text"), rows=10)

    class Meta:
        model = KnowledgeDocument
        fields = ("kind", "creator", "slug", "titles", "texts", "merchant")

    def clean(self) -> dict[str, Any]:
        """A document without text answers nothing."""
        cleaned = super().clean() or {}
        if not cleaned.get("texts"):
            self.add_error("texts", _("Write the text in one language at least."))
        return cleaned


@admin.register(KnowledgeDocument)
class KnowledgeDocumentAdmin(MerchantAdmin):
    """Policies, opinions, notes; what comes from content is read only here."""

    area = "double"
    creator_path = "creator"
    form = KnowledgeForm
    list_display = ("__str__", "kind", "creator", "updated_at")
    list_filter = ("kind", "creator")
    search_fields = ("slug", "titles", "texts")
    list_select_related = ("creator",)
    prepopulated_fields = {"slug": ()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was read from content changes with the content."""
        return super().has_change_permission(request, obj) and not (obj and obj.content_id)

    def save_model(self, request: HttpRequest, obj: KnowledgeDocument, form: Any, change: bool) -> None:
        """Let the service save: it cuts the text into passages."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            # The service writes only what differs from the row: let it find the row without its passages.
            KnowledgeDocument.objects.filter(pk=obj.pk).update(texts={})
            services.ingest_document(
                merchant=obj.merchant,
                slug=obj.slug,
                kind=obj.kind,
                titles=obj.titles,
                texts=obj.texts,
                creator=obj.creator,
            )


class TranscriptForm(forms.ModelForm):  # type: ignore[type-arg]
    """A line and when it is said."""

    texts = ByLanguageField(label=gettext_lazy("Text"))

    class Meta:
        model = TranscriptLine
        fields = ("start_s", "end_s", "texts")


class TranscriptInline(MerchantTabularInline):
    """What is said, and when."""

    area = "double"
    model = TranscriptLine
    form = TranscriptForm
    fields = ("start_s", "end_s", "texts")
    tab = True


class ShownForm(forms.ModelForm):  # type: ignore[type-arg]
    """A product and when it is shown."""

    notes = ByLanguageField(label=gettext_lazy("What is said"))

    class Meta:
        model = ContentProduct
        fields = ("product", "start_s", "end_s", "notes")


class ShownInline(MerchantTabularInline):
    """The products shown, and when."""

    area = "double"
    model = ContentProduct
    form = ShownForm
    fields = ("product", "start_s", "end_s", "notes")
    autocomplete_fields = ("product",)
    tab = True


class ContentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A video or post."""

    titles = ByLanguageField(label=gettext_lazy("Title"))
    bodies = ByLanguageField(label=gettext_lazy("Text"), rows=6)

    class Meta:
        model = ContentItem
        fields = "__all__"  # noqa: DJ007 (the admin class names the fields)


@admin.register(ContentItem)
class ContentItemAdmin(MerchantAdmin):
    """The creator's videos and posts; saving one teaches the double what is said in it."""

    area = "double"
    creator_path = "creator"
    form = ContentForm
    list_display = ("__str__", "kind", "creator", "is_published", "published_at")
    list_filter = ("kind", "creator", "is_published")
    search_fields = ("slug", "titles")
    list_select_related = ("creator",)
    inlines = (TranscriptInline, ShownInline)
    fieldsets = (
        (None, {"fields": ("titles", ("kind", "creator"), ("slug", "is_published"), "published_at", "bodies")}),
        (
            gettext_lazy("Stage"),
            {"fields": ("embed_url", "poster_url", "duration_s"), "classes": ["tab"]},
        ),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, then make what is said answerable."""
        with transaction.atomic():
            super().save_related(request, form, formsets, change)
            services.ingest_content(content_id=form.instance.pk)

    def delete_model(self, request: HttpRequest, obj: ContentItem) -> None:
        """Delete, and forget what it taught."""
        with transaction.atomic():
            services.forget_content(content_id=obj.pk)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ContentItem]) -> None:
        """Delete each, and forget what it taught."""
        for row in queryset:
            self.delete_model(request, row)
