"""A merchant's accent colour, turned into the whole set of accent tokens with readable contrast."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

Rgb = tuple[float, float, float]

DEFAULT_ACCENT = "#1C6454"
CONTRAST_MIN = 4.5  # WCAG 2 AA for text
_LIGHT_GROUNDS = ("#FFFFFF", "#F5F7F5", "#EDF1EE")  # surface, page, sunken: the accent is written on all three
_DARK_GROUNDS = ("#161C19", "#0E1311", "#1E2622")
_DARK_START = 0.62  # lightness where a colour reads as the same hue on a near-black ground


@dataclass(frozen=True, slots=True)
class AccentTokens:
    """The themable colours of one scheme, as #RRGGBB."""

    accent: str
    hover: str
    on_accent: str
    tint: str
    tint_ink: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The accent in both schemes, and the contrast of the accent on white that the admin shows beside the field."""

    light: AccentTokens
    dark: AccentTokens
    ratio: float


# The project's own green is tuned by hand; every other colour is derived.
_DEFAULT = (
    AccentTokens("#1C6454", "#144C40", "#FFFFFF", "#E4F0EB", "#144C40"),
    AccentTokens("#72C6AD", "#8FD6C1", "#05231A", "#18322A", "#9BDCC8"),
)


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours, 1 to 21.

    https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def derive(accent: str) -> Theme:
    """Return the tokens for a merchant's `accent` (#RRGGBB), darkened or lightened until it can be read.

    Raises: ValueError when `accent` is not a colour of that form.
    """
    given = _to_hex(_to_rgb(accent))
    if given == DEFAULT_ACCENT:
        light, dark = _DEFAULT
    else:
        light, dark = _light(given), _dark(given)
    return Theme(light=light, dark=dark, ratio=round(contrast(light.accent, "#FFFFFF"), 1))


def stylesheet(accent: str) -> str:
    """Return the CSS that gives a shop its accent in both schemes."""
    theme = derive(accent)
    light, dark = _declarations(theme.light), _declarations(theme.dark)
    return (
        f":root{{{light}}}\n"
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
        f':root[data-theme="dark"]{{{dark}}}\n'
    )


def _light(accent: str) -> AccentTokens:
    readable = _shift(accent, _LIGHT_GROUNDS, step=-0.01)
    tint = _mix(readable, "#FFFFFF", 0.12)
    return AccentTokens(
        accent=readable,
        hover=_mix(readable, "#000000", 0.76),
        on_accent="#FFFFFF",
        tint=tint,
        tint_ink=_shift(_mix(readable, "#000000", 0.76), (tint,), step=-0.01),
    )


def _dark(accent: str) -> AccentTokens:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_to_rgb(accent))
    start = _to_hex(colorsys.hls_to_rgb(hue, max(lightness, _DARK_START), saturation))
    readable = _shift(start, _DARK_GROUNDS, step=0.01)
    tint = _mix(readable, _DARK_GROUNDS[0], 0.16)
    return AccentTokens(
        accent=readable,
        hover=_mix(readable, "#FFFFFF", 0.78),
        on_accent=_shift(_mix(readable, "#000000", 0.16), (readable,), step=-0.01),
        tint=tint,
        tint_ink=_shift(_mix(readable, "#FFFFFF", 0.72), (tint,), step=0.01),
    )


def _shift(colour: str, grounds: tuple[str, ...], *, step: float) -> str:
    """Change the lightness of `colour` by `step` until it reaches the contrast on every ground."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_to_rgb(colour))
    found = colour
    while min(contrast(found, ground) for ground in grounds) < CONTRAST_MIN and 0 < lightness + step < 1:
        lightness += step
        found = _to_hex(colorsys.hls_to_rgb(hue, lightness, saturation))
    return found


def _declarations(tokens: AccentTokens) -> str:
    return (
        f"--accent:{tokens.accent};--accent-hover:{tokens.hover};--on-accent:{tokens.on_accent};"
        f"--tint:{tokens.tint};--tint-ink:{tokens.tint_ink}"
    )


def _mix(colour: str, other: str, share: float) -> str:
    """Return `share` of `colour` and the rest of `other`."""
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(_to_rgb(colour), _to_rgb(other), strict=True))
    return _to_hex((red, green, blue))


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in _to_rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_rgb(colour: str) -> Rgb:
    digits = colour.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"accent {colour!r} is not a colour such as {DEFAULT_ACCENT}")
    return int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255


def _to_hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(max(channel, 0.0), 1.0) * 255):02X}" for channel in rgb)
