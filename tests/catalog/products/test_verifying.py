from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from catalog.products import services
from catalog.products.models import Offer, Product
from catalog.products.verifying import repair, verify
from catalog.search.backend import backend
from catalog.search.fingerprints import fingerprint
from catalog.search.ports import ProductDocument
from tests.factories import make_merchant, make_product


def shop_with_every_error(merchant: Merchant) -> tuple[int, int, int, int]:
    """Return the ids of a product that is right, one missing, one different, one too many."""
    right, missing, different, extra = (make_product(merchant, slug=slug) for slug in "abcd")
    drain()
    versions = OutboxMessage.objects.latest("id").pk
    backend().delete(missing.pk, merchant_id=merchant.pk, version=versions)
    Offer.objects.filter(variant__product=different).update(amount_minor=1)
    Product.objects.filter(pk=extra.pk).update(status="archived")
    OutboxMessage.objects.update(created_at="2020-01-01T00:00:00Z")  # settled long ago
    return right.pk, missing.pk, different.pk, extra.pk


def test_an_index_that_follows_the_shop_is_equal(in_scope: Merchant) -> None:
    make_product(in_scope, slug="a")
    make_product(in_scope, slug="b", status="draft")
    drain()

    found = verify(merchant=in_scope)

    assert (found.products, found.indexed, found.wrong, found.waiting) == (1, 1, (), ())


def test_what_is_missing_different_or_too_many_is_told_apart(in_scope: Merchant) -> None:
    _, missing, different, extra = shop_with_every_error(in_scope)

    found = verify(merchant=in_scope)

    assert (found.products, found.indexed) == (3, 3)
    assert (found.missing, found.different, found.extra) == ((missing,), (different,), (extra,))


def test_repair_makes_index_and_shop_equal(in_scope: Merchant) -> None:
    right, missing, different, _ = shop_with_every_error(in_scope)

    after = repair(merchant=in_scope, found=verify(merchant=in_scope))

    assert (after.products, after.indexed, after.wrong) == (3, 3, ())
    assert backend().product_ids(in_scope.pk) == {right, missing, different}


def test_a_change_on_its_way_is_no_error(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    drain()
    Product.objects.filter(pk=product.pk).update(title="Renamed")
    services.product_changed(product_id=product.pk, merchant_id=in_scope.pk)

    OutboxMessage.objects.filter(delivered_at=None).update(created_at=timezone.now() - timedelta(seconds=90))

    found = verify(merchant=in_scope)

    assert (found.wrong, found.waiting) == ((), (product.pk,))
    assert 90 <= found.behind_s < 95
    drain()
    assert verify(merchant=in_scope).behind_s == 0


def test_a_message_that_was_given_up_is_an_error(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    OutboxMessage.objects.update(dead_at="2020-01-01T00:00:00Z")

    assert verify(merchant=in_scope).missing == (product.pk,)


def test_other_merchants_are_neither_counted_nor_repaired(in_scope: Merchant) -> None:
    make_product(in_scope)
    drain()
    other = make_merchant()
    with merchant_scope(other):
        make_product(other)

    assert verify(merchant=in_scope).wrong == ()
    assert verify(merchant=other).indexed == 0


def test_the_command_fails_until_it_has_repaired(in_scope: Merchant) -> None:
    shop_with_every_error(in_scope)
    out = StringIO()

    with every_merchant():
        with pytest.raises(CommandError, match=r"3 products differ .* --repair"):
            call_command("verify_index", stdout=out)
        call_command("verify_index", "--repair", stdout=out)
        call_command("verify_index", "--merchant", in_scope.slug, stdout=out)

    wrong = "3 products, 3 in the index: 1 missing, 1 different, 1 extra"
    equal = "3 products, 3 in the index: equal"
    assert out.getvalue().splitlines() == [
        f"meis-shelf: {wrong}",
        f"meis-shelf: {wrong}",
        f"meis-shelf, repaired: {equal}",
        f"meis-shelf: {equal}",
    ]
    with pytest.raises(CommandError, match="nobody"):
        call_command("verify_index", "--merchant", "nobody")


def test_what_a_newer_version_in_the_index_holds_is_told_not_hidden(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    backend().index([(ProductDocument(product_id=product.pk, merchant_id=in_scope.pk, title="From elsewhere"), 10**9)])
    OutboxMessage.objects.update(dead_at="2020-01-01T00:00:00Z")

    with every_merchant(), pytest.raises(CommandError, match="run manage"):
        call_command("verify_index", "--repair", stdout=StringIO())


def test_a_fingerprint_is_of_the_content_not_of_its_order() -> None:
    one = ProductDocument(product_id=1, merchant_id=1, title="A", skus=("a", "b"), prices={"TWD": 1, "USD": 2})
    same = ProductDocument(product_id=1, merchant_id=1, title="A", skus=("b", "a"), prices={"USD": 2, "TWD": 1})
    other = ProductDocument(product_id=1, merchant_id=1, title="A", skus=("a", "b"), prices={"TWD": 1, "USD": 3})

    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
