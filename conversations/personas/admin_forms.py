"""The persona's form: five tabs, phrases as chips, errors that name the field they disagree with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import ByLanguageField, PhrasesField
from catalog.accounts.admin_theme import TextArea
from conversations.personas.checks import PersonaInvalid
from conversations.personas.models import Persona
from conversations.personas.wording import WORDING_FIELDS, Wording
from tools.registry import TOOLS

_TABS = (
    ("voice", _("Voice"), ("voice", "warmth", "length", "catch_phrases")),
    ("opening", _("Opening"), ("openers", "suggested_questions", "disclosures")),
    ("rules", _("Rules"), ("forbidden_claims", "handoff_topics", "no_answer")),
    ("tools", _("Tools"), ("tools", "templates")),
)


class RangeField(forms.IntegerField):
    """A slider from 0 to 100 with a word at each end."""

    def __init__(self, *, low: Any, high: Any, **options: Any) -> None:
        self.low, self.high = low, high
        widget = forms.NumberInput(attrs={"type": "range", "min": 0, "max": 100, "step": 5})
        super().__init__(min_value=0, max_value=100, widget=widget, **options)


class PersonaForm(forms.Form):
    """Everything of a persona that a merchant writes."""

    voice = ByLanguageField(label=_("How they speak"), rows=4)
    warmth = RangeField(label=_("Warmth"), low=_("Reserved"), high=_("Warm"))
    length = RangeField(label=_("Length"), low=_("Brief"), high=_("Detailed"))
    catch_phrases = PhrasesField(label=_("Phrases they use"))
    openers = ByLanguageField(label=_("Opening line"), rows=2)
    suggested_questions = PhrasesField(
        label=_("Suggested questions"), help_text=_("Shown as buttons under the opening.")
    )
    disclosures = ByLanguageField(
        label=_("AI notice"), rows=2, help_text=_("The wording can change; the AI label is always shown.")
    )
    forbidden_claims = PhrasesField(label=_("Never say"), help_text=_("Checked in code before every answer is sent."))
    handoff_topics = PhrasesField(label=_("Questions for the creator"), help_text=_("These go to a person."))
    no_answer = ByLanguageField(label=_("When nothing is known"), rows=2)
    tools = forms.MultipleChoiceField(
        label=_("What the double may do"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("None ticked = all."),
    )
    templates = forms.JSONField(
        label=_("Sentences"),
        required=False,
        widget=TextArea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text=_("Fixed sentences by language and occasion, used without a language model."),
    )

    def __init__(self, data: Any = None, *, persona: Persona) -> None:
        initial = {name: getattr(persona, name) for name in WORDING_FIELDS}
        super().__init__(data, initial=initial)
        choices = self.fields["tools"]
        assert isinstance(choices, forms.MultipleChoiceField)  # noqa: S101 (declared above)
        choices.choices = [(name, name) for name in TOOLS]

    def clean_templates(self) -> Any:
        """An empty field is no sentences."""
        return self.cleaned_data["templates"] or {}

    def wording(self) -> Wording:
        """Return what was written."""
        return Wording(**{name: self.cleaned_data[name] for name in WORDING_FIELDS})

    def show_problems(self, error: PersonaInvalid | ValueError) -> None:
        """Put each problem beside its field."""
        if not isinstance(error, PersonaInvalid):
            self.add_error(None, str(error))
            return
        for problem in error.problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)

    def tabs(self) -> list[dict[str, Any]]:
        """Return the tabs with their fields, how many rules stand there, and how many errors."""
        return [
            {
                "key": key,
                "title": title,
                "fields": [self[name] for name in names],
                "errors": sum(len(self.errors.get(name, ())) for name in names) if self.is_bound else 0,
                "count": self._rules() if key == "rules" else 0,
            }
            for key, title, names in _TABS
        ]

    def _rules(self) -> int:
        claims = self.initial.get("forbidden_claims") or {}
        return max([len(phrases) for phrases in claims.values()] or [0])
