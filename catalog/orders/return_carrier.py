"""The port to whoever makes labels for parcels that come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class CarrierUnavailable(Exception):
    """The carrier does not answer, or is not ready yet: the same request again finds what was made."""


class CarrierRefused(Exception):
    """The carrier will not take this parcel; asking again does not help."""


class ScanKind(StrEnum):
    """What happened to a parcel."""

    HANDED_IN = "handed_in"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class ReturnParcel:
    """A parcel to make a label for. `key` names the return: the same key never makes a second label."""

    key: str
    order_number: str
    sender: tuple[str, ...]  # lines of an address
    receiver: tuple[str, ...]
    contents: tuple[str, ...]  # one line an item
    language: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was made. `drop_off` says by language where the parcel is handed in."""

    label_id: str
    carrier: str
    tracking_number: str
    url: str
    drop_off: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scan:
    """A parcel was seen."""

    label_id: str
    kind: ScanKind
    at: datetime


class ReturnCarrier(Protocol):
    """Makes labels and tells where their parcels are."""

    def make_label(self, parcel: ReturnParcel) -> Label:
        """Return the label of a return, made when there is none yet.

        Raises: CarrierUnavailable, CarrierRefused.
        """
        ...

    def scans(self, label_ids: Sequence[str]) -> list[Scan]:
        """Return every scan of these labels so far, the oldest first; a label it does not know has none.

        Raises: CarrierUnavailable.
        """
        ...


def return_carrier() -> ReturnCarrier | None:
    """Return the carrier that RETURN_CARRIER names; None when nobody makes labels."""
    return _carrier(settings.RETURN_CARRIER) if settings.RETURN_CARRIER else None


@cache
def _carrier(name: str) -> ReturnCarrier:
    return cast("ReturnCarrier", import_string(name)())
