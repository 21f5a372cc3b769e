"""Products that go together, step by step: within the budget, and never two that must not be combined."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from catalog.money import Money
from catalog.products.attribute_graph import Graph
from catalog.products.candidates import category_paths, conflicts
from catalog.products.needs import Needs
from catalog.products.ranking import Match, clashes_with_used
from catalog.products.reasons import Pattern, listed, said, values
from catalog.products.selectors import ProductView
from catalog.products.vocabulary import names, value_named, word
from catalog.search.analysis import fold

_STEPS_MAX = 5
_CHOICES = {1: 30, 2: 20, 3: 10, 4: 6, 5: 5}  # products tried per step, by number of steps: at most some 4,000 sets
_CHEAPEST = 3  # of these so many are the cheapest, so that a small budget is not missed
_MORNING = re.compile(r"\b(mornings?|day ?time|am)\b|早|白天|日間|日间", re.IGNORECASE)
_EVENING = re.compile(r"\b(evenings?|nights?|pm|bedtime)\b|晚|睡前|夜", re.IGNORECASE)
_WORDS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff]+")
_CARE = frozenset({"cleanse", "treat", "moisturise", "protect"})
_TITLES = {
    "morning": Pattern("Morning routine, {} steps", "早上保養，{} 步驟"),
    "evening": Pattern("Evening routine, {} steps", "晚上保養，{} 步驟"),
    "any": Pattern("Routine, {} steps", "保養組合，{} 步驟"),
    "kit": Pattern("Kit, {} pieces", "裝備組合，{} 件"),
}
_USED = Pattern("You use {}. ", "你有在用 {}，")
_APART = Pattern("Use {} at another time of day so the two don't irritate.", "{} 請錯開時段使用，避免疊加刺激。")


@dataclass(frozen=True, slots=True)
class Routine:
    """What to use in which order; without steps nothing was found."""

    title: str
    steps: tuple[tuple[str, Match], ...]  # (name of the step, its product)
    conflict_note: str
    total: Money
    over_by: Money | None  # how far the cheapest set is above the budget


def make_routine(
    *,
    matches: Sequence[Match],
    graph: Graph,
    needs: Needs,
    language: str,
    currency: str,
    steps: Sequence[str] | None,
    keep_product_ids: Sequence[int],
    cheaper_than: Money | None,
) -> Routine:
    """Choose one of the matches for every step.

    `steps` are values of the attribute `step`, or category slugs; None chooses them: by time of day where products know
    their step, else the kinds of product that answer best. `keep_product_ids` stay (swapping one step).
    """
    buyable = [match for match in matches if match.product.can_be_bought_here and match.product.price]
    time = _time_of_day(needs)
    names = list(steps or _default_steps(buyable, graph, needs, time))[:_STEPS_MAX]
    groups = {name: _choices(_of_step(buyable, name), len(names), keep_product_ids) for name in names}
    chosen = _best_set({name: group for name, group in groups.items() if group}, graph, needs.budget_max, cheaper_than)
    total = Money(sum(_price(match) for _, match in chosen), currency)
    has_steps = any(set(values(match.product, "step")) & _CARE for _, match in chosen)
    return Routine(
        title=_TITLES[time if has_steps else "kit"].say(language, str(len(chosen))),
        steps=tuple((_step_name(name, match, language), match) for name, match in chosen),
        conflict_note=_conflict_note([match for _, match in chosen], graph, needs, language),
        total=total,
        over_by=_over(total, needs.budget_max),
    )


def _time_of_day(needs: Needs) -> str:
    """Return what the newest message that speaks of a time of day says: "cheaper" after a morning is a morning too."""
    for message in reversed(needs.messages):
        if _MORNING.search(message):
            return "morning"
        if _EVENING.search(message):
            return "evening"
    return "any"


def _default_steps(matches: Sequence[Match], graph: Graph, needs: Needs, time: str) -> Iterable[str]:
    if named := _named_kit(matches, graph, needs):
        return named
    if any(set(values(match.product, "step")) & _CARE for match in matches):
        return ("cleanse", "treat", "protect" if time == "morning" else "moisturise")
    for activity in needs.activities:
        if kit := graph.kits().get(("activity", activity)):
            return kit
    kinds = dict.fromkeys(_kind(match.product) for match in matches if _kind(match.product))
    return itertools.islice(kinds, 3)  # matches are best first: so are their kinds


def _named_kit(matches: Sequence[Match], graph: Graph, needs: Needs) -> tuple[str, ...]:
    """Return the kit that the words name, by its own name or by its first kind ("a camera kit"), if it is sold."""
    text = spelled(" ".join(needs.messages))
    sold = {kind for match in matches for kind in values(match.product, "kind")}
    for (name, value), kinds in graph.kits().items():
        spoken = (*names(name, value), *names("kind", kinds[0]))
        is_sold = name == "activity" and value not in needs.activities and len(sold & set(kinds)) > 1
        if is_sold and any(spelled(each) in text for each in spoken):
            return kinds
    return ()


def _kind(product: ProductView) -> str:
    return next(iter(values(product, "kind")), product.category_path)


def _of_step(matches: Sequence[Match], name: str) -> list[Match]:
    by_step = [match for match in matches if name in values(match.product, "step")]
    kind = value_named("kind", name) or name
    by_kind = by_step or [match for match in matches if kind in values(match.product, "kind")]
    paths = {name, *category_paths(name)} if not by_kind else set()
    return by_kind or [match for match in matches if match.product.category_path in paths]


def _choices(matches: Sequence[Match], steps: int, keep_product_ids: Sequence[int]) -> list[Match]:
    """Return the best and the cheapest of a step; only the kept product when the step has one."""
    kept = [match for match in matches if match.product.product_id in keep_product_ids]
    if kept:
        return kept[:1]
    best = list(matches[: _CHOICES[steps] - _CHEAPEST])
    cheapest = sorted(matches, key=_price)[:_CHEAPEST]
    return best + [match for match in cheapest if match not in best]


def _best_set(
    groups: dict[str, list[Match]], graph: Graph, budget: Money | None, cheaper_than: Money | None
) -> tuple[tuple[str, Match], ...]:
    """Return the set with the highest score within the budget, else the cheapest; fewer steps when all sets clash."""
    clashing = _clashes(groups, graph)
    for size in range(len(groups), 0, -1):
        sets = [
            tuple(zip(names, picked, strict=True))
            for names in itertools.combinations(groups, size)
            for picked in itertools.product(*(groups[name] for name in names))
            if _go_together(picked, clashing)
        ]
        if sets:
            ceiling = cheaper_than.minor - 1 if cheaper_than else _total(max(sets, key=_total))
            cheaper = [each for each in sets if _total(each) <= ceiling]
            affordable = [each for each in cheaper if budget is None or _total(each) <= budget.minor]
            if affordable:
                return max(affordable, key=lambda each: sum(match.score for _, match in each))
            return min(cheaper, key=_total, default=())
    return ()


def _clashes(groups: dict[str, list[Match]], graph: Graph) -> frozenset[tuple[int, int]]:
    """Return the pairs of products that must not be used together, each pair once either way round."""
    products = list({match.product.product_id: match.product for group in groups.values() for match in group}.values())
    pairs = [
        (one.product_id, other.product_id)
        for one, other in itertools.combinations(products, 2)
        if conflicts(one, other, graph)
    ]
    return frozenset(pairs) | frozenset((other, one) for one, other in pairs)


def _go_together(picked: Sequence[Match], clashing: frozenset[tuple[int, int]]) -> bool:
    ids = [match.product.product_id for match in picked]
    return len(set(ids)) == len(ids) and not any(pair in clashing for pair in itertools.combinations(ids, 2))


def _total(chosen: Sequence[tuple[str, Match]]) -> int:
    return sum(_price(match) for _, match in chosen)


def _price(match: Match) -> int:
    return match.product.price.minor if match.product.price else 0


def _over(total: Money, budget: Money | None) -> Money | None:
    if budget is None or budget.currency != total.currency or total.minor <= budget.minor:
        return None
    return total - budget


def _step_name(name: str, match: Match, language: str) -> str:
    for attribute, value in (("step", name), ("kind", value_named("kind", name) or name)):
        if value in values(match.product, attribute):
            spoken = word(attribute, value, language)
            return spoken[:1].upper() + spoken[1:]
    return match.product.category


def _conflict_note(chosen: Sequence[Match], graph: Graph, needs: Needs, language: str) -> str:
    """Return what to keep apart from something the shopper already uses."""
    clashing = [match.product for match in chosen if clashes_with_used(match.product, graph, needs)]
    used = [
        each
        for each in needs.uses
        if any(clashes_with_used(product, graph, replace(needs, uses=(each,))) for product in clashing)
    ]
    if not clashing:
        return ""
    spoken = listed([said(needs, "key_ingredients", each, language) for each in used], language)
    titles = listed([product.title for product in clashing], language)
    return _USED.say(language, spoken) + _APART.say(language, titles)


def spelled(text: str) -> str:
    """Return a text as words between spaces, Chinese characters apart: how names are looked for in it."""
    return f" {' '.join(_WORDS.findall(fold(text)))} "
