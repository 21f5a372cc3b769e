"""Reads deploy/compose.yaml and deploy/Dockerfile as a container engine would: commands, environments, healthchecks."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<other>[^}]*))?\}")


class Missing(Exception):
    """compose.yaml asks for a variable that the environment lacks; the message is the file's own."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service as compose.yaml describes it."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    healthcheck: tuple[str, ...]  # as argv; empty: none
    waits_for: Mapping[str, str]  # service -> condition
    profiles: tuple[str, ...]


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """Return a value with ${NAME}, ${NAME:-other} and ${NAME:?complaint} filled in and $$ unescaped."""

    def fill(match: re.Match[str]) -> str:
        if match.group(0) == "$$":
            return "$"
        given = variables.get(match["name"], "")
        if not given and match["kind"] == "?":
            raise Missing(f"{match['name']}: {match['other']}")
        return given or (match["other"] or "" if match["kind"] == "-" else "")

    return _VARIABLE.sub(fill, text)


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """Return every service of compose.yaml."""
    document = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return {name: _service(name, entry, variables) for name, entry in document["services"].items()}


def _service(name: str, entry: Mapping[str, Any], variables: Mapping[str, str]) -> Service:
    def fill(value: object) -> str:
        return interpolated(str(value), variables)

    kind, *check = entry.get("healthcheck", {}).get("test", ["NONE"])
    argv = {"CMD": check, "CMD-SHELL": ["/bin/sh", "-c", *check], "NONE": []}[kind]
    return Service(
        name=name,
        image=fill(entry["image"]),
        command=tuple(map(fill, entry.get("command", ()))),
        environment={key: fill(value) for key, value in entry.get("environment", {}).items()},
        healthcheck=tuple(map(fill, argv)),
        waits_for={other: how["condition"] for other, how in entry.get("depends_on", {}).items()},
        profiles=tuple(entry.get("profiles", ())),
    )


def env_file(path: Path) -> dict[str, str]:
    """Return the variables of an env file."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The instructions of deploy/Dockerfile, continuation lines joined."""

    instructions: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls) -> Dockerfile:
        """Read it."""
        text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
        lines = (line.strip() for line in text.splitlines())
        parts = (line.split(None, 1) for line in lines if line and not line.startswith("#"))
        return cls(tuple((word, rest) for word, rest in parts))

    def all_of(self, word: str) -> list[str]:
        """Return the arguments of every instruction of a kind, in order."""
        return [rest for kind, rest in self.instructions if kind == word]

    @property
    def command(self) -> list[str]:
        """Return CMD."""
        return [str(part) for part in json.loads(self.all_of("CMD")[-1])]

    @property
    def healthcheck(self) -> list[str]:
        """Return the command of HEALTHCHECK."""
        return [str(part) for part in json.loads(self.all_of("HEALTHCHECK")[-1].split("CMD", 1)[1])]

    @property
    def environment(self) -> dict[str, str]:
        """Return ENV of the last stage, without PATH."""
        last = self.all_of("ENV")[-1]
        return {name: value for name, value in (pair.split("=", 1) for pair in shlex.split(last)) if name != "PATH"}

    def copy_into(self, folder: Path) -> None:
        """Copy what the last stage copies out of the project, as .dockerignore lets it through."""
        allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        last_stage = [kind for kind, _ in self.instructions].count("FROM")
        stage = 0
        for kind, rest in self.instructions:
            stage += kind == "FROM"
            if kind != "COPY" or stage != last_stage or rest.startswith("--from"):
                continue
            *sources, target = rest.split()
            for source in sources:
                assert source in allowed, f".dockerignore keeps {source} out"
                _copy(ROOT / source, folder / target / (Path(source).name if target.endswith("/") else ""))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".env", "*.sqlite3*"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
