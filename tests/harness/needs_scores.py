"""How good answers to needs are: WebShop's reward (Yao et al. 2022, goal.py), recall and reciprocal rank.

Attributes and options agree when their token set ratio is above 85; judgments are read here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz

from tests.harness.needs_files import price_of

_ALIKE = 85
_STOP = frozenset(
    re.findall(
        r"\w+", "a an and are as at be by for from in into is it its of on or that the this to with your you i im m s"
    )
)
Row = Mapping[str, Any]


def reward(need: Row, product: Row, options: Mapping[str, str], target: Row, mined: Sequence[str]) -> float:
    """Return 0 to 1: the kind of product times the share of attributes, options and price that are met."""
    text = "\n".join((product["title"], " ".join(product["bullets"])))
    text = f"{text}\n{product['description']}".lower()
    attributes = sum(
        any(fuzz.token_set_ratio(each, wanted) > _ALIKE for each in mined) or wanted.lower() in text
        for wanted in need["attributes"]
    )
    wanted_options = list(need["options"].values() if isinstance(need["options"], dict) else need["options"])
    chosen = [str(value).lower() for value in options.values()]
    met = sum(any(fuzz.token_set_ratio(each, wanted.lower()) > _ALIKE for each in chosen) for wanted in wanted_options)
    is_affordable = need["price_upper"] is None or price_of(product) <= need["price_upper"]
    asked = len(need["attributes"]) + len(wanted_options) + 1
    return _of_kind(product, target) * (attributes + met + is_affordable) / asked


def reciprocal(ranked: Sequence[str], right: frozenset[str]) -> float:
    """Return 1 / the place of the first right product, 0 without one."""
    return next((1 / place for place, product in enumerate(ranked, 1) if product in right), 0.0)


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing, to four places."""
    return round(sum(values) / len(values), 4) if values else 0.0


def _of_kind(product: Row, target: Row) -> float:
    if product["id"] == target["id"]:
        return 1.0
    mine, theirs = _title_words(product), _title_words(target)
    share = len(mine & theirs) / len(theirs) if theirs else 0.2
    alike = (
        product["search_term"] == target["search_term"]
        or len(set(product["breadcrumb"]) & set(target["breadcrumb"])) >= 2
        or share > 0.2
    )
    return 0.0 if share == 0 else 0.1 if share < 0.1 else 1.0 if alike else 0.5


def _title_words(product: Row) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", product["title"].lower())) - _STOP
