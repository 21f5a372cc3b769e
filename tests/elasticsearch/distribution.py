"""The official Elasticsearch, fetched by Maven and unpacked once.

Elastic publishes a plain node on Maven Central for its own integration tests. It lacks the module analysis-common;
our mapping uses nothing of it, because texts reach the index as finished terms.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "8.19.21"
JAVA_AT_LEAST = 17
_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"


class CannotStart(Exception):
    """Something that the node needs is missing; the message names it and the remedy."""


def home() -> Path:
    """Return the folder of an unpacked Elasticsearch, made when it is not there (a minute).

    Raises: CannotStart.
    """
    java_home()  # first: a missing Java is told before a download
    folder = cache_folder()
    place = folder / VERSION / f"elasticsearch-{VERSION}"
    with _locked(folder):
        if not place.exists():
            _tell(f"Setting Elasticsearch {VERSION} up in {place.parent} (once; 107 MB to fetch) …")
            _make(place)
    return place


def cache_folder() -> Path:
    """Return where the distribution is kept; readable for the user that the node runs as."""
    named = os.environ.get("ELASTICSEARCH_CACHE", "")
    # root's own cache is closed to others, and Elasticsearch refuses to run as root.
    base = Path("/var/cache") if os.geteuid() == 0 else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(named) if named else base / "shop-assistant-elasticsearch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def java_home() -> Path:
    """Return the folder of Java.

    Raises: CannotStart when there is none, or an older one.
    """
    named = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{named}/bin") if named else shutil.which("java")
    if java is None:
        raise CannotStart(
            f"Java {JAVA_AT_LEAST} or newer is needed{f', and there is none in JAVA_HOME={named}' if named else ''}."
            " On Debian or Ubuntu: apt-get install openjdk-17-jdk-headless maven"
        )
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version.group(1)) < JAVA_AT_LEAST:
        raise CannotStart(f"Java {JAVA_AT_LEAST} or newer is needed; {java} is {told.splitlines()[:1]}. Set JAVA_HOME.")
    return Path(java).resolve().parent.parent


def _make(place: Path) -> None:
    """Fetch and unpack beside `place`, then move it there: an interrupted run leaves nothing half-made."""
    draft = place.parent.with_name(f"{place.parent.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _maven(["dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={draft}"], draft, "Elasticsearch")
    archive = next(draft.glob("*.zip"))
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(draft)
    archive.unlink()
    unpacked = draft / place.name
    for program in (unpacked / "bin").iterdir():
        program.chmod(0o755)
    draft.rename(place.parent)


def _maven(arguments: list[str], folder: Path, what: str) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotStart(f"Maven is needed to fetch {what}. On Debian or Ubuntu: apt-get install maven")
    finished = subprocess.run(
        [maven, "-q", "-B", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=900
    )
    if finished.returncode:
        raise CannotStart(f"Maven could not get {what}:\n{(finished.stdout + finished.stderr)[-2_000:]}")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
