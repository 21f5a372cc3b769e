"""A proposal is executed once, by whom and where it was made, while it is true."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.confirmations import errors, services
from catalog.confirmations.models import PendingAction
from tests.catalog.buying import Buying
from tests.factories import make_merchant, make_shopper

SESSION = "conversation:7f"


def propose(buying: Buying, **changes: Any) -> PendingAction:
    given = {
        "merchant": buying.merchant,
        "operation": "checkout",
        "arguments": {"cart": "c1"},
        "subject": "cart:c1",
        "subject_version": "3",
        "session": SESSION,
        "shopper_id": buying.shopper.pk,
    }
    return services.propose(**{**given, **changes})


def claim(buying: Buying, action: PendingAction, **changes: Any) -> PendingAction:
    given = {"action_id": action.pk, "session": SESSION, "shopper_id": buying.shopper.pk, "subject_version": "3"}
    return services.claim(**{**given, **changes})


def test_a_proposal_is_claimed_once(buying: Buying) -> None:
    action = propose(buying)

    claimed = claim(buying, action)

    assert (claimed.operation, claimed.arguments) == ("checkout", {"cart": "c1"})
    assert claimed.claimed_at is not None
    with pytest.raises(errors.AlreadyUsed):
        claim(buying, action)


def test_a_failure_of_the_act_gives_the_proposal_back(buying: Buying) -> None:
    action = propose(buying)

    @transaction.atomic
    def execute() -> None:
        claim(buying, action)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        execute()

    assert claim(buying, action).claimed_at is not None


def test_a_declined_proposal_is_not_executed(buying: Buying) -> None:
    action = propose(buying)

    services.decline(action_id=action.pk, session=SESSION, shopper_id=buying.shopper.pk)

    with pytest.raises(errors.AlreadyUsed):
        claim(buying, action)


def test_a_late_yes_is_refused(buying: Buying) -> None:
    action = propose(buying)
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(errors.Expired):
        claim(buying, action)
    with pytest.raises(errors.Expired):
        services.decline(action_id=action.pk, session=SESSION, shopper_id=buying.shopper.pk)
    action.refresh_from_db()
    assert (action.claimed_at, action.declined_at) == (None, None)


def test_a_yes_to_something_that_changed_is_refused(buying: Buying) -> None:
    action = propose(buying)

    with pytest.raises(errors.SubjectChanged):
        claim(buying, action, subject_version="4")

    action.refresh_from_db()
    assert action.claimed_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"session": "conversation:8a"},
        {"shopper_id": uuid.uuid4()},
        {"action_id": "nonsense"},
        {"action_id": uuid.uuid4()},
    ],
)
def test_another_session_shopper_or_id_finds_nothing(buying: Buying, changes: dict[str, Any]) -> None:
    action = propose(buying)

    with pytest.raises(errors.NotFound):
        claim(buying, action, **changes)

    action.refresh_from_db()
    assert action.claimed_at is None


def test_another_merchant_finds_nothing(buying: Buying) -> None:
    action = propose(buying)
    other: Merchant = make_merchant()

    with merchant_scope(other), pytest.raises(errors.NotFound):
        claim(buying, action)


def test_arguments_changed_behind_the_shoppers_back_are_refused(buying: Buying) -> None:
    action = propose(buying)
    PendingAction.objects.update(arguments={"cart": "another"})

    with pytest.raises(errors.NotFound):
        claim(buying, action)


def test_a_typed_yes_means_the_newest_proposal_that_waits(buying: Buying) -> None:
    first = propose(buying)
    second = propose(buying, subject="order:1")
    shopper_id = buying.shopper.pk

    assert services.latest(session=SESSION, shopper_id=shopper_id) == second
    services.decline(action_id=second.pk, session=SESSION, shopper_id=shopper_id)
    assert services.latest(session=SESSION, shopper_id=shopper_id) is None
    assert services.latest(session=SESSION, shopper_id=make_shopper(buying.merchant).pk) is None
    assert services.lookup(action_id=str(first.pk), session=SESSION, shopper_id=shopper_id) == first
