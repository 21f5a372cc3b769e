"""A clearly marked local carrier: labels and scans in a SQLite file of its own, so that it survives crashes."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from django.conf import settings

from catalog.languages import LANGUAGES
from catalog.orders.return_carrier import CarrierRefused, CarrierUnavailable, Label, ReturnParcel, Scan, ScanKind
from catalog.orders.return_texts import drop_off_text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS labels (
    key TEXT PRIMARY KEY, label_id TEXT NOT NULL UNIQUE, parcel TEXT NOT NULL, ready_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS scans (
    label_id TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (label_id, kind));
"""
NAME = "Test Parcel"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A bad day, as parameters; shares are 0 to 1. RETURN_FAKE_BEHAVIOUR sets it: `errors=0.2,delay_s=3`."""

    errors: float = 0.0  # share of requests that are not answered, with nothing done
    lost_answers: float = 0.0  # share of labels that are made and not told of
    delay_s: float = 0.0  # a label is ready so long after it was asked for
    refuses: float = 0.0  # share of returns that are not taken; always the same ones
    seed: int = 0


def read_behaviour(text: str) -> Behaviour:
    """Return the behaviour that a setting describes.

    Raises: ValueError naming the part that is not understood.
    """
    known = Behaviour.__dataclass_fields__
    given: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _equals, value = part.partition("=")
        try:
            if name not in known:
                raise KeyError(name)
            given[name] = float(value)
        except (KeyError, ValueError) as error:
            names = ", ".join(known)
            raise ValueError(f"RETURN_FAKE_BEHAVIOUR: {part!r}: write name=number, a name out of {names}") from error
    seed = int(given.pop("seed", 0))
    return Behaviour(**given, seed=seed)


class FakeCarrier:
    """Fills the port. Runs only with DEBUG on or bound to loopback: its pages move parcels for whoever opens them."""

    def __init__(self) -> None:
        """Read the behaviour.

        Raises: RuntimeError where strangers could reach it.
        """
        if not (settings.DEBUG or settings.BOUND_TO_LOOPBACK):
            raise RuntimeError("the local carrier runs only with DEBUG on or bound to loopback; set RETURN_CARRIER")

    def make_label(self, parcel: ReturnParcel) -> Label:
        """Return the label of a return, made when there is none yet.

        Raises: CarrierUnavailable, CarrierRefused.
        """
        bad_day = _bad_day()
        if _happens(bad_day.errors):
            raise CarrierUnavailable("the local carrier is out of order, as it was told to be")
        digest = hashlib.sha256(f"{bad_day.seed}:{parcel.key}".encode()).hexdigest()
        if int(digest[:8], 16) / 0xFFFFFFFF < bad_day.refuses:
            raise CarrierRefused("the local carrier does not take this parcel, as it was told")
        label_id = f"rl_fake_{hashlib.sha256(parcel.key.encode()).hexdigest()[:24]}"
        with _sql() as sql:
            row = (parcel.key, label_id, json.dumps(asdict(parcel)), time.time() + bad_day.delay_s)
            sql.execute("INSERT OR IGNORE INTO labels VALUES (?, ?, ?, ?)", row)
            [(ready_at,)] = sql.execute("SELECT ready_at FROM labels WHERE key = ?", (parcel.key,)).fetchall()
        if _happens(bad_day.lost_answers):
            raise CarrierUnavailable("the answer was lost, as it was told to be")
        if ready_at > time.time():
            raise CarrierUnavailable("the label is being made")
        return Label(
            label_id=label_id,
            carrier=NAME,
            tracking_number=tracking_number(label_id),
            url=urljoin(settings.PUBLIC_URL, f"/returns/{label_id}/"),
            drop_off={language: drop_off_text(language, NAME) for language in LANGUAGES},
        )

    def scans(self, label_ids: Sequence[str]) -> list[Scan]:
        """Return every scan of these labels so far, the oldest first.

        Raises: CarrierUnavailable.
        """
        if _happens(_bad_day().errors):
            raise CarrierUnavailable("the local carrier is out of order, as it was told to be")
        wanted = set(label_ids)
        with _sql() as sql:
            rows = sql.execute("SELECT label_id, kind, at FROM scans ORDER BY at, rowid").fetchall()
        return [
            Scan(label_id, ScanKind(kind), datetime.fromtimestamp(at, UTC))
            for label_id, kind, at in rows
            if label_id in wanted
        ]


def tracking_number(label_id: str) -> str:
    """Return the twelve digits of a label, always the same."""
    return str(int(hashlib.sha256(label_id.encode()).hexdigest(), 16) % 10**12).zfill(12)


def parcel_of(label_id: str) -> ReturnParcel | None:
    """Return what a label was made for; None for an unknown one."""
    with _sql() as sql:
        row = sql.execute("SELECT parcel FROM labels WHERE label_id = ?", (label_id,)).fetchone()
    if row is None:
        return None
    given: dict[str, Any] = json.loads(row[0])
    whole: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return ReturnParcel(**whole)


def scan(label_id: str, kind: ScanKind) -> None:
    """Let a parcel be seen; what was handed in or received once stays so. A parcel that is received was handed in."""
    seen = (ScanKind.HANDED_IN, kind) if kind == ScanKind.RECEIVED else (kind,)
    with _sql() as sql:
        for each in seen:
            sql.execute("INSERT OR IGNORE INTO scans VALUES (?, ?, ?)", (label_id, each.value, time.time()))


@contextmanager
def _sql() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(settings.RETURN_FAKE_PATH, timeout=30)
    try:
        connection.executescript(_SCHEMA)
        with connection:
            yield connection
    finally:
        connection.close()


def _bad_day() -> Behaviour:
    return read_behaviour(settings.RETURN_FAKE_BEHAVIOUR)


def _happens(share: float) -> bool:
    return share > 0 and _chance(settings.RETURN_FAKE_BEHAVIOUR).random() < share


@lru_cache(maxsize=8)
def _chance(behaviour: str) -> random.Random:
    return random.Random(read_behaviour(behaviour).seed)
