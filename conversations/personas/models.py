"""Who speaks: a creator's persona in versions, and what the double knows."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.accounts.models import Creator, MerchantOwned
from catalog.languages import in_language, reader_language


class PersonaState(models.TextChoices):
    """One version is live; drafts are tried out beside it."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", pgettext_lazy("persona", "Live")
    RETIRED = "retired", _("Retired")


class Persona(MerchantOwned):
    """One version of how a creator's double speaks. A published version is never edited: a new draft is made."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="personas", verbose_name=_("creator"))
    version = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=PersonaState.choices, default=PersonaState.DRAFT)
    voice = models.JSONField(_("how they speak"), default=dict, help_text=_("Voice rules by language."))
    warmth = models.PositiveSmallIntegerField(_("warmth"), default=60, validators=[MaxValueValidator(100)])
    length = models.PositiveSmallIntegerField(_("length"), default=40, validators=[MaxValueValidator(100)])
    # {language: [phrase, …]}; {language: text}; {language: [question, …]}
    catch_phrases = models.JSONField(_("phrases they use"), default=dict, blank=True)
    openers = models.JSONField(_("opening line"), default=dict, blank=True)
    suggested_questions = models.JSONField(_("suggested questions"), default=dict, blank=True)
    forbidden_claims = models.JSONField(_("never say"), default=dict, blank=True)
    disclosures = models.JSONField(_("AI notice"), default=dict, blank=True)
    no_answer = models.JSONField(_("when nothing is known"), default=dict, blank=True)
    # Sentences of the offline model: {language: {intent: [template, …]}}; placeholders in braces.
    templates = models.JSONField(_("sentences"), default=dict, blank=True)
    tools = models.JSONField(_("tools"), default=list, blank=True, help_text=_("Empty = all."))
    handoff_topics = models.JSONField(_("questions for the creator"), default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    published_at = models.DateTimeField(_("live since"), null=True, blank=True)

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("personas")
        ordering = ["creator_id", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["creator", "version"], name="persona_version_once"),
            models.UniqueConstraint(fields=["creator"], condition=Q(state=PersonaState.LIVE), name="persona_one_live"),
        ]

    def __str__(self) -> str:
        return f"{self.creator} v{self.version}"

    def opener(self, language: str) -> str:
        """Return the opening line in `language`."""
        return in_language(self.openers, language)


class KnowledgeKind(models.TextChoices):
    """Where a text comes from."""

    POLICY = "policy", _("Shop policy")
    CONTENT = "content", _("Creator's content")
    OPINION = "opinion", _("Creator's opinion")
    NOTE = "note", _("Note")


class KnowledgeDocument(MerchantOwned):
    """A text the double may answer from; without a creator it belongs to the whole shop."""

    creator = models.ForeignKey(
        Creator, on_delete=models.CASCADE, null=True, blank=True, related_name="documents", verbose_name=_("creator")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=KnowledgeKind.choices)
    slug = models.SlugField(_("slug"), max_length=120)
    titles = models.JSONField(_("titles"), default=dict)
    texts = models.JSONField(_("texts"), default=dict)
    content_id = models.BigIntegerField(_("from content"), null=True, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("knowledge")
        verbose_name_plural = _("knowledge")
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["merchant", "slug"], name="document_slug_once")]

    def __str__(self) -> str:
        return in_language(self.titles, reader_language()) or self.slug


class KnowledgeChunk(MerchantOwned):
    """A passage of a document in one language, small enough to quote; `start_s` when it was said in a video."""

    document = models.ForeignKey(
        KnowledgeDocument, on_delete=models.CASCADE, related_name="chunks", verbose_name=_("document")
    )
    language = models.CharField(_("language"), max_length=8)
    position = models.PositiveIntegerField(_("position"))
    text = models.TextField(_("text"))
    start_s = models.PositiveIntegerField(_("second"), null=True, blank=True)
    end_s = models.PositiveIntegerField(_("to second"), null=True, blank=True)

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["document_id", "language", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "language", "position"], name="chunk_position_once")]

    def __str__(self) -> str:
        return self.text[:60]
