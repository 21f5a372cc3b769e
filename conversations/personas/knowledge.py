"""What the double may answer from: passages of the creator's and the shop's texts, and moments of the content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.languages import SIMPLIFIED, TRADITIONAL, in_language, to_simplified, to_traditional
from conversations.personas.models import KnowledgeKind
from conversations.personas.moments import moment_cards
from conversations.personas.passage_index import HeldPassage, PassageIndex, passage_index
from tools.context import Passage
from tools.results import ContentCard

_CHINESE = (TRADITIONAL, SIMPLIFIED)


@dataclass(frozen=True, slots=True)
class CreatorKnowledge:
    """Fills the tools' KnowledgeBase for one creator and one reader; call inside the merchant's scope."""

    merchant_id: int
    creator_id: int
    language: str

    def passages(self, question: str, *, kinds: Sequence[str] = (), limit: int = 3) -> list[Passage]:
        """Return the passages that answer `question`, best first, in the reader's language where there is one."""
        index = passage_index(merchant_id=self.merchant_id, creator_id=self.creator_id)
        best: dict[tuple[int, str, int], Passage] = {}
        for held, score in index.search(question, kinds=kinds, languages=self._preferred()):
            read = self._for_reader(held, index)
            best.setdefault((read.document_id, read.language, read.position), self._passage(read, score))
            if len(best) == limit:
                break
        return list(best.values())

    def content_moments(self, question: str, *, product_ids: Sequence[int] = (), limit: int = 2) -> list[ContentCard]:
        """Return moments of the content: those that show these products first, then those about `question`."""
        said = self.passages(question, kinds=(KnowledgeKind.CONTENT, KnowledgeKind.OPINION), limit=20)
        return moment_cards(
            merchant_id=self.merchant_id,
            creator_id=self.creator_id,
            language=self.language,
            said=said,
            product_ids=product_ids,
            limit=limit,
        )

    def _for_reader(self, held: HeldPassage, index: PassageIndex) -> HeldPassage:
        """Return the same passage in the reader's language; the passage as it is when nobody wrote it there."""
        same = [other for other in index.passages if other.document_id == held.document_id]
        wanted = next((code for code in self._preferred() if any(other.language == code for other in same)), "")
        if held.language == wanted or not wanted:
            return held
        theirs = [other for other in same if other.language == wanted]
        ours = [other for other in same if other.language == held.language]
        if held.start_s is not None:
            return max(theirs, key=lambda other: _seconds_together(other, held))
        return theirs[ours.index(held)] if len(theirs) == len(ours) else held

    def _preferred(self) -> tuple[str, ...]:
        others = _CHINESE if self.language in _CHINESE else ()
        return (self.language, *others)

    def _passage(self, held: HeldPassage, score: float) -> Passage:
        return Passage(
            text=self._in_script(held),
            title=in_language(held.titles, self.language),
            kind=held.kind,
            score=round(score, 4),
            document_id=held.document_id,
            content_id=held.content_id,
            start_s=held.start_s,
            end_s=held.end_s,
        )

    def _in_script(self, held: HeldPassage) -> str:
        """Return the text in the reader's own Chinese script when it was written in the other one."""
        if self.language == SIMPLIFIED and held.language == TRADITIONAL:
            return to_simplified(held.text)
        if self.language == TRADITIONAL and held.language == SIMPLIFIED:
            return to_traditional(held.text)
        return held.text


def _seconds_together(one: HeldPassage, other: HeldPassage) -> int:
    """Return for how many seconds both are said; the further apart, the further below zero."""
    if one.start_s is None or one.end_s is None or other.start_s is None or other.end_s is None:
        return -(2**31)
    return min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
