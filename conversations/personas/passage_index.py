"""A small full-text index of what one double may answer from, held in memory and rebuilt when a text changed."""

from __future__ import annotations

import math
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from catalog.accounts.models import Creator
from catalog.search.analysis import index_text
from conversations.personas.models import KnowledgeChunk, KnowledgeDocument, KnowledgeKind
from conversations.personas.question_words import Asked, asked_about

TITLE_WEIGHT, TEXT_WEIGHT = 1.0, 3.0  # all passages of a text share its title
# The share of a question's telling words (weighted by rarity) that a passage must hold to count as an answer.
COVERAGE_MIN = 0.45
NEARLY = 0.8  # what a passage about abroad is worth to a question about one country
CANDIDATES = 40
INDEXES_KEPT = 64
_RUNS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class HeldPassage:
    """A passage as the index knows it."""

    document_id: int
    kind: str
    language: str
    position: int
    titles: Mapping[str, str]
    text: str
    content_id: int | None
    start_s: int | None
    end_s: int | None


class PassageIndex:
    """Passages ranked by SQLite's FTS5 (BM25); safe to share between threads."""

    def __init__(self, passages: Iterable[HeldPassage], *, ignored: Sequence[str] = ()) -> None:
        """Take `passages`; `ignored` are names that say nothing in a question, such as the creator's own."""
        self.passages = list(passages)
        self._ignored = tuple(name for name in ignored if name.strip())
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._rows.execute("CREATE VIRTUAL TABLE held USING fts5(title, text, tokenize='porter unicode61')")
        self._rows.executemany(
            "INSERT INTO held(rowid, title, text) VALUES (?, ?, ?)",
            (
                (number, index_text(held.titles.get(held.language, "")), index_text(held.text))
                for number, held in enumerate(self.passages)
            ),
        )

    def search(
        self, question: str, *, kinds: Sequence[str] = (), languages: Sequence[str] = ()
    ) -> list[tuple[HeldPassage, float]]:
        """Return (passage, BM25 score) of those that answer `question`, best first; none when nothing fits.

        Args: `languages` are the reader's own: of passages that answer as much, those come first.
        """
        asked = asked_about(question, ignored=self._ignored)
        if not asked or not self.passages:
            return []
        with self._lock:
            found_by = [self._rows_with(thing.phrases) for thing in asked]
            nearly_by = [self._rows_with(thing.wider) for thing in asked]
            titled_by = [self._rows_with(thing.phrases, column="title") for thing in asked]
            told_by = [self._rows_with(thing.phrases, column="text") for thing in asked]
            ranked = self._ranked(asked)
        coverage = self._coverage(asked, found_by, nearly_by)
        titled, told = self._coverage(asked, titled_by), self._coverage(asked, told_by)
        best_of = self._best_of_documents(ranked)
        good = [(row, score) for row, score in ranked if coverage.get(row, 0.0) >= COVERAGE_MIN]

        def place(hit: tuple[int, float]) -> tuple[float, bool, float, float, int]:
            # The passage that answers most of what was asked first ("ship to Osaka"). Of equals: what bears it in its
            # title, then BM25; but a policy is read in its own order, for the rule stands before its exceptions.
            row, score = hit
            held = self.passages[row]
            is_policy = held.kind == KnowledgeKind.POLICY
            said = round((told if is_policy else titled).get(row, 0.0), 2)
            text_score, position = (best_of[row], held.position) if is_policy else (score, 0)
            return -round(coverage[row], 2), held.language not in languages, -said, -text_score, position

        hits = [(self.passages[row], score) for row, score in sorted(good, key=place)]
        return [hit for hit in hits if not kinds or hit[0].kind in kinds][:CANDIDATES]

    def _rows_with(self, phrases: Sequence[str], *, column: str = "") -> set[int]:
        if not phrases:
            return set()
        wanted = f"{column} : ({_expression(phrases)})" if column else _expression(phrases)
        found = self._rows.execute("SELECT rowid FROM held WHERE held MATCH ?", (wanted,))
        return {int(row) for (row,) in found}

    def _best_of_documents(self, ranked: Sequence[tuple[int, float]]) -> dict[int, float]:
        """Return for each row the best score of any passage of its document in its language."""
        best: dict[tuple[int, str], float] = {}
        for row, score in ranked:
            key = (self.passages[row].document_id, self.passages[row].language)
            best[key] = max(score, best.get(key, score))
        return {row: best[self.passages[row].document_id, self.passages[row].language] for row, _ in ranked}

    def _ranked(self, asked: Sequence[Asked]) -> list[tuple[int, float]]:
        found = self._rows.execute(
            "SELECT rowid, -bm25(held, ?, ?) AS score FROM held WHERE held MATCH ? ORDER BY score DESC, rowid",
            (
                TITLE_WEIGHT,
                TEXT_WEIGHT,
                _expression([each for thing in asked for each in (*thing.phrases, *thing.wider)]),
            ),
        )
        return [(int(row), float(score)) for row, score in found]

    def _coverage(
        self, asked: Sequence[Asked], found_by: Sequence[set[int]], nearly_by: Sequence[set[int]] = ()
    ) -> dict[int, float]:
        """Return {row: the share of what was asked that it holds}; `nearly_by` rows hold something wider."""
        count = len(self.passages)
        weights = [
            # A topic that the shop writes about often is no less the topic of the question.
            thing.share * _rarity(1 if thing.is_topic else len(rows), count)
            for thing, rows in zip(asked, found_by, strict=True)
        ]
        whole = sum(weights)
        covered: dict[int, float] = {}
        for weight, rows in zip(weights, found_by, strict=True):
            for row in rows:
                covered[row] = covered.get(row, 0.0) + weight / whole
        for weight, rows, exact in zip(weights, nearly_by, found_by, strict=False):
            for row in rows - exact:
                covered[row] = covered.get(row, 0.0) + NEARLY * weight / whole
        return covered


