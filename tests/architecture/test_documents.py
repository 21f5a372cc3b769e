"""Generated pages are current, and what the README shows is what the code says."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from shop_assistant import reference
from shop_assistant.parts import parts, table
from shop_assistant.settings import BASE_DIR


@pytest.mark.parametrize("name", ["tools.md", "settings.md", "events.md", "commands.md"])
def test_no_tool_setting_event_or_command_is_undocumented(name: str) -> None:
    written = (reference.DOCS / name).read_text(encoding="utf-8")

    assert written == reference.pages()[name], "run scripts/docs"


def test_the_readme_shows_the_table_that_scripts_run_prints(settings: Settings) -> None:
    for part in parts():  # the table of a first run, whatever engines this test run was given
        setattr(settings, part.setting, "")
    readme = (BASE_DIR / "README.md").read_text(encoding="utf-8")

    assert table() in readme


def test_every_page_that_the_index_names_exists() -> None:
    index = (BASE_DIR / "docs" / "index.md").read_text(encoding="utf-8")
    named = {part.split(")")[0] for part in index.split("](")[1:]}

    assert {name for name in named if not (BASE_DIR / "docs" / name).exists()} == set()
