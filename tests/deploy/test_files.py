"""The files of deploy/: valid by the published schema, linted, and saying what they must."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from shop_assistant.metrics import COUNTERS, HISTOGRAMS
from tests.deploy.composition import DEPLOY, ROOT, Dockerfile, Missing, Service, env_file, services

BIN = Path(sys.executable).parent
ALERTS = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))
GAUGES = {
    "shop_sockets", "shop_live_rooms_watched", "shop_live_viewers", "shop_breaker_open", "shop_outbox_waiting",
    "shop_outbox_oldest_seconds", "shop_outbox_behind_seconds", "shop_outbox_given_up",
}  # fmt: skip


@pytest.fixture
def composed() -> dict[str, Service]:
    return services({**env_file(DEPLOY / "env.example"), "POSTGRES_PASSWORD": "test"})


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_compose_yaml_holds_to_the_compose_specification() -> None:
    checked = _run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")

    assert checked.returncode == 0, checked.stdout


def test_the_schema_would_refuse_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((DEPLOY / "compose.yaml").read_text().replace("condition: service_healthy", "when: healthy", 1))

    assert _run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", wrong).returncode == 1


@pytest.mark.parametrize(
    "command", [("hadolint", "deploy/Dockerfile"), ("yamllint", "-s", "-c", "deploy/.yamllint", "deploy")]
)
def test_linters_find_nothing(command: tuple[str, ...]) -> None:
    linted = _run(BIN / command[0], *command[1:])

    assert (linted.returncode, linted.stdout) == (0, "")


def test_every_service_is_there_and_has_a_healthcheck_but_the_jobs(composed: dict[str, Service]) -> None:
    jobs = {"migrate", "index"}

    assert set(composed) == jobs | {
        "postgres", "redis", "elasticsearch", "clickhouse", "web-1", "web-2", "worker-money", "worker-index",
        "worker-live", "worker-slow", "beat", "nginx",
    }  # fmt: skip
    assert {name for name, service in composed.items() if not service.healthcheck} == jobs


def test_one_worker_a_lane(composed: dict[str, Service]) -> None:
    commands = [service.command for service in composed.values() if "-Q" in service.command]
    lanes = {command[command.index("-Q") + 1] for command in commands}

    assert lanes == set(settings.OUTBOX_LANES)


def test_nothing_serves_before_the_jobs_are_done(composed: dict[str, Service]) -> None:
    for name, service in composed.items():
        if name.startswith(("web", "worker", "beat")):
            assert service.waits_for["migrate"] == service.waits_for["index"] == "service_completed_successfully", name
    assert composed["nginx"].waits_for == {"web-1": "service_healthy", "web-2": "service_healthy"}
    assert composed["migrate"].waits_for == {"postgres": "service_healthy"}


def test_images_are_pinned_to_a_version(composed: dict[str, Service]) -> None:
    images = {service.image for service in composed.values() if not service.image.startswith("shop-assistant:")}
    images |= {line.split()[0] for line in Dockerfile.read().all_of("FROM")}

    assert all(re.search(r":\d+\.\d+", image) for image in images), images


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert Dockerfile.read().all_of("USER") == ["10001:10001"]


def test_the_image_and_compose_start_web_alike(composed: dict[str, Service]) -> None:
    image = Dockerfile.read()

    assert image.command == list(composed["web-1"].command) == list(composed["web-2"].command)
    assert image.healthcheck == list(composed["web-1"].healthcheck)


def test_clickhouse_waits_in_a_profile_of_its_own(composed: dict[str, Service]) -> None:
    assert composed["clickhouse"].profiles == ("analytics",)
    assert [name for name, service in composed.items() if service.profiles] == ["clickhouse"]


def test_a_password_that_is_missing_stops_it_with_the_remedy() -> None:
    with pytest.raises(Missing, match=r"POSTGRES_PASSWORD: set it in deploy/\.env"):
        services({})


def test_every_variable_is_one_that_settings_or_compose_read() -> None:
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", text, flags=re.MULTILINE))
    read = (ROOT / "shop_assistant" / "settings.py").read_text() + (DEPLOY / "compose.yaml").read_text()

    assert {name for name in named if name not in read} == set()
    given = env_file(DEPLOY / "env.example")
    assert {given[name] for name in given if re.search(r"KEY|TOKEN|PASSWORD|SECRET", name)} == {""}


def test_an_alert_asks_for_metrics_that_exist_and_has_a_page_to_read() -> None:
    known = {f"shop_{name}{ending}" for name in HISTOGRAMS for ending in ("_bucket", "_count", "_sum")}
    known |= {f"shop_{name}_total" for name in COUNTERS} | GAUGES
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    for rule in rules:
        assert set(re.findall(r"shop_\w+", rule["expr"])) <= known, rule["alert"]
        assert f"### {rule['alert']}\n" in runbook
    assert len(re.findall(r"^### Shop", runbook, flags=re.MULTILINE)) == len(rules)


@pytest.mark.parametrize(("age_s", "code"), [(10, 0), (1_000, 1)])
def test_the_probe_of_a_file_tells_fresh_from_old(tmp_path: Path, age_s: int, code: int) -> None:
    (tmp_path / "beat-schedule.db").touch()
    os.utime(tmp_path / "beat-schedule.db", (time.time() - age_s,) * 2)

    probed = _run(sys.executable, "deploy/probe.py", "--fresh-file", tmp_path / "beat-schedule", "--within-s", "400")

    assert probed.returncode == code, probed.stderr


def test_the_probe_of_an_address_says_why_it_fails() -> None:
    probed = _run(sys.executable, "deploy/probe.py", "http://127.0.0.1:9/")

    assert probed.returncode == 1
    assert "http://127.0.0.1:9/ does not answer" in probed.stderr
    assert _run(sys.executable, "deploy/probe.py").returncode == 2


def test_what_the_image_copies_is_let_through(tmp_path: Path) -> None:
    Dockerfile.read().copy_into(tmp_path)

    assert (tmp_path / "manage.py").is_file()
    assert (tmp_path / "deploy" / "probe.py").is_file()
    assert not (tmp_path / "tests").exists()
    shutil.rmtree(tmp_path)
