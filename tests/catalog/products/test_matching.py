from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.money import Money
from catalog.outbox.worker import drain
from catalog.products import services
from catalog.products.candidates import conflicts
from catalog.products.matching import Match, Needs, Routine, recommend, routine
from catalog.products.models import Product
from catalog.products.selectors import product_views
from tests.factories import make_creator, make_merchant, make_product

Shop = tuple[Merchant, Creator]


@pytest.fixture
def shop(in_scope: Merchant) -> Shop:
    return in_scope, make_creator(in_scope)


def add(
    shop: Shop, slug: str, *, twd: int = 500, shelf: bool = False, on_hand: int | None = 9, **attributes: Any
) -> Product:
    """A product of that handle and title at `twd` dollars, with these attributes."""
    product = make_product(
        shop[0],
        slug=slug,
        title=slug.replace("-", " "),
        prices={"TWD": twd * 100, "USD": twd * 3},
        on_hand=on_hand,
        attributes=attributes,
        **({"category_path": attributes.pop("category")} if "category" in attributes else {}),
    )
    if shelf:
        services.put_on_shelf(creator=shop[1], product=product)
    return product


def asked(shop: Shop, needs: Needs, options: dict[str, Any]) -> dict[str, Any]:
    merchant, creator = shop
    who = {"merchant_id": merchant.pk, "creator_id": creator.pk, "needs": needs, "language": "en", "currency": "TWD"}
    return {**who, **options}


def ask(shop: Shop, needs: Needs, **options: Any) -> list[Match]:
    drain()
    return recommend(**asked(shop, needs, options))


def slugs(matches: list[Match]) -> list[str]:
    return [match.product.slug for match in matches]


def plan(shop: Shop, needs: Needs, **options: Any) -> Routine:
    drain()
    return routine(**asked(shop, needs, options))


def test_what_agrees_with_more_of_what_was_said_comes_first(shop: Shop) -> None:
    add(shop, "one", skin_types=["oily"])
    add(shop, "both", skin_types=["oily", "sensitive"], concerns=["redness"])
    add(shop, "two", skin_types=["oily", "sensitive"])
    add(shop, "all", skin_types=["all"])

    found = ask(shop, Needs(skin_types=("oily", "sensitive"), concerns=("redness",)), limit=10)

    assert slugs(found) == ["both", "two", "one", "all"]
    assert found[0].why == (("skin_type", 3.0), ("concern", 3.0))
    assert [match.score for match in found] == [6.0, 3.0, 1.5, 1.5]


def test_a_product_made_for_other_skin_is_never_shown(shop: Shop) -> None:
    add(shop, "for-dry", skin_types=["dry"])
    add(shop, "says-nothing")

    assert slugs(ask(shop, Needs(skin_types=("oily",)))) == ["says-nothing"]


def test_the_budget_is_a_limit(shop: Shop) -> None:
    for price in (100, 200, 300):
        add(shop, f"p{price}", twd=price)

    assert slugs(ask(shop, Needs(budget_max=Money(200_00, "TWD")))) == ["p100", "p200"]
    assert slugs(ask(shop, Needs(budget_min=Money(200_00, "TWD")))) == ["p200", "p300"]
    assert ask(shop, Needs(budget_max=Money(99_99, "TWD"))) == []


def test_a_budget_in_another_currency_limits_the_price_in_that_currency(shop: Shop) -> None:
    add(shop, "p100", twd=100)
    add(shop, "p200", twd=200)

    assert slugs(ask(shop, Needs(budget_max=Money(3_00, "USD")))) == ["p100"]


def test_cheaper_means_below_what_was_shown(shop: Shop) -> None:
    for price in (100, 200, 300):
        add(shop, f"p{price}", twd=price)

    assert slugs(ask(shop, Needs(), cheaper_than=Money(200_00, "TWD"))) == ["p100"]
    assert ask(shop, Needs(), cheaper_than=Money(100_00, "TWD")) == []


