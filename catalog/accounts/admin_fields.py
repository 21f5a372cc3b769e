"""Form fields of the admin for what rows keep as JSON: a text in each language, lists of phrases, plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_theme import TextArea, TextInput
from catalog.languages import LANGUAGES

LANGUAGE_NAMES = {"en": _("English"), "zh-hant": _("Traditional Chinese"), "zh-hans": _("Simplified Chinese")}
_SHOWN = ("en", "zh-hant")  # Simplified is converted from Traditional unless someone writes it


class ByLanguageWidget(forms.MultiWidget):
    """One input a language, each named."""

    template_name = "shop_admin/by_language.html"

    def __init__(self, *, rows: int = 1, is_phrases: bool = False, attrs: Mapping[str, Any] | None = None) -> None:
        self.rows = rows
        widgets: dict[str, forms.Widget | type[forms.Widget]] = {
            code: self._widget(rows, is_phrases, code) for code in LANGUAGES
        }
        super().__init__(widgets, dict(attrs or {}))

    def _widget(self, rows: int, is_phrases: bool, code: str) -> forms.Widget:
        extra = {"lang": code} | ({"data-chips": "1"} if is_phrases else {})
        if rows > 1:
            return cast("forms.Widget", TextArea(attrs={"rows": rows, **extra}))
        return cast("forms.Widget", TextInput(attrs=extra))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add each input's language, and whether it is folded away."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        values = self.decompress(value) if not isinstance(value, list) else value
        for code, widget, text in zip(LANGUAGES, context["widget"]["subwidgets"], values, strict=True):
            widget["language"] = LANGUAGE_NAMES[code]
            widget["is_folded"] = code not in _SHOWN and not text
        return context

    def decompress(self, value: Any) -> list[str]:
        """Return the text of each language; phrases stand on a line each."""
        texts = value if isinstance(value, Mapping) else {}
        return [_joined(texts.get(code, "")) for code in LANGUAGES]


class ByLanguageField(forms.MultiValueField):
    """{language: text}; a language without text is left out."""

    def __init__(self, *, rows: int = 1, **options: Any) -> None:
        options.setdefault("required", False)
        fields = [forms.CharField(required=False, strip=True) for _code in LANGUAGES]
        super().__init__(fields, widget=self.make_widget(rows), require_all_fields=False, **options)

    def make_widget(self, rows: int) -> ByLanguageWidget:
        """Return the widget."""
        return ByLanguageWidget(rows=rows)

    def compress(self, data_list: Sequence[str]) -> dict[str, Any]:
        """Return the mapping that the row keeps."""
        return {code: text for code, text in zip(LANGUAGES, data_list or (), strict=False) if text}


class PhrasesField(ByLanguageField):
    """{language: [phrase, …]}; a phrase a line, drawn as chips where scripts run."""

    def make_widget(self, rows: int) -> ByLanguageWidget:
        """Return the widget."""
        return ByLanguageWidget(rows=max(rows, 2), is_phrases=True)

    def compress(self, data_list: Sequence[str]) -> dict[str, Any]:
        """Return the mapping that the row keeps."""
        lists = {code: _lines(text) for code, text in super().compress(data_list).items()}
        return {code: phrases for code, phrases in lists.items() if phrases}


class WordsField(forms.CharField):
    """A list of words, written with commas."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("widget", TextInput())
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Return what the input shows."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Return the list that the row keeps."""
        return [word.strip() for word in str(value or "").split(",") if word.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not their spelling."""
        return bool(self.to_python(data) != list(initial or []))


def _joined(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
