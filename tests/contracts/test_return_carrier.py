"""What every carrier of returns must do; the local one, and the local one on bad days."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.languages import LANGUAGES
from catalog.orders import return_fake
from catalog.orders.return_carrier import (
    CarrierRefused,
    CarrierUnavailable,
    ReturnCarrier,
    ReturnParcel,
    ScanKind,
    return_carrier,
)

PARCEL = ReturnParcel(
    key="5c1c7c5e:7",
    order_number="1042",
    sender=("Lin Yi-ting", "No. 7, Sec. 5, Xinyi Rd.", "110 Taipei"),
    receiver=("Mei's Shelf", "Returns", "105 Taipei"),
    contents=("Cream · C-50",),
    language="zh-hant",
)
See = Callable[[str, ScanKind], None]


@pytest.fixture(autouse=True)
def _own_file(settings: Settings, tmp_path: Path) -> None:
    settings.RETURN_FAKE_PATH = tmp_path / "returns.sqlite3"
    settings.RETURN_CARRIER = "catalog.orders.return_fake.FakeCarrier"
    settings.RETURN_FAKE_BEHAVIOUR = ""


@pytest.fixture(params=["local"])
def carrier(request: pytest.FixtureRequest) -> ReturnCarrier:
    """Each adapter there is. A new one adds its name here and a way to let its parcels be seen."""
    made = return_carrier()
    assert made is not None
    return made


@pytest.fixture
def see(carrier: ReturnCarrier) -> See:
    """Let the carrier's scanner see a parcel."""
    return return_fake.scan


# --- every adapter ----------------------------------------------------------------------------------------------


def test_a_label_says_all_the_shopper_needs(carrier: ReturnCarrier) -> None:
    label = carrier.make_label(PARCEL)

    assert label.label_id
    assert label.carrier
    assert label.tracking_number
    assert label.url.startswith("http")
    assert set(label.drop_off) == set(LANGUAGES)
    assert len(set(label.drop_off.values())) == len(LANGUAGES)  # each in its own words


def test_the_same_return_has_one_label(carrier: ReturnCarrier) -> None:
    first, again = carrier.make_label(PARCEL), carrier.make_label(PARCEL)
    other = carrier.make_label(replace(PARCEL, key="5c1c7c5e:8"))

    assert first == again
    assert (other.label_id != first.label_id, other.tracking_number != first.tracking_number) == (True, True)


def test_one_return_from_many_threads_has_one_label(carrier: ReturnCarrier) -> None:
    with ThreadPoolExecutor(8) as pool:
        labels = list(pool.map(lambda _number: carrier.make_label(PARCEL).label_id, range(16)))

    assert len(set(labels)) == 1


def test_scans_are_told_oldest_first_and_again(carrier: ReturnCarrier, see: See) -> None:
    label = carrier.make_label(PARCEL)
    assert carrier.scans([label.label_id]) == []

    see(label.label_id, ScanKind.HANDED_IN)
    see(label.label_id, ScanKind.RECEIVED)

    told = [scan.kind for scan in carrier.scans([label.label_id])]
    assert told == [ScanKind.HANDED_IN, ScanKind.RECEIVED]
    assert [scan.kind for scan in carrier.scans([label.label_id])] == told


def test_scans_of_others_and_of_unknown_labels_are_not_told(carrier: ReturnCarrier, see: See) -> None:
    mine, other = carrier.make_label(PARCEL), carrier.make_label(replace(PARCEL, key="x"))
    see(other.label_id, ScanKind.RECEIVED)

    assert carrier.scans([mine.label_id, "nobody's"]) == []
    assert carrier.scans([]) == []


# --- the local one ----------------------------------------------------------------------------------------------


def test_its_labels_are_the_same_in_every_run(settings: Settings, tmp_path: Path) -> None:
    first = return_fake.FakeCarrier().make_label(PARCEL)
    settings.RETURN_FAKE_PATH = tmp_path / "another.sqlite3"

    assert return_fake.FakeCarrier().make_label(PARCEL) == first
    assert first.tracking_number.isdecimal()
    assert len(first.tracking_number) == 12


def test_it_is_out_of_order_when_told_and_nothing_is_done(settings: Settings, carrier: ReturnCarrier) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = "errors=1"
    with pytest.raises(CarrierUnavailable):
        carrier.make_label(PARCEL)
    with pytest.raises(CarrierUnavailable):
        carrier.scans(["x"])

    settings.RETURN_FAKE_BEHAVIOUR = ""
    label_id = carrier.make_label(replace(PARCEL, key="other")).label_id
    assert return_fake.parcel_of(label_id) == replace(PARCEL, key="other")


def test_a_lost_answer_is_found_again(settings: Settings, carrier: ReturnCarrier) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = "lost_answers=1"
    with pytest.raises(CarrierUnavailable):
        carrier.make_label(PARCEL)

    settings.RETURN_FAKE_BEHAVIOUR = ""
    assert return_fake.parcel_of(carrier.make_label(PARCEL).label_id) == PARCEL


def test_a_slow_label_is_ready_later_and_is_the_same(settings: Settings, carrier: ReturnCarrier) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = "delay_s=0.3"
    with pytest.raises(CarrierUnavailable):
        carrier.make_label(PARCEL)

    time.sleep(0.35)
    assert carrier.make_label(PARCEL).label_id


def test_it_refuses_the_same_share_of_returns_each_time(settings: Settings, carrier: ReturnCarrier) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = "refuses=0.5,seed=3"

    def refused(number: int) -> bool:
        try:
            carrier.make_label(replace(PARCEL, key=str(number)))
        except CarrierRefused:
            return True
        return False

    first = [refused(number) for number in range(40)]
    assert first == [refused(number) for number in range(40)]
    assert 10 < sum(first) < 30


def test_a_behaviour_that_is_not_understood_is_named(settings: Settings, carrier: ReturnCarrier) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = "colour=green"

    with pytest.raises(ValueError, match="RETURN_FAKE_BEHAVIOUR: 'colour=green'"):
        carrier.make_label(PARCEL)


def test_it_refuses_to_run_where_strangers_could_reach_it(settings: Settings) -> None:
    settings.DEBUG = settings.BOUND_TO_LOOPBACK = False

    with pytest.raises(RuntimeError, match="RETURN_CARRIER"):
        return_fake.FakeCarrier()


def test_its_label_page_is_marked_as_a_test_and_prints_a_true_barcode(carrier: ReturnCarrier, db: None) -> None:
    from catalog.orders.return_views import barcode

    label = carrier.make_label(PARCEL)

    page = Client().get(f"/returns/{label.label_id}/").content.decode()

    for expected in ("Test label. No carrier knows it.", label.tracking_number, "Lin Yi-ting", "Cream · C-50", "<rect"):
        assert expected in page
    bars, width = barcode("0123456789")
    assert (len(bars), width) == (2 + 5 * 5 + 2, 8 + 10 * (3 * 2 + 2 * 5) + 9)
    assert Client().get("/returns/rl_fake_nobody/").status_code == 404