def test_what_is_avoided_must_be_stated_as_absent(shop: Shop) -> None:
    add(shop, "states-it", skin_types=["all"], free_from=["fragrance", "alcohol"])
    add(shop, "holds-it", skin_types=["all"], key_ingredients=["fragrance"])
    add(shop, "is-silent", skin_types=["all"], free_from=["alcohol"])
    add(shop, "is-no-cosmetic", people="2")

    assert slugs(ask(shop, Needs(avoid=("fragrance",)))) == ["states-it", "is-no-cosmetic"]


def test_an_avoided_active_only_needs_to_be_absent(shop: Shop) -> None:
    add(shop, "with-retinal", key_ingredients=["retinal"])
    add(shop, "without", key_ingredients=["niacinamide"])

    assert slugs(ask(shop, Needs(avoid=("retinal",)))) == ["without"]


@pytest.mark.parametrize("needs", [Needs(is_pregnant=True), Needs(avoid=("pregnancy",))])
def test_nothing_to_avoid_in_pregnancy(shop: Shop, needs: Needs) -> None:
    marked = add(shop, "retinal", avoid_in_pregnancy=True)
    add(shop, "toner", key_ingredients=["niacinamide"])

    assert slugs(ask(shop, needs)) == ["toner"]
    assert slugs(ask(shop, needs, prefer_product_ids=[marked.pk])) == ["toner"]


def test_sold_out_products_come_up_only_when_there_is_nothing_else(shop: Shop) -> None:
    add(shop, "gone", on_hand=0, skin_types=["oily"])
    assert slugs(ask(shop, Needs(skin_types=("oily",)))) == ["gone"]

    add(shop, "there", skin_types=["oily"])
    assert slugs(ask(shop, Needs(skin_types=("oily",)))) == ["there"]


def test_what_is_not_for_sale_is_not_recommended(shop: Shop) -> None:
    make_product(shop[0], slug="not-sold", prices={})
    make_product(shop[0], slug="elsewhere", prices={}, external_url="https://maker.example/")

    assert slugs(ask(shop, Needs())) == ["elsewhere"]


def test_the_creators_shelf_and_what_is_on_screen_count(shop: Shop) -> None:
    add(shop, "other")
    add(shop, "on-shelf", shelf=True)
    shown = add(shop, "on-screen")

    assert slugs(ask(shop, Needs())) == ["on-shelf", "other", "on-screen"]
    assert slugs(ask(shop, Needs(), prefer_product_ids=[shown.pk])) == ["on-screen", "on-shelf", "other"]
    assert slugs(ask(shop, Needs(), exclude_product_ids=[shown.pk], prefer_product_ids=[shown.pk])) == [
        "on-shelf",
        "other",
    ]


@pytest.mark.parametrize("asked", ["sleeping_bag", "sleeping-bags", "Sleeping bag", "睡袋"])
def test_a_kind_is_known_by_any_name(shop: Shop, asked: str) -> None:
    add(shop, "down-zero", kind="sleeping_bag")
    add(shop, "tent", kind="tent")

    assert slugs(ask(shop, Needs(categories=(asked,)))) == ["down-zero"]


@pytest.mark.parametrize("asked", ["serums", "精华", "serum"])
def test_a_category_is_known_by_slug_and_name(shop: Shop, asked: str) -> None:
    add(shop, "in-it", category="skincare/serum")
    services.category_at(merchant=shop[0], path="skincare/serum", names={"en": "Serum", "zh-hant": "精華"})
    add(shop, "below-it", category="skincare/serum/oil")
    add(shop, "beside-it", category="skincare/toner")

    assert slugs(ask(shop, Needs(categories=(asked,)))) == ["in-it", "below-it"]


def test_a_kind_the_shop_does_not_have_is_looked_for_in_the_text(shop: Shop) -> None:
    add(shop, "enamel-mug")
    add(shop, "tent")

    assert slugs(ask(shop, Needs(categories=("mug",))))[0] == "enamel-mug"


def test_an_activity_speaks_for_and_another_against(shop: Shop) -> None:
    add(shop, "vest", activity=["running"])
    add(shop, "pack", activity=["hiking", "camping"])

    assert slugs(ask(shop, Needs(activities=("hiking",)))) == ["pack"]


