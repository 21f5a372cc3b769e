from __future__ import annotations

import pytest

from catalog.money import Money
from catalog.products.option_choice import Choice, Said, choose
from catalog.products.selectors import ProductView, VariantView


def view(*variants: dict[str, str], prices: tuple[int, ...] = (), sold_out: tuple[int, ...] = ()) -> ProductView:
    """A product with these variants, 10 dollars each unless `prices` say otherwise."""
    made = tuple(
        VariantView(
            variant_id=place,
            sku=f"s{place}",
            label=" · ".join(options.values()),
            price=Money((prices[place] if prices else 10) * 100, "USD"),
            was=None,
            available=None,
            in_stock=place not in sold_out,
            options=options,
        )
        for place, options in enumerate(variants)
    )
    return ProductView(
        1, "p", "Shirt", "", "", "", "", "", "", {}, made, made[0].price, None, price_varies=False, stock="in_stock",
        left=None,
    )  # fmt: skip


def chosen(said: str, *variants: dict[str, str]) -> dict[str, str]:
    return dict(choose(view(*variants), Said.of([said])).options)


SIZES = [{"size": size} for size in ("small", "large", "x-large", "xx-large")]
COLOURS = [{"color": colour} for colour in ("grey", "light grey", "wine red", "black")]


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("with size: x-large", "x-large"),
        ("an XL one", "x-large"),
        ("extra large please", "x-large"),
        ("2XL", "xx-large"),
        ("size large", "large"),
        ("in L (size)", "large"),
        ("加大", "x-large"),
        ("我要大碼的", "large"),
    ],
)
def test_a_size_is_known_by_any_of_its_names(said: str, size: str) -> None:
    assert chosen(said, *SIZES) == {"size": size}


@pytest.mark.parametrize("said", ["men's shirt", "a shirt", "I'm 5 feet tall", "medium"])
def test_what_was_not_said_stays_open(said: str) -> None:
    assert choose(view({"size": "s"}, {"size": "5"}, {"size": "l"}), Said.of([said])) == Choice()


def test_the_longest_value_that_was_said_is_meant() -> None:
    assert chosen("a light gray hoodie", *COLOURS) == {"color": "light grey"}
    assert chosen("gray", *COLOURS) == {"color": "grey"}
    assert chosen("黑色的", *COLOURS) == {"color": "black"}


def test_a_value_beside_its_options_name_outweighs_one_that_stands_elsewhere() -> None:
    colours = [{"color": "gold"}, {"color": "black"}]

    assert chosen("gold plated ring, color: black", *colours) == {"color": "black"}
    assert chosen("gold plated ring with black as the color", *colours) == {"color": "black"}


def test_a_half_size_is_not_the_whole_one() -> None:
    assert chosen("size: 12.5", {"size": "12"}, {"size": "12.5"}) == {"size": "12.5"}
    assert chosen("size: 12.5", {"size": "12"}) == {}


def test_of_several_variants_the_one_in_stock_and_then_the_cheapest_is_chosen() -> None:
    red = [{"color": "red", "size": size} for size in ("small", "medium", "large")]

    assert choose(view(*red, prices=(9, 30, 20), sold_out=(0,)), Said.of(["red"])).variant.sku == "s2"


def test_a_combination_that_is_not_made_is_not_claimed() -> None:
    found = choose(
        view({"color": "red", "size": "small"}, {"color": "blue", "size": "large"}), Said.of(["red, size large"])
    )

    assert (len(found.options), found.is_exact) == (1, False)


def test_the_newest_message_can_choose_too() -> None:
    assert choose(view(*COLOURS), Said.of(["a hoodie", "black please"])).label == "black"


def test_of_two_values_the_one_said_last_is_meant() -> None:
    assert chosen("a grey one. no, black please", *COLOURS) == {"color": "black"}


def test_a_possessive_names_the_kind_before_it_chooses() -> None:
    fits = [{"fit": fit} for fit in ("men", "women")]

    assert chosen("men's shirts in women", *fits) == {"fit": "women"}
    assert chosen("men's shirts", *fits) == {"fit": "men"}
