"""The histogram of times as an SVG picture: bars with numbers, ticks at the bin edges, median and p90 as lines."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.funnel.durations import Bin, Times, duration_text

WIDTH, HEIGHT, TOP, BOTTOM = 350, 262, 58, 24
_GAP = 6


def histogram_svg(times: Times) -> SafeString:
    """Return the picture; its table of numbers stands beside it for screen readers."""
    bins = times.bins
    step = WIDTH / len(bins)
    most = max([one.count for one in bins] or [0]) or 1
    room = HEIGHT - TOP - BOTTOM
    bars = [(i, one, room * one.count / most) for i, one in enumerate(bins)]
    return format_html(
        '<svg class="sa-histogram" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        _("Time from first question to payment"),
        _grid(),
        format_html_join("", "{}", ((_bar(i, one, height, step),) for i, one, height in bars)),
        _ticks(bins, step),
        _lines(times, step),
    )


def _grid() -> SafeString:
    base = HEIGHT - BOTTOM
    return format_html_join(
        "",
        '<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>',
        ((WIDTH, y, y) for y in (TOP, (TOP + base) / 2, base)),
    )


def _bar(index: int, one: Bin, height: float, step: float) -> SafeString:
    x, y = index * step + _GAP / 2, HEIGHT - BOTTOM - height
    return format_html(
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="3"/><text class="count" x="{}" y="{}">{}</text>',
        f"{x:.1f}",
        f"{y:.1f}",
        f"{step - _GAP:.1f}",
        f"{height:.1f}",
        f"{x + (step - _GAP) / 2:.1f}",
        f"{y - 6:.1f}",
        one.count or "",
    )


def _ticks(bins: tuple[Bin, ...], step: float) -> SafeString:
    edges = [one.from_s for one in bins] + ([bins[-1].to_s] if bins and bins[-1].to_s else [])
    rows = []
    for index, edge in enumerate(edges):
        anchor = "start" if index == 0 else "end" if index == len(bins) else "middle"
        rows.append((anchor, f"{index * step:.1f}", HEIGHT - 8, duration_text(edge or 0) if edge else "0"))
    return format_html_join("", '<text class="tick" text-anchor="{}" x="{}" y="{}">{}</text>', rows)


def _lines(times: Times, step: float) -> SafeString:
    if times.median_s is None or times.p90_s is None:
        return SafeString("")
    median, p90 = _place(times.median_s, times.bins, step), _place(times.p90_s, times.bins, step)
    apart = p90 - median >= 110
    rows = [
        (f"{median:.1f}", 12, _("Median %(time)s") % {"time": duration_text(times.median_s)}, _anchor(median)),
        (f"{p90:.1f}", 12 if apart else 30, _("p90 %(time)s") % {"time": duration_text(times.p90_s)}, _anchor(p90)),
    ]
    return format_html_join(
        "",
        '<line class="mark" x1="{0}" x2="{0}" y1="{4}" y2="{5}"/>'
        '<text class="mark" x="{0}" y="{1}" text-anchor="{3}">{2}</text>',
        ((x, y, text, anchor, y + 6, HEIGHT - BOTTOM) for x, y, text, anchor in rows),
    )


def _anchor(x: float) -> str:
    return "start" if x < WIDTH / 3 else "end" if x > WIDTH * 2 / 3 else "middle"


def _place(seconds: float, bins: tuple[Bin, ...], step: float) -> float:
    """Return where a time lies on the axis: inside its bin by proportion."""
    for index, one in enumerate(bins):
        if one.to_s is None or seconds < one.to_s:
            width = (one.to_s or max(seconds * 2, 1)) - one.from_s
            return (index + (seconds - one.from_s) / width) * step
    return len(bins) * step
