"""What a shopper can narrow a search by: the engine's counts as groups of choices in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalog.money import Money
from catalog.products.completing import category_names
from catalog.products.finding import Finding
from catalog.products.vocabulary import word
from frontend.search_address import SearchAddress
from tools.facts import fact_name

SHOWN = 6  # choices of a group before "more"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: what the form sends, what people read, how many products have it."""

    value: str
    label: str
    count: int
    is_chosen: bool
    query: str = ""  # of the address that chooses it, where it is a link


@dataclass(frozen=True, slots=True)
class Group:
    """A filter with its choices, those that are chosen and the most frequent first."""

    name: str  # of the field in the form
    title: str
    choices: tuple[Choice, ...]
    prefix: str = ""  # what stands before a value in the field: "skin_types:"

    @property
    def first(self) -> tuple[Choice, ...]:
        """The choices shown at once."""
        return self.choices[:SHOWN]

    @property
    def more(self) -> tuple[Choice, ...]:
        """The choices behind "more"."""
        return self.choices[SHOWN:]


def groups_of(finding: Finding, address: SearchAddress, *, language: str, attributes: Iterable[str]) -> list[Group]:
    """Return the groups that can narrow this answer: those with two choices, and those that are in use."""
    counts = finding.facets
    groups = [
        _categories(counts.get("category", {}), address, language),
        _prices(counts.get("price", {}), address, finding.query.currency),
        _brands(counts.get("brand", {}), address),
        *(_attribute(name, counts.get(name, {}), address, language) for name in attributes),
    ]
    return [group for group in groups if len(group.choices) > 1 or any(each.is_chosen for each in group.choices)]


def band_label(low: Money, high: Money) -> str:
    """Return "NT$200–400" for amounts from `low` to just below `high`."""
    whole = "" if any(each.decimal % 1 for each in (low, high)) else "."
    start, end = (text.partition(whole)[0] if whole else text for text in (str(low), high.amount_text))
    return f"{start}–{end}"


def category_label(path: str, language: str) -> str:
    """Return a category's name."""
    return category_names(paths=[path], language=language)[0].name


def _categories(counts: Mapping[str, int], address: SearchAddress, language: str) -> Group:
    paths = {**counts, **({address.category: 0} if address.category and address.category not in counts else {})}
    names = {each.path: each.name for each in category_names(paths=list(paths), language=language)}
    choices = [
        Choice(
            path,
            names[path],
            count,
            path == address.category,
            address.query(category="" if path == address.category else path),
        )
        for path, count in paths.items()
        if count
    ]
    return Group("category", _("Category"), _ordered(choices))


def _brands(counts: Mapping[str, int], address: SearchAddress) -> Group:
    chosen = {brand.casefold() for brand in address.brands}
    choices = [Choice(brand, brand, count, brand.casefold() in chosen) for brand, count in counts.items()]
    known = {brand.casefold() for brand in counts}
    choices += [Choice(brand, brand, 0, is_chosen=True) for brand in address.brands if brand.casefold() not in known]
    return Group("brand", _("Brand"), _ordered(choices))


def _attribute(name: str, counts: Mapping[str, int], address: SearchAddress, language: str) -> Group:
    chosen = address.attributes.get(name, ())
    choices = [Choice(value, word(name, value, language), n, value in chosen) for value, n in counts.items()]
    choices += [Choice(each, word(name, each, language), 0, is_chosen=True) for each in chosen if each not in counts]
    return Group("f", fact_name(name), _ordered(choices), prefix=f"{name}:")


def _prices(bands: Mapping[str, int], address: SearchAddress, currency: str) -> Group:
    choices = []
    for band, count in bands.items():
        low, end = (Money(int(each), currency) for each in band.split("-"))
        high = replace(end, minor=end.minor - 1)
        is_chosen = (address.price_min, address.price_max) == (low, high)
        query = address.query(price_min=None if is_chosen else low, price_max=None if is_chosen else high)
        choices.append(Choice(band, band_label(low, end), count, is_chosen, query))
    return Group("price", _("Price"), tuple(choices))


def _ordered(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: (not choice.is_chosen, -choice.count, choice.label)))
