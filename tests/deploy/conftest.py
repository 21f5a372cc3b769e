"""The deployed shop, once a module: the image's files, the jobs, two web processes, nginx, on real engines."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.deploy.composition import DEPLOY, Dockerfile, Service, env_file, services
from tests.deploy.running import Composed, container_environment, run
from tests.engines import Engines, running
from tests.engines.process import free_port

TOKEN = "token-of-the-scraper"
SECRETS = {
    "POSTGRES_PASSWORD": "unused",
    "SECRET_KEY": "a-key-that-is-long-enough-for-a-test-" * 2,
    "ALLOWED_HOSTS": "127.0.0.1",
    "STRIPE_SECRET_KEY": "sk_test_never_called",
    "STRIPE_WEBHOOK_SECRETS": "whsec_never_called",
    "METRICS_TOKEN": TOKEN,
}
SCRATCH, EVERYWHERE = "/tmp/", "0.0.0.0"  # noqa: S104, S108 (what stands in the files and is another thing here)
# Of compose.yaml's shop environment, what is another address here.
ADDRESSES = {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL"}
_SEED = """
import django; django.setup()
from shop_assistant import demo, demo_shop
demo_shop.make(demo.DATA / "meis-shelf")
"""


@dataclass(slots=True)
class Deployed:
    """Everything that runs, and what was run to get there."""

    engines: Engines
    folder: Path
    image: Path
    services: Mapping[str, Service]
    ran: set[str] = field(default_factory=set)
    processes: dict[str, Composed] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def environment_of(self, name: str) -> dict[str, str]:
        """Return what the container of a service would see, with this machine's addresses."""
        said = {**Dockerfile.read().environment, **env_file(DEPLOY / "env.example"), **SECRETS}
        said |= self.services[name].environment
        assert set(said) >= ADDRESSES or name == "nginx"
        said |= {key: self.engines.environment[key] for key in ("DATABASE_URL", "REDIS_URL")}
        said["ELASTICSEARCH_URL"] = ""  # the embedded index: tests/elasticsearch has the engine
        said["PUBLIC_URL"] = "http://127.0.0.1"
        return container_environment(said, data=self.folder / "data")

    def job(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a one-shot service to its end."""
        self.ran.add(name)
        return run(self.services[name].command, environment=self.environment_of(name), cwd=self.image)

    def process(self, name: str) -> Composed:
        """Return a service's process, not started yet."""
        self.ran |= {name, f"{name} healthcheck"}
        made = Composed(
            self.services[name], image=self.image, folder=self.folder, environment=self.environment_of(name)
        )
        self.processes[name] = made
        return made

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        url = self.engines.postgres.url.replace("postgres://", "postgresql://")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """Start what compose.yaml starts, in its order; what fails shows the logs."""
    with ExitStack() as stack:
        engines = stack.enter_context(running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-deployed-")))
        image = folder / "image"
        image.mkdir()
        (folder / "data").mkdir()
        found = Deployed(engines, folder, image, services(SECRETS))
        _build(found)
        for job in ("migrate", "index"):
            done = found.job(job)
            assert done.returncode == 0, done.stderr[-3_000:]
        seeded = run(["python", "-c", _SEED], environment=found.environment_of("web-1"), cwd=image)
        assert seeded.returncode == 0, seeded.stderr[-3_000:]
        webs = [stack.enter_context(_web(found, name).begin()) for name in ("web-1", "web-2")]
        for web in webs:
            web.ready(says="running on")
        stack.enter_context(_nginx(found).begin().ready(within_s=20))
        yield found
        for process in found.processes.values():
            print(f"--- {process.name}\n{process.log}")


def _build(shop: Deployed) -> None:
    """Copy what the image holds and run its RUN line that needs no other image."""
    dockerfile = Dockerfile.read()
    dockerfile.copy_into(shop.image)
    (collect,) = [line for line in dockerfile.all_of("RUN") if "collectstatic" in line]
    scratch = shop.folder / "build"
    environment = container_environment(dockerfile.environment, data=scratch)
    built = run(["/bin/sh", "-c", collect.replace(f"{SCRATCH}build", shlex.quote(str(scratch)))],
                environment=environment, cwd=shop.image)  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert (shop.image / "staticfiles" / "frontend").is_dir()


def _web(shop: Deployed, name: str) -> Composed:
    shop.ports[name] = free_port()
    process = shop.process(name)
    process.instead = {EVERYWHERE: "127.0.0.1", "8000": str(shop.ports[name])}
    return process


def _nginx(shop: Deployed) -> Composed:
    shop.ports["nginx"] = free_port()
    process = shop.process("nginx")
    program = shutil.which("nginx")
    assert program, "nginx is needed: apt-get install nginx-light"
    configuration = shop.folder / "nginx.conf"
    configuration.write_text(nginx_configuration(shop.ports, scratch=shop.folder))
    process.service = Service(
        **{
            **{name: getattr(process.service, name) for name in Service.__slots__},
            # What the official image runs, with our file where compose mounts it.
            "command": (program, "-g", "daemon off;", "-c", str(configuration)),
        }
    )
    process.instead = {"8080": str(shop.ports["nginx"])}
    return process


def nginx_configuration(ports: Mapping[str, int], *, scratch: Path) -> str:
    """Return deploy/nginx.conf with this machine's ports, as it stands behind a balancer that ended TLS."""
    text = (DEPLOY / "nginx.conf").read_text()
    changes = [(f"server {name}:8000 ", f"server 127.0.0.1:{ports[name]} ") for name in ("web-1", "web-2")]
    changes += [("listen 8080;", f"listen 127.0.0.1:{ports['nginx']};"), ("''      $scheme;", "''      https;")]
    for said, here in changes:
        assert text.count(said) == 1, said
        text = text.replace(said, here)
    return re.sub(SCRATCH, f"{scratch}/", text)
