"""Every command of deploy/ is run here for real: no container engine is needed to know that they work."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from shop_assistant import story
from shop_assistant.story_client import Shop, ShopperClient, client_id
from tests.deploy.conftest import SCRATCH, TOKEN, Deployed, nginx_configuration
from tests.deploy.running import Composed, run, wait_until
from tests.engines.available import needs_engines
from tests.engines.postgres import programs
from tests.engines.process import free_port

pytestmark = [*needs_engines]
WORKERS = ("worker-money", "worker-index", "worker-live", "worker-slow")


@pytest.fixture(scope="module")
def background(deployed: Deployed) -> Iterator[dict[str, Composed]]:
    """The four workers and beat, each with its own healthcheck passed."""
    with ExitStack() as stack:
        started = {}
        for name in WORKERS:
            process = deployed.process(name)
            metrics = deployed.folder / f"metrics-{name}"
            metrics.mkdir()
            deployed.ports[name] = free_port()
            process.environment |= {
                "PROMETHEUS_MULTIPROC_DIR": str(metrics),
                "METRICS_WORKER_PORT": str(deployed.ports[name]),
                "METRICS_WORKER_ADDRESS": "127.0.0.1",
            }
            started[name] = stack.enter_context(process.begin())
        beat = deployed.process("beat")
        beat.instead = {SCRATCH: f"{deployed.folder}/"}
        started["beat"] = stack.enter_context(beat.begin())
        for name, process in started.items():
            process.ready(says="" if name == "beat" else " ready.")
        yield started


def origin(deployed: Deployed, name: str = "nginx") -> str:
    return f"http://127.0.0.1:{deployed.ports[name]}"


def test_nginx_takes_the_configuration(deployed: Deployed) -> None:
    conf = deployed.folder / "checked.conf"
    conf.write_text(nginx_configuration(deployed.ports, scratch=deployed.folder))

    checked = run(["nginx", "-t", "-c", str(conf)], environment=os.environ, cwd=deployed.folder)

    assert checked.returncode == 0, checked.stderr


def test_ready_behind_nginx_names_every_part_as_up(deployed: Deployed) -> None:
    answer = httpx.get(f"{origin(deployed)}/readyz/")

    assert answer.status_code == 200
    found = answer.json()
    assert {name: part["state"] for name, part in found["parts"].items()} | {"outbox": ""} == {
        "database": "up", "migrations": "up", "redis": "up", "search": "embedded", "outbox": "",
    }  # fmt: skip
    assert found["parts"]["database"]["engine"] == "postgresql"


def test_pages_and_static_files_come_through_with_an_id(deployed: Deployed) -> None:
    page = httpx.get(f"{origin(deployed)}/s/{story.MERCHANT}/", headers={"x-request-id": "from-outside"})
    script = httpx.get(f"{origin(deployed)}/static/frontend/shop-assistant.js")

    assert page.status_code == 200
    assert len(page.headers["x-request-id"]) == 32  # nginx's own, not the visitor's
    assert script.status_code == 200
    assert "javascript" in script.headers["content-type"]


def test_production_is_on_plain_http_is_redirected(deployed: Deployed) -> None:
    answer = httpx.get(f"{origin(deployed, 'web-1')}/", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"][:6]) == (301, "https:")


async def test_a_conversation_runs_over_a_websocket_through_nginx(deployed: Deployed) -> None:
    shop = Shop(origin(deployed), deployed.folder, "")
    async with ShopperClient.arrive(shop, merchant=story.MERCHANT, language="en") as shopper:
        wanted = {"creator": story.CREATOR, "surface": "direct", "place": "", "language": "en"}
        opened = await shopper.api("POST", "conversations/", wanted)
        async with shopper.socket(f"/ws/chat/{opened['conversation']}/", "chat.v1") as chat:
            text = "Which cleanser suits oily skin?"
            await chat.send({"type": "message", "client_id": client_id(), "text": text})
            done = await chat.until(story.of_type("done"), "answer")

    assert done["message"]["cards"]
    assert sum(_sockets(deployed, name) for name in ("web-1", "web-2")) == 0


def _sockets(deployed: Deployed, name: str) -> float:
    """Return how many chat sockets a web process says are open, once it has noticed the last one close."""
    time.sleep(0.5)
    lines = _metrics(deployed, name).splitlines()
    return float(next(line for line in lines if line.startswith('shop_sockets{kind="chat"}')).split()[-1])


def _metrics(deployed: Deployed, name: str) -> str:
    return httpx.get(f"{origin(deployed, name)}/metrics/", headers={"Authorization": f"Bearer {TOKEN}"}).text


def test_metrics_are_told_inside_to_the_token_and_never_through_the_door(deployed: Deployed) -> None:
    assert "shop_request_seconds_bucket" in _metrics(deployed, "web-1")
    assert httpx.get(f"{origin(deployed, 'web-1')}/metrics/").status_code == 404
    through = httpx.get(f"{origin(deployed)}/metrics/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert through.status_code == 404


def test_every_line_of_a_web_process_is_an_object(deployed: Deployed) -> None:
    httpx.get(f"{origin(deployed, 'web-1')}/s/{story.MERCHANT}/?q=secret-words", headers={"x-forwarded-proto": "https"})

    text = deployed.processes["web-1"].log_path.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert any(line.get("route") == "/s/<slug:merchant_slug>/" and line["status"] == 200 for line in lines)
    assert "secret-words" not in text


def test_workers_answer_their_ping_and_deliver_what_waited(deployed: Deployed, background: dict[str, Composed]) -> None:
    waiting = "select count(*) from outbox_outboxmessage where delivered_at is null"
    wait_until(lambda: deployed.rows(waiting) == [(0,)], "the demo's messages")

    assert all(process.is_healthy() for process in background.values())
    told = urllib.request.urlopen(f"http://127.0.0.1:{deployed.ports['worker-index']}/metrics").read().decode()
    counted = [line for line in told.splitlines() if line.startswith("shop_delivery_seconds_count")]
    assert any('lane="index"' in line and 'outcome="delivered"' in line for line in counted), told[:2_000]


def test_a_worker_that_is_gone_fails_its_healthcheck(deployed: Deployed, background: dict[str, Composed]) -> None:
    background["worker-slow"].kill()

    assert not background["worker-slow"].is_healthy()
    background["worker-slow"].begin().ready(says=" ready.")


def test_one_web_process_can_be_replaced_under_traffic(deployed: Deployed) -> None:
    web = deployed.processes["web-1"]
    web.stop()
    gone = [httpx.get(f"{origin(deployed)}/s/{story.MERCHANT}/").status_code for _ in range(20)]
    assert not web.is_healthy()
    web.begin().ready()
    back = [httpx.get(f"{origin(deployed)}/s/{story.MERCHANT}/").status_code for _ in range(20)]

    assert gone == back == [200] * 20


def test_the_healthchecks_of_the_engines_tell_up_from_down(deployed: Deployed) -> None:
    environment = {"PATH": f"{programs()}:{os.environ['PATH']}"}
    ports = {
        "postgres": (str(deployed.engines.postgres.port), "5432"),
        "redis": (str(deployed.engines.redis.port), "6379"),
    }
    for name, (port, said) in ports.items():
        command = deployed.services[name].healthcheck
        assert command.count(said) == 1
        deployed.ran.add(f"{name} healthcheck")

        up, down = (
            run([here if part == said else part for part in command], environment=environment, cwd=deployed.folder)
            for here in (port, str(free_port()))
        )
        assert (up.returncode, down.returncode != 0) == (0, True), (name, up.stderr)


def test_redis_starts_with_the_options_of_compose(deployed: Deployed) -> None:
    command, port = deployed.services["redis"].command, free_port()
    deployed.ran.add("redis")
    server = subprocess.Popen([*command, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(deployed.folder)],
                              stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_until(lambda: _listens(port), "redis", within_s=20)
        asked = run(["redis-cli", "-p", str(port), "config", "get", "maxmemory-policy"], environment=os.environ,
                    cwd=deployed.folder)  # fmt: skip
    finally:
        server.terminate()
        server.wait(20)

    assert asked.stdout.split() == ["maxmemory-policy", "noeviction"]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(
    not os.environ.get("TEST_ELASTICSEARCH_URL"), reason="TEST_ELASTICSEARCH_URL is not set; scripts/elasticsearch"
)
def test_the_healthcheck_of_elasticsearch_tells_up_from_down(deployed: Deployed) -> None:
    command, url = deployed.services["elasticsearch"].healthcheck, os.environ["TEST_ELASTICSEARCH_URL"].rstrip("/")
    said = "http://127.0.0.1:9200"
    deployed.ran.add("elasticsearch healthcheck")

    up, down = (
        run([part.replace(said, here) for part in command], environment=os.environ, cwd=deployed.folder)
        for here in (url, f"http://127.0.0.1:{free_port()}")
    )  # fmt: skip

    assert (up.returncode, down.returncode != 0) == (0, True), up.stderr


def test_no_command_of_compose_was_left_out(deployed: Deployed, background: dict[str, Composed]) -> None:
    said = {name for name, service in deployed.services.items() if service.command}
    said |= {f"{name} healthcheck" for name, service in deployed.services.items() if service.healthcheck}
    said.add("nginx")  # the official image's own command, with our file

    # ClickHouse's server cannot be had here, and nothing uses it yet; Elasticsearch when its address is given.
    assert said - deployed.ran <= {"clickhouse healthcheck", "elasticsearch healthcheck"}
    assert shutil.which("nginx")
    assert background
