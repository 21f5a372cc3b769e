"""One Elasticsearch node on loopback: started, paused, stopped by its own process id, removed.

python -m tests.elasticsearch.node                      runs a node until Ctrl-C and prints ELASTICSEARCH_URL
python -m tests.elasticsearch.node --background FOLDER   leaves it running; its data stay in FOLDER
python -m tests.elasticsearch.node --stop FOLDER         stops that one
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from tests import orphans
from tests.elasticsearch.distribution import CannotStart, home, java_home

_HEAP = "512m"
_UP_WITHIN_S = 120.0
_DOWN_WITHIN_S = 30.0
_USER = "nobody"  # Elasticsearch refuses to run as root


class Node:
    """A node with its own folder and port; its data outlive stop() and start(), not remove()."""

    def __init__(self, folder: Path | None = None, *, port: int | None = None, ends_with_us: bool = False) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="elasticsearch-", dir="/var/tmp"))
        self._keeps_folder = folder is not None
        self.port = port or _free_port()
        self._launcher: subprocess.Popen[bytes] | None = None
        self._ends_with_us = ends_with_us

    @property
    def url(self) -> str:
        """Return the node's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the process id of the server itself, not of its launcher."""
        return int((self.folder / "pid").read_text())

    def start(self) -> Node:
        """Start, and wait until the node is green.

        Raises: CannotStart with the end of the node's log.
        """
        place = home()
        self._write_configuration(place)
        user = _other_user(self.folder)
        with (self.folder / "out").open("wb") as out:
            # The launcher ends with us if asked, and the server with the launcher.
            start = orphans.spawn if self._ends_with_us else subprocess.Popen
            self._launcher = start(
                [place / "bin" / "elasticsearch", "-p", self.folder / "pid"],
                env=self._environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we stop the node in our own time
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
            )
        self._wait_until_green()
        return self

    def pause(self) -> None:
        """Freeze the server: it accepts connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        os.kill(self.pid, signal.SIGKILL)
        self._reap()

    def stop(self) -> None:
        """Stop the server in order and wait until it is gone."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        self._reap()

    def remove(self) -> None:
        """Stop, and remove the folder if it was made here."""
        self.stop()
        if not self._keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Node:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def _write_configuration(self, place: Path) -> None:
        configuration = self.folder / "config"
        shutil.copytree(place / "config", configuration, dirs_exist_ok=True)
        (configuration / "elasticsearch.yml").write_text(
            "\n".join(
                (
                    "cluster.name: shop-tests",
                    "discovery.type: single-node",
                    "network.host: 127.0.0.1",
                    f"http.port: {self.port}",
                    f"transport.port: {_free_port()}",
                    f"path.data: {self.folder / 'data'}",
                    f"path.logs: {self.folder / 'logs'}",
                    "xpack.security.enabled: false",
                    # A full disk of a developer must not make indices read-only.
                    "cluster.routing.allocation.disk.threshold_enabled: false",
                    # A test run makes and drops hundreds of indices.
                    "cluster.max_shards_per_node: 5000",
                )
            )
        )
        options = (place / "config" / "jvm.options").read_text().splitlines()
        kept = [line for line in options if "logs/" not in line and "-XX:HeapDumpPath" not in line]
        (configuration / "jvm.options").write_text("\n".join(kept))
        (self.folder / "tmp").mkdir(exist_ok=True)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "ES_JAVA_HOME": str(java_home()),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_JAVA_OPTS": f"-Xms{_HEAP} -Xmx{_HEAP}",
        }

    def _wait_until_green(self) -> None:
        until = time.monotonic() + _UP_WITHIN_S
        while time.monotonic() < until:
            if self._launcher and self._launcher.poll() is not None:
                break
            if _status(self.url) == "green":
                return
            time.sleep(0.25)
        log = (self.folder / "out").read_text(errors="replace")[-3_000:]
        self.stop()
        raise CannotStart(f"Elasticsearch did not come up within {_UP_WITHIN_S:.0f} s. The end of its log:\n{log}")

    def _reap(self) -> None:
        """Wait for the launcher, which ends when its server has; without one (another process's), for the server."""
        until = time.monotonic() + _DOWN_WITHIN_S
        while time.monotonic() < until and (self._launcher.poll() is None if self._launcher else self._is_running()):
            time.sleep(0.1)
        if self._launcher and self._launcher.poll() is None:
            os.killpg(self._launcher.pid, signal.SIGKILL)
            self._launcher.wait()
        (self.folder / "pid").unlink(missing_ok=True)
        self._launcher = None

    def _is_running(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}").exists()
        except (FileNotFoundError, ValueError):
            return False


def _status(url: str) -> str:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:  # noqa: S310 (our own address)
            return str(json.load(answer)["status"])
    except (OSError, ValueError):
        return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _other_user(folder: Path) -> pwd.struct_passwd | None:
    """Return whom to run as when we are root, and hand the folder over; None to stay who we are."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(_USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    return user


def main() -> int:
    """Run a node for a person."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, help="default: a free one")
    parser.add_argument("--background", type=Path, metavar="FOLDER", help="leave it running, with its data here")
    parser.add_argument("--stop", type=Path, metavar="FOLDER", help="stop the one that runs in the background")
    options = parser.parse_args()
    try:
        return _serve(options)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1


def _serve(options: argparse.Namespace) -> int:
    if options.stop:
        Node(options.stop.resolve()).stop()
        return 0
    if options.background:
        options.background.mkdir(parents=True, exist_ok=True)
    node = Node(options.background and options.background.resolve(), port=options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        node.start()
        print(f"ELASTICSEARCH_URL={node.url}", flush=True)
        if options.background:
            return 0
        print("Running until Ctrl-C; what it holds is removed then.", file=sys.stderr)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        if not options.background:
            node.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
