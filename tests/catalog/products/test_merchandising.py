from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.indexing import reindex
from catalog.products.merchandising import rules_for
from catalog.products.merchandising_models import RuleKind, SearchRule, Synonym
from catalog.products.models import Product
from catalog.products.selectors import search_products
from catalog.search.ports import ProductDocument, ProductQuery, SearchRules
from catalog.search.reranking import SIGNALS
from tests.factories import make_product


def sold(merchant: Merchant, title: str) -> Product:
    # Titles only: the factory's usual description and attributes would answer too.
    slug = title.lower().replace(" ", "-")
    return make_product(merchant, title=title, titles={}, descriptions={}, attributes={}, slug=slug, external_id=slug)


def rule(merchant: Merchant, product_id: int, kind: str, query: str = "serum", **fields: object) -> SearchRule:
    return SearchRule.objects.create(merchant=merchant, product_id=product_id, kind=kind, query=query, **fields)


def found(merchant: Merchant, text: str) -> list[int]:
    page = search_products(query=ProductQuery(merchant_id=merchant.pk, text=text), language="en")
    return [product.product_id for product in page.products]


def test_rules_hold_for_their_query_in_any_case_and_script(in_scope: Merchant) -> None:
    one, two, three = (sold(in_scope, f"Serum {n}").pk for n in range(3))
    rule(in_scope, two, RuleKind.PIN, " Serum", place=2)
    rule(in_scope, one, RuleKind.PIN, "SERUM", place=1)
    rule(in_scope, three, RuleKind.BOOST, "serum", factor=3)
    rule(in_scope, three, RuleKind.HIDE, "精華")

    assert rules_for("Serum ") == SearchRules(pinned=(one, two), boosts={three: 3.0})
    assert rules_for("精华") == SearchRules(hidden=(three,))
    assert rules_for("other") == rules_for("  ") == SearchRules()


def test_rules_hold_in_their_period_only(in_scope: Merchant) -> None:
    now, day = timezone.now(), timedelta(days=1)
    ids = [sold(in_scope, f"Serum {n}").pk for n in range(4)]
    rule(in_scope, ids[0], RuleKind.HIDE, starts_at=now + day)
    rule(in_scope, ids[1], RuleKind.HIDE, ends_at=now - day)
    rule(in_scope, ids[2], RuleKind.HIDE, starts_at=now - day, ends_at=now + day)
    rule(in_scope, ids[3], RuleKind.PIN)

    assert rules_for("serum") == SearchRules(pinned=(ids[3],), hidden=(ids[2],))


def test_a_period_that_ends_before_it_begins_is_refused(in_scope: Merchant) -> None:
    now = timezone.now()
    product_id = sold(in_scope, "Serum").pk

    with pytest.raises(IntegrityError), transaction.atomic():
        rule(in_scope, product_id, RuleKind.HIDE, starts_at=now, ends_at=now - timedelta(days=1))


def test_synonyms_hold_both_ways_or_one_and_without_reindex(in_scope: Merchant) -> None:
    wash, toner = sold(in_scope, "Gel wash").pk, sold(in_scope, "Toner").pk
    reindex(merchant=in_scope)
    assert found(in_scope, "cleanser") == []

    Synonym.objects.create(merchant=in_scope, words=["Cleanser", "wash"])
    Synonym.objects.create(merchant=in_scope, words=["lotion", "toner"], is_one_way=True)
    Synonym.objects.create(merchant=in_scope, words=["gel", "jelly"], is_active=False)

    assert found(in_scope, "cleanser") == [wash]
    assert rules_for("wash").synonyms == {"wash": ["cleanser"]}
    assert found(in_scope, "lotion") == [toner]
    assert rules_for("toner gel") == SearchRules()


def test_a_synonym_needs_two_words(in_scope: Merchant) -> None:
    for words in (["wash"], ["wash", " wash "], "wash", []):
        with pytest.raises(ValidationError):
            Synonym(merchant=in_scope, words=words).clean()


def test_what_the_merchant_decides_reaches_the_shopper(in_scope: Merchant) -> None:
    ids = [sold(in_scope, f"Serum {n}").pk for n in range(3)]
    other = sold(in_scope, "Balm").pk
    reindex(merchant=in_scope)
    rule(in_scope, other, RuleKind.PIN)
    rule(in_scope, ids[1], RuleKind.HIDE)

    assert found(in_scope, "serum") == [other, ids[0], ids[2]]


def test_rules_of_another_shop_do_not_hold(in_scope: Merchant) -> None:
    product_id = sold(in_scope, "Serum").pk
    rule(in_scope, product_id, RuleKind.HIDE)
    other = Merchant.objects.create(slug="other-shop", name="Other", currency="USD")

    with merchant_scope(other):
        assert rules_for("serum") == SearchRules()


def test_what_anybody_earns_is_no_signal() -> None:
    known = {*SIGNALS, *ProductDocument.__slots__}

    assert not [name for name in known if any(word in name for word in ("commission", "margin", "share", "payout"))]


def test_synonyms_are_read_again_only_when_one_has_changed(in_scope: Merchant) -> None:
    first = Synonym.objects.create(merchant=in_scope, words=["wash", "cleanser"])
    rules_for("wash")

    with CaptureQueriesContext(connection) as same:
        assert rules_for("wash").synonyms == {"wash": ["cleanser"]}
    assert not [each for each in same.captured_queries if '"words"' in each["sql"]]

    first.words = ["wash", "soap"]
    first.save()
    assert rules_for("wash").synonyms == {"wash": ["soap"]}
    Synonym.objects.bulk_create([Synonym(merchant=in_scope, words=["wash", "gel"], is_one_way=True)])
    assert rules_for("wash").synonyms == {"wash": ["soap", "gel"]}
    first.delete()
    assert rules_for("wash").synonyms == {"wash": ["gel"]}
