"""Roles decide by area; nobody reaches another merchant."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from catalog.accounts import tenancy
from catalog.accounts.models import Membership, Merchant, Role
from tests.factories import make_creator, make_merchant

EXPECTED = {
    # area:      owner     editor    analyst  agent     creator
    "shop": ("change", "change", "view", "view", "view"),
    "double": ("change", "change", "", "", "change"),
    "live": ("change", "change", "", "change", "change"),
    "orders": ("change", "", "view", "change", ""),
    "conversations": ("change", "view", "view", "change", "view"),
    "insight": ("view", "", "view", "", "view"),
    "staff": ("change", "", "", "", ""),
    "work": ("change", "", "", "", ""),
}


def member(merchant: Merchant, role: str) -> User:
    """Return a staff user with one role."""
    user = User.objects.create(username=f"{merchant.slug}-{role}", is_staff=True)
    creator = make_creator(merchant, slug=f"for-{role}") if role == Role.CREATOR else None
    Membership.objects.create(merchant=merchant, user=user, role=role, creator=creator)
    return user


@pytest.mark.parametrize("area", EXPECTED)
def test_each_role_may_do_what_the_table_says(merchant: Merchant, area: str) -> None:
    for role, level in zip(Role.values, EXPECTED[area], strict=True):
        user = member(merchant, role)
        assert tenancy.role_allows(user, area=area, act="view") == (level in ("view", "change")), role
        assert tenancy.role_allows(user, area=area, act="change") == (level == "change"), role


def test_a_role_at_one_merchant_allows_nothing_at_another(merchant: Merchant) -> None:
    other, owner = make_merchant(), member(merchant, Role.OWNER)

    assert not tenancy.role_allows(owner, area="shop", act="view", merchant_id=other.pk)
    assert tenancy.merchants_of(owner) == [merchant]


def test_a_staff_view_hides_other_merchants_and_refuses_other_roles(merchant: Merchant) -> None:
    other = make_merchant()
    request = RequestFactory().get("/")
    request.user = member(merchant, Role.ANALYST)

    tenancy.require(request, area="insight", merchant_id=merchant.pk)
    with pytest.raises(PermissionDenied):
        tenancy.require(request, area="shop", act="change", merchant_id=merchant.pk)
    with pytest.raises(Http404):
        tenancy.require(request, area="insight", merchant_id=other.pk)


def test_only_a_pure_creator_is_limited_to_one_creator(merchant: Merchant) -> None:
    limited = member(merchant, Role.CREATOR)

    assert tenancy.only_creator_of(limited) == tenancy.memberships_of(limited)[0].creator_id is not None
    assert tenancy.only_creator_of(member(merchant, Role.OWNER)) is None
