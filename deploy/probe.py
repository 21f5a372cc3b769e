"""What a container's healthcheck runs: ask an address, or look whether a file is fresh. Standard library only.

python deploy/probe.py http://127.0.0.1:8000/readyz/
python deploy/probe.py --fresh-file /tmp/beat-schedule --within-s 400
"""

from __future__ import annotations

import argparse
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

TIMEOUT_S = 4.0


def main() -> int:
    """Return 0 when it is well, 1 when it is not; say why on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="answers 2xx")
    parser.add_argument("--fresh-file", type=Path, help="was written to lately")
    parser.add_argument("--within-s", type=float, default=400.0)
    options = parser.parse_args()
    if (options.url is None) == (options.fresh_file is None):
        parser.error("name an address or --fresh-file, one of them")
    complaint = _asked(options.url) if options.url else _looked_at(options.fresh_file, options.within_s)
    if complaint:
        print(complaint, file=sys.stderr)
    return 1 if complaint else 0


def _asked(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S):  # noqa: S310 (compose.yaml names it)
            return ""
    except urllib.error.HTTPError as refusal:
        return f"{refusal.code}: {refusal.read(2_000).decode(errors='replace')}"
    except OSError as error:
        return f"{url} does not answer: {error}"


def _looked_at(path: Path, within_s: float) -> str:
    # The schedule's file has an ending of the platform's own where dbm chose one.
    found = [candidate for candidate in path.parent.glob(f"{path.name}*") if candidate.is_file()]
    if not found:
        return f"{path} is not there"
    age_s = time.time() - max(candidate.stat().st_mtime for candidate in found)
    return "" if age_s <= within_s else f"{path} was written {age_s:.0f} s ago, more than {within_s:.0f}"


if __name__ == "__main__":
    sys.exit(main())
