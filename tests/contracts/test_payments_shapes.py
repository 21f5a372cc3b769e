"""Names and types: every object of the stand-in beside the one Stripe's own mock gives.

The mock is made from Stripe's specification: it gives every field that Stripe always gives.
`stripe-mock -http-addr 127.0.0.1:12111` and STRIPE_MOCK_URL=http://127.0.0.1:12111.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import stripe
from pytest_django import Settings

from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.contracts.stripe_examples import Body, ask_mock, needs_mock, objects_of

# What the mock shows though Stripe sends it only when it is asked for.
ONLY_EXPANDED = {"charge.refunds"}
# Of free form: a merchant's own names, or those of one way to pay.
FREE = {"metadata", "payment_method_options", "payment_method_details"}


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """An empty stand-in."""
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


def objects_of_mock() -> dict[str, Body]:
    """Return one object of each kind, as Stripe's mock sends it."""
    lines = ask_mock("get", "/v1/checkout/sessions/cs_test_1/line_items")[1]
    paths = {
        "checkout.session": "checkout/sessions/cs_test_1",
        "payment_intent": "payment_intents/pi_1",
        "payment_method": "payment_methods/pm_1",
        "charge": "charges/ch_1",
        "refund": "refunds/re_1",
        "dispute": "disputes/du_1",
        "event": "events/evt_1",
    }
    found = {kind: ask_mock("get", f"/v1/{path}")[1] for kind, path in paths.items()}
    return {**found, "list": lines, "item": lines["data"][0]}


CLASSES: dict[str, Any] = {
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "price": stripe.Price,
}


@needs_mock
@pytest.mark.parametrize("kind", [*sorted(set(CLASSES) - {"price"}), "list"])
def test_the_stand_ins_objects_have_the_mocks_fields_and_types(store: FakeStore, kind: str) -> None:
    theirs = objects_of_mock()[kind]
    ours = objects_of(store)[kind]

    assert ours
    for each in ours:
        assert list(differences(kind, each, theirs)) == []


def differences(path: str, ours: Body, theirs: Body) -> Iterator[str]:
    """Yield what one object misses, invents or gives another type, nested objects included."""
    known = set(theirs) | _fields_known(path)
    yield from (f"{path}.{name} is missing" for name in sorted(set(theirs) - set(ours)) if _always(f"{path}.{name}"))
    yield from (f"{path}.{name} is invented" for name in sorted(set(ours) - known))
    for name in sorted((set(ours) & set(theirs)) - ({"data"} if path in ("event", "list") else set())):
        yield from _of_values(f"{path}.{name}", ours[name], theirs[name])


def _of_values(path: str, ours: Any, theirs: Any) -> Iterator[str]:
    if ours is None or theirs is None:
        if ours is None and not _may_be_null(path):
            yield f"{path} is null"
        return
    if type(ours) is not type(theirs):
        yield f"{path} is {type(ours).__name__}, not {type(theirs).__name__}"
    elif isinstance(ours, dict) and path.rpartition(".")[2] not in FREE:
        yield from differences(ours.get("object", path), ours, theirs)
    elif isinstance(ours, list) and ours and theirs:
        yield from _of_values(f"{path}[]", ours[0], theirs[0])


def _always(path: str) -> bool:
    return path not in ONLY_EXPANDED


def _fields_known(path: str) -> set[str]:
    """Return the fields the library knows of an object, or of a nested one ("payment_intent.last_payment_error")."""
    kind = max((each for each in CLASSES if path == each or path.startswith(f"{each}.")), key=len, default="")
    cls = CLASSES.get(kind)
    for name in path[len(kind) + 1 :].split("."):
        cls = getattr(cls, "".join(part.title() for part in name.split("_")), None) if name else cls
    return set(getattr(cls, "__annotations__", ()))


def _may_be_null(path: str) -> bool:
    """Whether the library's type of a field has room for null; of nested objects the mock's own example decides."""
    kind, _, name = path.rpartition(".")
    if kind not in CLASSES:
        return True
    return type(None) in get_args(CLASSES[kind].__annotations__[name])


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ({"id": "x", "n": 1, "deep": {"a": 1}}, []),
        ({"id": "x", "n": 1}, ["thing.deep is missing"]),
        ({"id": "x", "n": "1", "deep": {"a": 1}}, ["thing.n is str, not int"]),
        ({"id": "x", "n": 1, "deep": {"a": 1}, "colour": "green"}, ["thing.colour is invented"]),
        ({"id": "x", "n": 1, "deep": {"a": 1, "b": 2}}, ["thing.deep.b is invented"]),
        ({"id": "x", "n": True, "deep": {}}, ["thing.deep.a is missing", "thing.n is bool, not int"]),
    ],
)
def test_the_comparison_itself_finds_what_differs(ours: Body, told: list[str]) -> None:
    assert list(differences("thing", ours, {"id": "y", "n": 5, "deep": {"a": 9}})) == told
