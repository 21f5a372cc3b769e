"""What a search asks for, as chips that can be taken away one by one, and what was left out, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalog.money import Money
from catalog.products.finding import Finding
from catalog.products.relaxing import Relaxed
from catalog.products.vocabulary import word
from catalog.search.understood import OTHER_CURRENCY, SOME_WORDS, UNSTATED, Understood
from frontend.search_address import SearchAddress
from frontend.search_facets import band_label, category_label
from tools.facts import fact_name


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition. `query` is of the address without it; `is_left_out`: the answer could not keep it."""

    label: str
    query: str
    is_left_out: bool = False
    is_understood: bool = False  # read from the words


def chips_of(finding: Finding, address: SearchAddress, *, language: str, creator_name: str) -> list[Chip]:
    """Return the conditions of a search: what was chosen, then what was read from the words."""
    left_out = {each.code for each in finding.relaxed}
    return [
        *_chosen(address, left_out, language, creator_name),
        *_read(finding.understood, address, left_out),
    ]


def offers_of(finding: Finding, address: SearchAddress, *, language: str) -> list[Chip]:
    """Return what the words name of the catalog, as filters that can be added."""
    read = finding.understood
    found: list[Chip] = []
    for brand in read.brands:
        if brand.value.casefold() not in {each.casefold() for each in address.brands}:
            query = address.query(brands=(*address.brands, brand.value))
            found.append(Chip(_("Only %(what)s") % {"what": brand.value}, query))
    if read.category and not address.category:
        label = _("Only %(what)s") % {"what": category_label(read.category.value, language)}
        found.append(Chip(label, address.query(category=read.category.value)))
    for each in read.attributes:
        chosen = address.attributes.get(each.name, ())
        if each.value not in chosen:
            query = address.query(attributes={**address.attributes, each.name: (*chosen, each.value)})
            found.append(Chip(_("Only %(what)s") % {"what": word(each.name, each.value, language)}, query))
    return found


def said_of(finding: Finding) -> list[str]:
    """Return what was left out of what was asked, a sentence each; nothing when every hit keeps all of it."""
    said = []
    if finding.relaxed:
        parts = [_left_out(each) for each in finding.relaxed]
        said.append(_("Nothing fits all of it. Shown %(without)s.") % {"without": _(", ").join(parts)})
    elif SOME_WORDS in finding.understood.relaxed and finding.total:
        said.append(_("Few have every word: those with some of them are shown too."))
    if UNSTATED in finding.understood.relaxed:
        said.append(_("No product states that it is without it: these do not say that they have it."))
    if OTHER_CURRENCY in finding.understood.relaxed:
        said.append(_("This shop has no prices in that currency, so prices are not limited."))
    return said


def _left_out(relaxed: Relaxed) -> str:
    if relaxed.kind == "attribute":
        return _("without the filter “%(name)s”") % {"name": fact_name(relaxed.name)}
    if relaxed.kind == "measure":
        return _("without the limit “%(words)s”") % {"words": relaxed.name}
    return {
        "words": _("with some of your words"),
        "in_stock": _("with what is sold out"),
        "price": _("at any price"),
        "brand": _("from any brand"),
        "category": _("from all categories"),
        "creator": _("from the whole shop"),
    }[relaxed.kind]


def _chosen(address: SearchAddress, left_out: set[str], language: str, creator_name: str) -> Iterator[Chip]:
    if address.creator:
        label = _("%(name)s's shelf") % {"name": creator_name or address.creator}
        yield Chip(label, address.query(creator=""), "creator" in left_out)
    if address.category:
        yield Chip(category_label(address.category, language), address.query(category=""), "category" in left_out)
    for brand in address.brands:
        others = tuple(each for each in address.brands if each != brand)
        yield Chip(brand, address.query(brands=others), "brand" in left_out)
    if address.price_min or address.price_max:
        label = _price(address.price_min, _rounded(address.price_min, address.price_max))
        yield Chip(label, address.query(price_min=None, price_max=None), "price" in left_out)
    for name, values in address.attributes.items():
        for value in values:
            label = f"{fact_name(name)}: {word(name, value, language)}"
            yield Chip(label, address.without_value(name, value), f"attribute:{name}" in left_out)
    if address.in_stock:
        yield Chip(_("In stock"), address.query(in_stock=False), "in_stock" in left_out)


def _read(understood: Understood, address: SearchAddress, left_out: set[str]) -> Iterator[Chip]:
    if price := understood.price:
        low, high = (
            None if amount is None else Money(amount, price.currency) for amount in (price.minimum, price.maximum)
        )
        yield Chip(_price(low, high), _unsaid(address, price.typed), "price" in left_out, is_understood=True)
    for measure in understood.measures:
        is_left_out = f"measure:{measure.typed}" in left_out
        yield Chip(measure.typed, _unsaid(address, measure.typed), is_left_out, is_understood=True)
    for each in understood.excluded:
        label = _("without %(what)s") % {"what": each.what}
        yield Chip(label, _unsaid(address, each.typed), is_understood=True)


def _unsaid(address: SearchAddress, typed: str) -> str:
    """Return the query of the same search without these words."""
    text, at = address.text, 0
    for part in [typed] if typed in text else typed.split():  # "over 20 … under 50" was typed in two places
        place = text.find(part, at)
        if place >= 0:
            text, at = f"{text[:place]} {text[place + len(part) :]}", place
    return address.query(text=" ".join(text.split()))


def _rounded(low: Money | None, high: Money | None) -> Money | None:
    """Return the end of a band as it is called: it ends just below a round amount."""
    return replace(high, minor=high.minor + 1) if low and high and high.minor % 100 == 99 else high


def _price(low: Money | None, high: Money | None) -> str:
    if low and low.minor and high:
        return band_label(low, high)
    if high:
        return _("up to %(price)s") % {"price": high}
    return _("from %(price)s") % {"price": low or ""}