def test_another_merchants_products_are_never_recommended(shop: Shop) -> None:
    add(shop, "mine")
    other = make_merchant()
    with merchant_scope(other):
        foreign = make_product(other, slug="foreign")

    assert slugs(ask(shop, Needs(), prefer_product_ids=[foreign.pk])) == ["mine"]


def test_a_large_catalog_is_searched_by_what_was_said(shop: Shop, settings: Settings) -> None:
    settings.MATCH_SEARCHED = 5  # as if 12 products were more than one search brings
    for n in range(10):
        add(shop, f"plain-{n}")
    add(shop, "wanted", concerns=["redness"])
    add(shop, "named-niacinamide")

    assert slugs(ask(shop, Needs(concerns=("redness",), text="niacinamide"), limit=2)) == [
        "wanted",
        "named-niacinamide",
    ]


CARE: list[tuple[str, int, str, dict[str, Any]]] = [
    ("gel-cleanser", 480, "cleanse", {"skin_types": ["oily"]}),
    ("milk-cleanser", 300, "cleanse", {"skin_types": ["dry"]}),
    ("acid-serum", 980, "treat", {"skin_types": ["oily"], "conflicts_with": ["retinal"], "concerns": ["acne"]}),
    ("calm-serum", 860, "treat", {"skin_types": ["oily"]}),
    (
        "retinal-cream",
        1200,
        "moisturise",
        {"skin_types": ["oily"], "key_ingredients": ["retinal"], "concerns": ["acne"]},
    ),
    ("light-cream", 700, "moisturise", {"skin_types": ["oily"]}),
    ("sunscreen", 720, "protect", {"skin_types": ["oily"]}),
]


@pytest.fixture
def care(shop: Shop) -> Shop:
    for slug, twd, step, attributes in CARE:
        add(shop, slug, twd=twd, step=step, **attributes)
    return shop


def steps(found: Routine) -> list[tuple[str, str]]:
    return [(name, match.product.slug) for name, match in found.steps]


def test_a_routine_goes_step_by_step(care: Shop) -> None:
    found = plan(care, Needs(text="morning routine", skin_types=("oily",)))

    assert steps(found) == [("Cleanse", "gel-cleanser"), ("Treat", "acid-serum"), ("Protect", "sunscreen")]
    assert (found.title, found.total, found.over_by) == ("Morning routine, 3 steps", Money(2180_00, "TWD"), None)
    assert found.conflict_note == ""


@pytest.mark.parametrize(
    ("text", "language", "title", "last"),
    [
        ("幫我配早上的保養", "zh-hant", "早上保養，3 步驟", "防曬"),
        ("晚上用什么", "zh-hans", "晚上保养，3 步骤", "保湿"),
        ("a routine", "en", "Routine, 3 steps", "Moisturise"),
    ],
)
def test_the_time_of_day_chooses_the_last_step(care: Shop, text: str, language: str, title: str, last: str) -> None:
    found = plan(care, Needs(text=text, skin_types=("oily",)), language=language)

    assert (found.title, found.steps[-1][0]) == (title, last)


def test_products_that_clash_never_stand_in_one_routine(care: Shop) -> None:
    found = plan(care, Needs(skin_types=("oily",), concerns=("acne",)))

    assert steps(found) == [("Cleanse", "gel-cleanser"), ("Treat", "acid-serum"), ("Moisturise", "light-cream")]


def test_a_step_is_left_out_when_all_its_products_clash(shop: Shop) -> None:
    add(shop, "acid", step="treat", conflicts_with=["retinal"])
    add(shop, "retinal", step="moisturise", key_ingredients=["retinal"])

    assert len(plan(shop, Needs()).steps) == 1


def test_the_budget_holds_for_the_total(care: Shop) -> None:
    found = plan(care, Needs(skin_types=("oily",), concerns=("acne",), budget_max=Money(2_050_00, "TWD")))

    assert steps(found) == [("Cleanse", "gel-cleanser"), ("Treat", "calm-serum"), ("Moisturise", "light-cream")]
    assert (found.total, found.over_by) == (Money(2_040_00, "TWD"), None)


