"""What the address of a search page asks for, and the addresses that ask for a little more or less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.money import Money, decimals_of
from catalog.search.query_rules import SORTS

_CHARS_MAX, _VALUES_MAX = 300, 20
Filters = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SearchAddress:
    """The query of a search page's address; `problems` are sentences about what could not be read, by field."""

    text: str = ""
    category: str = ""
    brands: tuple[str, ...] = ()
    attributes: Filters = field(default_factory=dict)
    price_min: Money | None = None  # inclusive
    price_max: Money | None = None
    in_stock: bool = False
    creator: str = ""
    sort: str = "relevance"
    exact: bool = False
    cursor: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def price_fields(self) -> dict[str, str]:
        """The limits as their fields in the form hold them."""
        return {"low": _written(self.price_min), "high": _written(self.price_max)}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words and order is asked for."""
        prices = self.price_min or self.price_max
        return bool(self.category or self.brands or self.attributes or prices or self.in_stock or self.creator)

    def query(self, **changed: object) -> str:
        """Return this address's query with some fields changed, "?" included; a cursor never goes along by itself."""
        return f"?{urlencode(list(replace(self, cursor='', problems={}, **changed)._pairs()))}"  # type: ignore[arg-type]  # fields by name

    def without_value(self, name: str, value: str) -> str:
        """Return the query without one value of an attribute."""
        kept = {key: tuple(each for each in values if (key, each) != (name, value)) for key, values in self._items()}
        return self.query(attributes={key: values for key, values in kept.items() if values})

    def _items(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return self.attributes.items()

    def _pairs(self) -> Iterable[tuple[str, str]]:
        single = {
            "q": self.text,
            "category": self.category,
            "price_min": _written(self.price_min),
            "price_max": _written(self.price_max),
            "in_stock": "1" if self.in_stock else "",
            "creator": self.creator,
            "sort": "" if self.sort == "relevance" else self.sort,
            "exact": "1" if self.exact else "",
            "cursor": self.cursor,
        }
        yield from ((name, value) for name, value in single.items() if value)
        yield from (("brand", brand) for brand in self.brands)
        yield from (("f", f"{name}:{value}") for name, values in self._items() for value in values)


def read_address(given: QueryDict, currency: str) -> SearchAddress:
    """Return what an address asks for. What cannot be read is left out and told; nothing in an address is an error."""
    problems: dict[str, str] = {}
    sort = given.get("sort", "relevance")
    address = SearchAddress(
        text=" ".join(given.get("q", "").split())[:_CHARS_MAX],
        category=given.get("category", "")[:_CHARS_MAX],
        brands=tuple(filter(None, dict.fromkeys(given.getlist("brand")[:_VALUES_MAX]))),
        attributes=_attributes(given.getlist("f")[:_VALUES_MAX]),
        price_min=_amount(given, "price_min", currency, problems),
        price_max=_amount(given, "price_max", currency, problems),
        in_stock=given.get("in_stock") == "1",
        creator=given.get("creator", "")[:80],
        sort=sort if sort in SORTS else "relevance",
        exact=given.get("exact") == "1",
        cursor=given.get("cursor", "")[:8_000],
    )
    low, high = address.price_min, address.price_max
    if low and high and high < low:
        problems["price_max"] = _("The highest price is below the lowest. Raise it, or leave one of them empty.")
        address = replace(address, price_max=None)
    return replace(address, problems=problems)


def _attributes(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, _colon, value = pair.partition(":")
        if name and value and value not in found.get(name, ()):
            found[name] = (*found.get(name, ()), value[:_CHARS_MAX])
    return found


def _amount(given: QueryDict, name: str, currency: str, problems: dict[str, str]) -> Money | None:
    text = given.get(name, "").strip()[:24]
    if not text:
        return None
    try:
        amount = Money.parse(text, currency)
    except ValueError:
        problems[name] = _("“%(text)s” is not an amount. Write a number such as 300.") % {"text": text}
        return None
    if not 0 <= amount.minor < 10**15:
        problems[name] = _("“%(text)s” is not an amount. Write a number such as 300.") % {"text": text}
        return None
    return amount


def _written(amount: Money | None) -> str:
    if amount is None:
        return ""
    whole, places = amount.decimal, decimals_of(amount.currency)
    return str(int(whole)) if whole == int(whole) else f"{whole:.{places}f}"
