"""Allergies and pregnancy as hard limits that fail closed: silence in the data is never taken for safety."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from catalog.products.attribute_graph import PREGNANCY, Graph
from catalog.products.needs import Needs
from catalog.products.reasons import values
from catalog.products.selectors import ProductView
from catalog.products.vocabulary import names, value_named
from catalog.search.analysis import fold

Verdict = Literal["fits", "breaks", "unknown"]
# Whole lists: what they do not name is not in it. `key_ingredients` names some of many.
_WHOLE_LISTS = ("ingredients", "allergens")
# Lines of trade whose products touch nobody's skin and are not eaten.
_NEVER_TAKEN = frozenset({"outdoor", "camera"})
_ALLERGIES = (
    re.compile(r"allerg(?:ic|y|ies) to (?P<what>[^.;!?。；！？]{1,80})"),
    re.compile(r"(?P<what>[a-z]+(?: [a-z]+)?)(?:[- ]allerg(?:y|ies)\b)"),
    re.compile(r"对(?P<what>[^,，.。;；!！?？]{1,30}?)(?:会|有点|很|严重)?过敏"),
)
_NOT_ALLERGIC = re.compile(r"\b(?:not|no|never|isn't|aren't|don't have)(?: \w+){0,2} $|(?:不|没有|没)(?:会)?$")
_PREGNANT = re.compile(
    r"(?<![a-z])(?:pregnan|breast-?feeding|nursing(?! home)|expecting (?:a baby|our|my))|怀孕|孕妇|孕期|有孕|哺乳|喂奶"
)
_NOT_PREGNANT = re.compile(
    r"(?:\bnot|n't|\bno longer|\bnever)(?: \w+)? (?:pregnan|breast-?feeding|nursing)"
    r"(?:\w* n?or (?:\w+ )?(?:pregnan|breast-?feeding|nursing))?"
    r"|(?:没有?|不是|并未|未)(?:在)?(?:怀孕|孕妇|哺乳)(?:(?:[或和]|也?(?:没有?|未))(?:在)?(?:怀孕|哺乳|喂奶))?"
)
_LIST = re.compile(r",| and | or |/|和|与|跟|或|、|及|还有")
_FILLER = re.compile(
    r"^(?:a|an|the|any|some|my|have|has|got|i|all|kinds? of|severe|strong|bad)\s+"
    r"|\s+(?:products?|things?|at all|too|also|as well|though|either|by the way|btw|now|actually)$"
)
_ENDS = re.compile(
    r"\b(?:so|but|because|which|that|please|can|could|what|is|are|i|in my|under|with)\b|[,，]?(?:所以|请|想)"
)


def allergens_in(text: str) -> tuple[str, ...]:
    """Return what a message says its writer is allergic to; a word the vocabulary does not know is kept as it is."""
    folded = fold(text)
    found: list[str] = []
    for pattern in _ALLERGIES:
        for match in pattern.finditer(folded):
            if not _NOT_ALLERGIC.search(folded[: match.start()]) and "过敏原" not in match.group():
                found += [each for part in _LIST.split(_ENDS.split(match["what"])[0]) for each in _named(part)]
    return tuple(dict.fromkeys(found))


def pregnancy_in(text: str) -> bool | None:
    """Return whether a message says that somebody is pregnant or nursing, or is not; None without a word of it."""
    folded = fold(text)
    rest = _NOT_PREGNANT.sub(" ", folded)
    if _PREGNANT.search(rest):  # "not pregnant any more, but breastfeeding"
        return True
    return None if rest == folded else False


def verdict(view: ProductView, needs: Needs, graph: Graph) -> Verdict:
    """Return whether a product keeps the limits that allergies and pregnancy set, as far as its data say."""
    if not (needs.allergies or needs.for_pregnancy):
        return "fits"
    verdicts = [_for_allergy(view, each) for each in needs.allergies]
    if needs.for_pregnancy:
        verdicts.append(_for_pregnancy(view, graph))
    if "breaks" in verdicts:
        return "breaks"
    return "unknown" if "unknown" in verdicts and not _is_never_taken(view, graph) else "fits"


def _for_allergy(view: ProductView, allergen: str) -> Verdict:
    spoken = {fold(name) for attribute in ("key_ingredients", "free_from") for name in names(attribute, allergen)}
    held = [fold(value) for name in ("key_ingredients", *_WHOLE_LISTS) for value in values(view, name)]
    if any(_mentions(value, name) for value in held for name in spoken):
        return "breaks"
    free = {fold(value).replace("_", " ") for value in values(view, "free_from")}
    is_stated = bool(free & {*spoken, *(f"{name}s" for name in spoken)})
    has_whole_list = any(name in view.attributes for name in _WHOLE_LISTS)
    return "fits" if is_stated or has_whole_list else "unknown"


def _for_pregnancy(view: ProductView, graph: Graph) -> Verdict:
    if view.attributes.get("avoid_in_pregnancy"):
        return "breaks"
    if graph.clash(graph.nodes(view), {PREGNANCY}):
        return "breaks"
    is_stated = view.attributes.get("avoid_in_pregnancy") is False
    has_ingredients = any(values(view, name) for name in ("key_ingredients", *_WHOLE_LISTS))
    return "fits" if is_stated or has_ingredients else "unknown"


def _is_never_taken(view: ProductView, graph: Graph) -> bool:
    return any(graph.vertical_of(("kind", kind)) in _NEVER_TAKEN for kind in values(view, "kind"))


def _mentions(value: str, name: str) -> bool:
    if not name:
        return False
    if name > "\u3000":
        return name in value
    return bool(re.search(rf"(?<![a-z]){re.escape(name)}s?(?![a-z])", value.replace("_", " ")))


def _named(part: str) -> Iterable[str]:
    spoken = part.strip()
    while (shorter := _FILLER.sub("", spoken).strip()) != spoken:
        spoken = shorter
    if spoken:
        yield value_named("key_ingredients", spoken) or value_named("free_from", spoken) or spoken.removesuffix("s")
