"""The house keeps its floors, loads no model library until one speaks, and misses no migration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
LAZY = ("langchain", "langchain_core", "langchain_openai", "langgraph", "openai")


def test_no_package_imports_one_above_it() -> None:
    finished = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stdout


def test_a_check_loads_no_language_model_library() -> None:
    code = (
        "import sys; from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'check']);"
        f"print('loaded:', sorted(set({LAZY!r}) & set(sys.modules)))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_no_file_names_a_vendor_outside_its_adapter() -> None:
    """What import-linter cannot say: openai only in modules named openai_*, and no import by string elsewhere."""
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for package in ("catalog", "tools", "conversations", "frontend", "shop_assistant")
        for path in (ROOT / package).rglob("*.py")
        if not path.name.startswith("openai_")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("import openai", "from openai")) or "__import__(" in line
    ]

    assert found == []
