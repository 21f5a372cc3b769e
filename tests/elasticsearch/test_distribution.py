"""What a person without Java or Maven is told; that the node works is shown by every test marked `engine`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from catalog.search.elasticsearch_mapping import index_body
from tests.elasticsearch.distribution import CannotStart, home, java_home

IN_EVERY_NODE = {"standard", "whitespace"}  # what the distribution has without analysis-common


def java(folder: Path, version: str) -> None:
    (folder / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    (folder / "java").chmod(0o755)


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("ELASTICSEARCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "bin"


def test_a_missing_java_is_named_with_the_remedy(bare_machine: Path) -> None:
    with pytest.raises(CannotStart, match="apt-get install openjdk-17-jdk-headless maven"):
        home()


def test_an_older_java_is_named(bare_machine: Path) -> None:
    java(bare_machine, "11.0.2")

    with pytest.raises(CannotStart, match=r"Java 17 or newer is needed; .*11\.0\.2"):
        home()


def test_java_17_will_do(bare_machine: Path) -> None:
    java(bare_machine, "17.0.15")

    assert java_home() == bare_machine.parent


def test_a_missing_maven_is_named_with_the_remedy(bare_machine: Path) -> None:
    java(bare_machine, "21")
    (bare_machine / "sh").symlink_to("/bin/sh")

    with pytest.raises(CannotStart, match=r"Maven is needed .* apt-get install maven"):
        home()


def test_the_mapping_uses_only_what_every_elasticsearch_has() -> None:
    body = index_body()
    analyzers = re.findall(r'"analyzer": "(\w+)"', json.dumps(body))

    assert "analysis" not in body["settings"]
    assert set(analyzers) <= IN_EVERY_NODE
