"""Needs become products: by options, within safety, with one question at most; kits go together."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.accounts.models import Creator, Merchant
from catalog.money import Money
from catalog.outbox.worker import drain
from catalog.products.attribute_csv import import_relations
from catalog.products.attribute_graph import Graph, first_clash, graph_of, shipped_edges
from catalog.products.fields import ProductFields, VariantFields
from catalog.products.matching import Advice, Needs, advise, recommend, routine
from catalog.products.models import Product
from catalog.products.selectors import product_views
from catalog.products.services import save_product
from tests.factories import make_creator

Shop = tuple[Merchant, Creator]


@pytest.fixture
def shop(in_scope: Merchant) -> Shop:
    return in_scope, make_creator(in_scope)


def add(
    shop: Shop, slug: str, *variants: tuple[dict[str, str], int], on_hand: int | None = None, **attributes: Any
) -> None:
    """A product of that handle and title with (options, dollars) variants, one of ten dollars without any."""
    made = tuple(
        VariantFields(sku=f"{slug}-{place}", options=options, prices={"USD": price * 100}, on_hand=on_hand)
        for place, (options, price) in enumerate(variants or (({}, 10),))
    )
    fields = ProductFields(slug=slug, title=slug.replace("-", " "), attributes=attributes, variants=made)
    save_product(merchant=shop[0], fields=fields)


def ask(shop: Shop, needs: Needs, **options: Any) -> Advice:
    drain()
    who = {"merchant_id": shop[0].pk, "creator_id": shop[1].pk, "language": "en", "currency": "USD"}
    return advise(needs=needs, **{**who, **options})


def slugs(found: Advice) -> list[str]:
    return [match.product.slug for match in found.matches]


def test_words_choose_the_product_and_its_variant(shop: Shop) -> None:
    add(shop, "linen-shirt", ({"Color": "white"}, 30), ({"Color": "black"}, 30))
    add(shop, "linen-dress-shirt", ({"Color": "navy"}, 30))

    first = ask(shop, Needs(text="a linen shirt in black")).matches[0]

    assert (first.product.slug, first.choice.options) == ("linen-shirt", {"Color": "black"})
    assert first.reason.startswith("Comes in black")


def test_a_limit_holds_for_the_chosen_variant(shop: Shop) -> None:
    add(shop, "tent-one", ({"Size": "2 person"}, 80), ({"Size": "4 person"}, 150))
    add(shop, "tent-two", ({"Size": "4 person"}, 95))

    found = ask(shop, Needs(text="tent, size 4 person", budget_max=Money(100_00, "USD")))
    shown = ask(shop, Needs(text="tent, size 4 person")).matches

    assert slugs(found) == ["tent-two"]
    assert {match.product.slug: str(match.shown.price) for match in shown} == {
        "tent-one": "$150.00",
        "tent-two": "$95.00",
    }


def test_a_chosen_variant_that_is_gone_stands_behind_one_that_is_there(shop: Shop) -> None:
    add(shop, "red-mug", ({"Color": "red"}, 10), on_hand=0)
    add(shop, "other-mug", ({"Color": "red"}, 10))

    assert slugs(ask(shop, Needs(text="mug in red"))) == ["other-mug"]


def test_a_reason_cites_what_the_product_says_itself(shop: Shop) -> None:
    add(shop, "cargo-trousers", material="stretch cotton")

    assert ask(shop, Needs(text="trousers of stretch cotton")).matches[0].reason == "Says “stretch cotton”"


def test_an_ingredient_speaks_for_what_it_is_used_for_and_says_no_more(shop: Shop) -> None:
    add(shop, "states-it", concerns=["fine_lines"])
    add(shop, "holds-it", key_ingredients=["retinol"])
    add(shop, "neither", key_ingredients=["zinc"])

    found = ask(shop, Needs(concerns=("fine_lines",)))

    assert slugs(found) == ["states-it", "holds-it", "neither"]
    assert found.matches[1].why == (("helps", 1.0),)
    assert "is used for fine lines" in found.matches[1].reason


def test_an_allergy_leaves_out_what_is_not_known_and_counts_it(shop: Shop) -> None:
    add(shop, "oat-bar", ingredients=["oats", "honey"])
    add(shop, "nut-bar", ingredients=["peanuts"])
    add(shop, "silent-bar")

    found = ask(shop, Needs(text="bar", allergies=("peanut",)))

    assert (slugs(found), found.withheld) == (["oat-bar"], 1)


def test_a_question_is_asked_only_when_its_answers_lead_apart(shop: Shop) -> None:
    for number in range(4):
        add(shop, f"lamp-{number}")
    assert ask(shop, Needs(text="lamp")).question is None

    for number, room in enumerate(["desk", "desk", "floor", "floor"]):
        add(shop, f"light-{number}", room=room)
    first = ask(shop, Needs(text="light"))

    assert first.question is not None
    assert (first.question.about, set(first.question.answers)) == ("room", {"desk", "floor"})
    assert ask(shop, Needs(text="light"), has_asked=True).question is None
    assert ask(shop, Needs(text="light"), has_shown=True).question is None
    assert ask(shop, Needs(text="warm brass dimmable reading light")).question is None


def test_prices_far_apart_are_asked_about_unless_a_budget_is_known(shop: Shop) -> None:
    for number, price in enumerate((10, 12, 50, 90)):
        add(shop, f"lamp-{number}", ({}, price))

    found = ask(shop, Needs(text="lamp")).question

    assert found is not None
    assert found.about == "budget"
    assert ask(shop, Needs(text="lamp", budget_max=Money(90_00, "USD"))).question is None


def kit(shop: Shop, needs: Needs, **options: Any) -> list[str]:
    drain()
    who = {"merchant_id": shop[0].pk, "creator_id": shop[1].pk, "language": "en", "currency": "USD"}
    made = routine(needs=needs, **{**who, **options})
    return [match.product.slug for _, match in made.steps]


@pytest.fixture
def cameras(shop: Shop) -> Shop:
    add(shop, "alpha-camera", ({}, 900), kind="camera", mount="sony_e", card_slot="sd")
    add(shop, "rf-lens", ({}, 200), kind="lens", mount="canon_rf")
    add(shop, "e-lens", ({}, 400), kind="lens", mount="sony_e")
    add(shop, "cf-card", ({}, 20), kind="memory_card", card_type="cfexpress_b")
    add(shop, "sd-card", ({}, 30), kind="memory_card", card_type="sd")
    return shop


@pytest.mark.parametrize("said", ["everything for photography", "put together a camera kit", "幫我配一套攝影"])
def test_a_camera_comes_with_a_lens_and_a_card_that_fit_it(cameras: Shop, said: str) -> None:
    assert kit(cameras, Needs(text=said)) == ["alpha-camera", "e-lens", "sd-card"]


def test_cheaper_after_a_kit_is_a_cheaper_kit(cameras: Shop) -> None:
    add(cameras, "small-lens", ({}, 150), kind="lens", mount="sony_e")

    assert kit(cameras, Needs(text="camera kit"), cheaper_than=Money(1330_00, "USD")) == [
        "alpha-camera",
        "small-lens",
        "sd-card",
    ]


def test_a_merchants_own_relation_keeps_two_apart(cameras: Shop) -> None:
    sheet = "vertical,subject,kind,object,source\ncamera,card_slot:sd,conflicts,card_type:sd,too slow for it\n"
    import_relations(merchant=cameras[0], text=sheet)

    assert kit(cameras, Needs(text="camera kit")) == ["alpha-camera", "e-lens"]


_NODES = sorted({node for edge in shipped_edges() if edge.kind == "conflicts" for node in (edge.subject, edge.object)})
_STATED = sorted(
    {node for edge in shipped_edges() for node in (edge.subject, edge.object) if node[0] not in ("group", "condition")}
    & {member for group in _NODES for member in (group, *Graph.of(shipped_edges()).held_by(group))}
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_conflicting_pair_is_never_recommended_together(cameras: Shop, data: st.DataObject) -> None:
    for product in Product.objects.all():
        stated = data.draw(st.lists(st.sampled_from(_STATED), max_size=3, unique=True))
        attributes: dict[str, Any] = {"kind": product.attributes["kind"]}
        for name, value in stated:
            attributes.setdefault(name, []).append(value)
        product.attributes = attributes
        product.save()

    drain()
    made = routine(
        merchant_id=cameras[0].pk,
        creator_id=cameras[1].pk,
        needs=Needs(text="camera kit"),
        language="en",
        currency="USD",
    )

    views = product_views(
        product_ids=[match.product.product_id for _, match in made.steps], language="en", currency="USD"
    )
    assert first_clash(graph_of(merchant_id=cameras[0].pk), views) is None
    assert len(views) >= 1
    for one, other in itertools.combinations(views, 2):
        assert one.product_id != other.product_id


def test_recommend_returns_what_advice_holds(shop: Shop) -> None:
    add(shop, "mug")
    drain()

    found = recommend(merchant_id=shop[0].pk, creator_id=None, needs=Needs(text="mug"), language="en", currency="USD")

    assert [match.product.slug for match in found] == ["mug"]
