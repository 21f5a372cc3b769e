"""From what a shopper needs to what fits: single products, or a routine that goes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.money import Money
from catalog.products.candidates import Frame, candidates
from catalog.products.clarifying import Question, question
from catalog.products.needs import Needs
from catalog.products.ranking import Match, ranked
from catalog.products.routines import Routine, make_routine

__all__ = ["Advice", "Match", "Needs", "Routine", "advise", "recommend", "routine"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Products that fit, what would be worth asking, and how many were left out because their data are silent."""

    matches: tuple[Match, ...]
    question: Question | None
    withheld: int  # products that do not say what an allergy or a pregnancy has to know


def recommend(
    *,
    merchant_id: int,
    creator_id: int | None,
    needs: Needs,
    language: str,
    currency: str,
    prefer_product_ids: Sequence[int] = (),
    exclude_product_ids: Sequence[int] = (),
    cheaper_than: Money | None = None,
    limit: int = 3,
) -> list[Match]:
    """Return the products that answer `needs` best, best first; none rather than one that breaks a rule.

    Args: `prefer_product_ids` are on screen now ("which of these"); `cheaper_than` asks for lower prices than this.
    Raises: SearchUnavailable.
    """
    return list(
        advise(
            merchant_id=merchant_id,
            creator_id=creator_id,
            needs=needs,
            language=language,
            currency=currency,
            prefer_product_ids=prefer_product_ids,
            exclude_product_ids=exclude_product_ids,
            cheaper_than=cheaper_than,
            has_shown=True,
            limit=limit,
        ).matches
    )


def advise(
    *,
    merchant_id: int,
    creator_id: int | None,
    needs: Needs,
    language: str,
    currency: str,
    prefer_product_ids: Sequence[int] = (),
    exclude_product_ids: Sequence[int] = (),
    cheaper_than: Money | None = None,
    has_asked: bool = False,
    has_shown: bool = False,
    limit: int = 3,
) -> Advice:
    """Return what `recommend` returns, the one question worth asking now, and how many products were left out.

    `has_asked` and `has_shown`: whether this conversation asked before, or showed products; then nothing is asked.
    Raises: SearchUnavailable.
    """
    frame = Frame(merchant_id, creator_id, language, currency, tuple(exclude_product_ids), cheaper_than)
    found = candidates(frame=frame, needs=needs, prefer_product_ids=prefer_product_ids)
    matches = ranked(found, needs=needs, language=language, prefer_product_ids=prefer_product_ids)
    # Below zero speaks against it (sold out, made for something else): shown only when there is nothing better.
    good = [match for match in matches if match.score >= 0] or matches
    asked = question(good, needs, has_asked=has_asked, has_shown=has_shown)
    return Advice(tuple(good[:limit]), asked, found.withheld)


def routine(
    *,
    merchant_id: int,
    creator_id: int | None,
    needs: Needs,
    language: str,
    currency: str,
    prefer_product_ids: Sequence[int] = (),
    exclude_product_ids: Sequence[int] = (),
    cheaper_than: Money | None = None,
    steps: Sequence[str] | None = None,
    keep_product_ids: Sequence[int] = (),
) -> Routine:
    """Return products that go together; the budget and `cheaper_than` hold for their total.

    To swap one step, exclude its product and keep the others.
    Raises: SearchUnavailable.
    """
    # A single product may cost what it likes: when no set is affordable, the cheapest one says by how much it is over.
    free = replace(needs, budget_min=None, budget_max=None, categories=())
    frame = Frame(merchant_id, creator_id, language, currency, tuple(exclude_product_ids))
    preferred = (*prefer_product_ids, *keep_product_ids)
    found = candidates(frame=frame, needs=free, prefer_product_ids=preferred)
    return make_routine(
        graph=found.graph,
        matches=ranked(found, needs=free, language=language, prefer_product_ids=prefer_product_ids),
        needs=needs,
        language=language,
        currency=currency,
        steps=steps,
        keep_product_ids=keep_product_ids,
        cheaper_than=cheaper_than,
    )
