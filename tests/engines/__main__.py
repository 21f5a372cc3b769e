"""PostgreSQL, Redis and (with --elasticsearch) Elasticsearch for a person or for CI.

python -m tests.engines                        runs them until Ctrl-C and prints their addresses
python -m tests.engines -- COMMAND …           runs a command with DATABASE_URL, REDIS_URL and their TEST_ twins set
python -m tests.engines --worker -- COMMAND …  the same, with a Celery worker and beat on that database
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.elasticsearch.distribution import CannotStart as CannotStartNode
from tests.engines import running
from tests.engines.process import CannotStart
from tests.engines.shop import ROOT, Beat, Worker


def main() -> int:
    """Start the engines, run the command or wait, stop them; return the command's exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", action="store_true", help="start a Celery worker and beat too")
    parser.add_argument("--elasticsearch", action="store_true", help="start Elasticsearch too (Java 17 and Maven)")
    parser.add_argument("command", nargs="*", help="what to run; without it they run until Ctrl-C")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    try:
        with running(elasticsearch=options.elasticsearch) as engines:
            return _serve({**os.environ, **engines.environment}, options)
    except (CannotStart, CannotStartNode) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: the engines are being stopped
    sys.exit(128 + number)


def _serve(environment: dict[str, str], options: argparse.Namespace) -> int:
    if not options.command:
        for name in ("DATABASE_URL", "REDIS_URL", *(["ELASTICSEARCH_URL"] if options.elasticsearch else [])):
            print(f"{name}={environment[name]}", flush=True)
        print("Running until Ctrl-C; what they hold is removed then.", file=sys.stderr)
    with contextlib.ExitStack() as stack:
        if options.worker:
            _start_workers(stack, environment)
        if options.command:
            return subprocess.run(options.command, env=environment, check=False).returncode
        signal.pause()
    return 0


def _start_workers(stack: contextlib.ExitStack, environment: dict[str, str]) -> None:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-workers-")))
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=environment, cwd=ROOT, check=True)
    for process in (Worker(folder, environment), Beat(folder, environment)):
        stack.enter_context(process.start())


if __name__ == "__main__":
    sys.exit(main())
