"""Texts are marked so that gettext finds them, and translated when they are read, not when a module is loaded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shop_assistant", "catalog", "conversations", "tools", "frontend")
AT_ONCE = {"gettext", "ngettext", "pgettext", "npgettext"}


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    """Every module of ours, parsed."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def test_no_text_is_marked_inside_an_f_string(modules: dict[str, ast.Module]) -> None:
    """xgettext does not look there."""
    found = [
        f"{name}:{call.lineno}"
        for name, module in modules.items()
        for text in ast.walk(module)
        if isinstance(text, ast.JoinedStr)
        for call in _calls(text, set(_marks(module)))
    ]

    assert found == []


def test_no_text_is_translated_while_a_module_is_loaded(modules: dict[str, ast.Module]) -> None:
    """It would stay in the language of that moment; gettext_lazy waits."""
    found = [
        f"{name}:{call.lineno}"
        for name, module in modules.items()
        for call in _calls_at_load(module, {mark for mark, real in _marks(module).items() if real in AT_ONCE})
    ]

    assert found == []


def test_both_rules_see_what_breaks_them() -> None:
    module = ast.parse(
        "from django.utils.translation import gettext as _\n"
        "EARLY = (_('early'),)\n"
        "def late(given=_('default')):\n    return f\"{_('hidden')}\", _('fine')\n"
    )
    marks = set(_marks(module))

    assert [call.lineno for call in _calls_at_load(module, marks)] == [2, 3]
    assert [call.lineno for text in ast.walk(module) if isinstance(text, ast.JoinedStr) for call in _calls(text, marks)]


def _marks(module: ast.Module) -> dict[str, str]:
    """Return {name in this module: name in Django} of what marks texts."""
    imports = [node for node in ast.walk(module) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: alias.name
        for node in imports
        if node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }


def _calls(node: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in names:
            yield each


def _calls_at_load(node: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    """Yield the calls that run on import: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*child.decorator_list, child.args):
                yield from _calls(part, names)
        elif not isinstance(child, ast.Lambda):
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in names:
                yield child
            yield from _calls_at_load(child, names)
