"""A merchant's accent: readable in both schemes whatever was chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.theme import CONTRAST_MIN, contrast, derive, stylesheet

LIGHT_GROUNDS = ("#FFFFFF", "#F5F7F5", "#EDF1EE")
DARK_GROUNDS = ("#161C19", "#0E1311", "#1E2622")
colours = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06X}")


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21.0


def test_contrast_does_not_depend_on_the_order() -> None:
    assert contrast("#1C6454", "#F5F7F5") == contrast("#F5F7F5", "#1C6454")


def test_the_projects_own_green_keeps_its_tuned_tokens() -> None:
    theme = derive("#1c6454")

    assert theme.light.accent == "#1C6454"
    assert theme.light.hover == "#144C40"
    assert theme.dark.accent == "#72C6AD"
    assert theme.ratio == 7.0


def test_a_colour_that_is_readable_stays_as_it_is() -> None:
    assert derive("#1F548F").light.accent == "#1F548F"


def test_yellow_is_darkened_for_text_on_paper() -> None:
    light = derive("#FFD400").light

    assert light.accent != "#FFD400"
    assert contrast(light.accent, "#FFFFFF") >= CONTRAST_MIN


@given(colours)
def test_every_accent_becomes_readable_everywhere_it_is_used(accent: str) -> None:
    theme = derive(accent)

    assert min(contrast(theme.light.accent, ground) for ground in LIGHT_GROUNDS) >= CONTRAST_MIN
    assert min(contrast(theme.dark.accent, ground) for ground in DARK_GROUNDS) >= CONTRAST_MIN
    for tokens in (theme.light, theme.dark):
        assert contrast(tokens.on_accent, tokens.accent) >= CONTRAST_MIN
        assert contrast(tokens.on_accent, tokens.hover) >= CONTRAST_MIN
        assert contrast(tokens.tint_ink, tokens.tint) >= CONTRAST_MIN


@pytest.mark.parametrize("text", ["", "green", "#12", "#GGGGGG", "#1C64540"])
def test_something_that_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        derive(text)


def test_the_stylesheet_holds_both_schemes_and_nothing_but_tokens() -> None:
    css = stylesheet("#1F548F")

    assert css.count("--accent:") == 3  # light, dark by system, dark by choice
    assert 'data-theme="dark"' in css
    assert "prefers-color-scheme:dark" in css
