"""A share of a whole that says of what, and stays silent when the whole is too small to tell."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def is_small(self) -> bool:
        """Whether `whole` is below FUNNEL_SMALL_N, or nothing."""
        return self.whole < max(settings.FUNNEL_SMALL_N, 1)

    @property
    def percent(self) -> float | None:
        """The rate in percent, unrounded; None when the whole is too small."""
        return None if self.is_small else 100 * self.part / self.whole

    @property
    def text(self) -> str:
        """`6.8%`, or `n = 31, too small`."""
        if self.percent is None:
            return _("n = %(n)s, too small") % {"n": self.whole}
        return f"{self.percent:.1f}%"

    @property
    def of_text(self) -> str:
        """`288 of 4,236`."""
        return _("%(part)s of %(whole)s") % {"part": f"{self.part:,}", "whole": f"{self.whole:,}"}


def points_changed(now: Rate, before: Rate) -> float | None:
    """Return the difference in percentage points as both are printed; None when either is too small."""
    if now.percent is None or before.percent is None:
        return None
    return round(round(now.percent, 1) - round(before.percent, 1), 1)
