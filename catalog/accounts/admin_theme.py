"""What the admin takes from django-unfold, typed, in one place: a change of theme is a change of this file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from unfold import decorators
from unfold.admin import ModelAdmin as ThemedAdmin
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

__all__ = [
    "DecimalInput",
    "IntegerInput",
    "PasswordInput",
    "TextArea",
    "TextInput",
    "ThemedAdmin",
    "action",
    "display",
]

F = TypeVar("F", bound=Callable[..., Any])
DecimalInput = UnfoldAdminDecimalFieldWidget
IntegerInput = UnfoldAdminIntegerFieldWidget
PasswordInput = UnfoldAdminPasswordWidget
TextArea = UnfoldAdminTextareaWidget
TextInput = UnfoldAdminTextInputWidget


def display(
    *,
    description: Any = None,
    ordering: str | None = None,
    label: bool | Mapping[str, str] = False,
    header: bool = False,
) -> Callable[[F], F]:
    """Mark a method as a column; `label` draws it as a tag, by value when it is a mapping."""
    options: dict[str, Any] = {"description": description, "ordering": ordering}
    if label:
        options["label"] = dict(label) if isinstance(label, Mapping) else label
    if header:
        options["header"] = header
    return cast("Callable[[F], F]", decorators.display(**options))


def action(*, description: Any, permissions: Sequence[str]) -> Callable[[F], F]:
    """Mark a method as an act on chosen rows, for those who hold the permissions."""
    return cast("Callable[[F], F]", decorators.action(description=description, permissions=list(permissions)))
