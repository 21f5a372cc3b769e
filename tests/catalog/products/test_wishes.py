from __future__ import annotations

import pytest

from catalog.products.needs import Needs
from catalog.products.wishes import wish_of


@pytest.mark.parametrize(
    ("said", "telling"),
    [
        ("Hi there! Do you sell any pens?", {"pen"}),
        ("I would like to buy a wireless mouse, please", {"wireless", "mouse"}),
        ("Thanks, that looks great!", set()),
        ("Any price will do, as long as the quality is good", set()),
        ("請問有沒有推薦的睡袋", {"睡袋"}),
    ],
)
def test_words_of_talk_tell_nothing(said: str, telling: set[str]) -> None:
    assert set(wish_of([said]).telling) == telling


def test_how_it_began_and_the_newest_message_count_most() -> None:
    wish = wish_of(["a keyboard", "Hello?", "wireless", "for gaming"])

    assert {term: wish.terms[term] for term in ("keyboard", "wireless", "gaming")} == {
        "keyboard": 2.0,
        "wireless": 1.0,
        "gaming": 2.0,
    }


def test_what_is_turned_down_is_not_wanted_until_it_is_wanted_again() -> None:
    refused = wish_of(["a laptop", "I don't like Lenovo"])
    wanted = wish_of(["a laptop", "I don't like Lenovo", "ok, the Lenovo then"])

    assert (refused.against, "lenovo" in refused.terms) == (frozenset({"lenovo"}), False)
    assert (wanted.against, "lenovo" in wanted.terms) == (frozenset(), True)


def test_the_oldest_messages_make_room_but_never_the_first(settings: object) -> None:
    needs = Needs()
    for number in range(12):
        needs = needs.hears(f"wish {number}")

    assert needs.said == ("wish 0", *(f"wish {number}" for number in range(5, 12)))


def test_the_wish_of_this_moment_counts_once() -> None:
    assert Needs(said=("a tent", "for two people")).messages == ("a tent", "for two people")
    assert Needs(said=("a tent", "for two people"), text="for two").messages == ("a tent", "for two people")
    assert Needs(said=("a tent",), text="a mat").messages == ("a tent", "a mat")
