"""Products side by side: what each says of itself in the same row, and which rows tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.products.selectors import ProductView
from tools.facts import facts_of
from tools.fence import plain

NOTHING = "–"
_CHARS_MAX = 120


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute; `values` in the order of the products, NOTHING where one does not say."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the products do not all say the same."""
        return len(set(self.values)) > 1


def compared(views: Sequence[ProductView], *, language: str, says_at_least: int = 1) -> tuple[Row, ...]:
    """Return brand, category and every fact of which `says_at_least` products say something, in one order for all."""
    facts = [
        {_("Brand"): view.brand, _("Category"): view.category, **facts_of(view.attributes, language)} for view in views
    ]
    rows = []
    for name in dict.fromkeys(name for fact in facts for name in fact):
        values = tuple(plain(fact.get(name) or NOTHING, _CHARS_MAX) for fact in facts)
        if sum(value != NOTHING for value in values) >= says_at_least:
            rows.append(Row(name, values))
    return tuple(rows)