def test_over_the_budget_the_cheapest_set_says_by_how_much(care: Shop) -> None:
    found = plan(care, Needs(skin_types=("oily",), budget_max=Money(2_000_00, "TWD")))

    assert (found.total, found.over_by) == (Money(2_040_00, "TWD"), Money(40_00, "TWD"))


def test_cheaper_and_swap(care: Shop) -> None:
    needs = Needs(skin_types=("oily",), concerns=("acne",))
    first = plan(care, needs)
    cheaper = plan(care, needs, cheaper_than=first.total)
    kept = [match.product.product_id for _, match in first.steps if match.product.slug != "acid-serum"]
    swapped = plan(
        care,
        needs,
        exclude_product_ids=[first.steps[1][1].product.product_id],
        keep_product_ids=kept,
    )

    assert first.total == Money(2_160_00, "TWD")
    assert cheaper.total == Money(2_040_00, "TWD")
    assert steps(swapped) == [("Cleanse", "gel-cleanser"), ("Treat", "calm-serum"), ("Moisturise", "light-cream")]
    assert plan(care, needs, cheaper_than=cheaper.total).steps == ()


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "You use retinal. Use acid serum at another time of day so the two don't irritate."),
        ("zh-hant", "你有在用 A 醛，acid serum 請錯開時段使用，避免疊加刺激。"),
        ("zh-hans", "你有在用 A 醛，acid serum 请错开时段使用，避免叠加刺激。"),
    ],
)
def test_what_the_shopper_already_uses_is_kept_apart(care: Shop, language: str, note: str) -> None:
    needs = Needs(skin_types=("oily",), concerns=("acne",), uses=("retinal",))

    assert plan(care, needs, language=language, steps=("cleanse", "treat")).conflict_note == note


def test_a_routine_holds_only_what_can_be_bought_here_now(care: Shop) -> None:
    for product in Product.objects.exclude(slug="milk-cleanser"):
        services.set_stock(variant_id=product.variants.get().pk, on_hand=0)

    assert steps(plan(care, Needs())) == [("Cleanse", "milk-cleanser")]
    assert plan(care, Needs(skin_types=("oily",))).steps == ()


def test_an_outdoor_kit_is_made_of_kinds(shop: Shop) -> None:
    add(shop, "ridge-tent", kind="tent", activity=["camping"], features=["enclosed_tent"], twd=6800)
    add(shop, "down-bag", kind="sleeping_bag", activity=["camping"], twd=6200)
    add(shop, "egg-mat", kind="mat", activity=["camping"], twd=990)
    add(shop, "gas-stove", kind="stove", activity=["camping"], conflicts_with=["enclosed_tent"])
    needs = Needs(activities=("camping",))

    kit = plan(shop, needs, language="zh-hant")

    assert steps(kit) == [("帳篷", "ridge-tent"), ("睡袋", "down-bag"), ("睡墊", "egg-mat")]
    assert (kit.title, kit.total) == ("裝備組合，3 件", Money(13_990_00, "TWD"))
    assert steps(plan(shop, needs, steps=("tent", "stove"))) == [("Tent", "ridge-tent")]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_routine_ever_holds_a_clash_or_breaks_its_budget_in_silence(
    care: Shop, django_db_blocker: Callable[[], None], data: st.DataObject
) -> None:
    ingredients = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True)
    for product in Product.objects.all():
        holds, clashes = data.draw(ingredients), data.draw(ingredients)
        product.attributes = {**product.attributes, "key_ingredients": holds, "conflicts_with": clashes}
        product.save()
    budget = Money(data.draw(st.integers(300_00, 4_000_00)), "TWD")

    found = plan(care, Needs(budget_max=budget))

    ids = [match.product.product_id for _, match in found.steps]
    views = product_views(product_ids=ids, language="en", currency="TWD")
    assert not any(conflicts(one, other) for one, other in itertools.combinations(views, 2))
    assert found.total.minor == sum(view.price.minor for view in views if view.price)
    assert found.over_by == (found.total - budget if budget < found.total else None)