def _rarity(found: int, count: int) -> float:
    """Return BM25's inverse document frequency; a word that stands nowhere weighs like one that stands once.

    Otherwise a single unknown word would outweigh two that are answered.
    """
    held = max(1, found)
    return math.log(1 + (count - held + 0.5) / (held + 0.5))


def _expression(phrases: Sequence[str]) -> str:
    """Return the FTS5 query for any of these."""
    return " OR ".join(_as_indexed(phrase) for phrase in dict.fromkeys(phrases))


def _as_indexed(phrase: str) -> str:
    """Return a phrase as FTS5 looks for it; Chinese is indexed character by character, with its pairs behind."""
    runs = _RUNS.findall(phrase)
    if phrase.isascii():
        return f'"{" ".join(runs)}"'
    if len(runs) == 1:
        return f'"{phrase if len(phrase) <= 2 else " ".join(phrase)}"'
    return f"NEAR({' '.join(_as_indexed(run) for run in runs)}, 6)"


_kept: OrderedDict[tuple[int, int], tuple[tuple[datetime | None, int], PassageIndex]] = OrderedDict()
_kept_lock = threading.Lock()


def passage_index(*, merchant_id: int, creator_id: int) -> PassageIndex:
    """Return the index of a creator's and the shop's own texts, built anew when any of them changed."""
    documents = KnowledgeDocument.objects.filter(Q(creator_id=creator_id) | Q(creator=None), merchant=merchant_id)
    state = documents.aggregate(newest=Max("updated_at"), count=Count("id"))
    version = (state["newest"], state["count"])
    key = (merchant_id, creator_id)
    with _kept_lock:
        held = _kept.get(key)
        if held is not None and held[0] == version:
            _kept.move_to_end(key)
            return held[1]
    index = PassageIndex(_passages(merchant_id, creator_id), ignored=_names(creator_id))
    with _kept_lock:
        _kept[key] = (version, index)
        _kept.move_to_end(key)
        while len(_kept) > INDEXES_KEPT:
            _kept.popitem(last=False)
    return index


def _passages(merchant_id: int, creator_id: int) -> Iterable[HeldPassage]:
    owned = Q(document__creator_id=creator_id) | Q(document__creator=None)
    chunks = KnowledgeChunk.objects.filter(owned, merchant=merchant_id).select_related("document")
    for chunk in chunks.order_by("document_id", "language", "position"):
        yield HeldPassage(
            document_id=chunk.document_id,
            kind=chunk.document.kind,
            language=chunk.language,
            position=chunk.position,
            titles=chunk.document.titles,
            text=chunk.text,
            content_id=chunk.document.content_id,
            start_s=chunk.start_s,
            end_s=chunk.end_s,
        )


def _names(creator_id: int) -> list[str]:
    creator = Creator.objects.filter(pk=creator_id).first()
    return [*creator.names.values(), *creator.short_names.values()] if creator else []
