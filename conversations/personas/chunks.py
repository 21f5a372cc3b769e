"""Cutting a text into passages small enough to quote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

CHUNK_CHARS = 400
# A moment of a video: short enough that its first second is where the thing is said.
MOMENT_CHARS, MOMENT_S = 200, 30
_SENTENCE = re.compile(r"[^。！？!?；\n]*?(?:[。！？!?；]+[」』”\")]*|\.(?=\s|$)|\n|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage, with the seconds in which it is said when it comes from a video."""

    text: str
    start_s: int | None = None
    end_s: int | None = None


def split_text(text: str, *, limit: int = CHUNK_CHARS) -> list[Piece]:
    """Cut `text` at paragraphs, then sentences, then anywhere, into pieces of at most `limit` characters."""
    pieces: list[Piece] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        pieces += [Piece(text=packed) for packed in _pack(_sentences(paragraph, limit), limit)]
    return pieces


def split_transcript(lines: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Join (start, end, text) lines into moments of at most MOMENT_CHARS characters and MOMENT_S seconds."""
    pieces: list[Piece] = []
    for start_s, end_s, text in lines:
        words = " ".join(text.split())
        if not words:
            continue
        last = pieces[-1] if pieces else None
        if last and last.start_s is not None and _fits(last, words, end_s):
            pieces[-1] = Piece(text=_joined(last.text, words), start_s=last.start_s, end_s=end_s)
        else:
            pieces.append(Piece(text=words, start_s=start_s, end_s=end_s))
    return pieces


def _fits(last: Piece, words: str, end_s: int) -> bool:
    return len(last.text) + 1 + len(words) <= MOMENT_CHARS and end_s - (last.start_s or 0) <= MOMENT_S


def _sentences(paragraph: str, limit: int) -> Iterator[str]:
    for match in _SENTENCE.finditer(paragraph):
        sentence = " ".join(match.group().split())
        for start in range(0, len(sentence), limit):
            yield sentence[start : start + limit]


def _pack(sentences: Iterable[str], limit: int) -> Sequence[str]:
    packed: list[str] = []
    for sentence in sentences:
        if packed and len(packed[-1]) + 1 + len(sentence) <= limit:
            packed[-1] = _joined(packed[-1], sentence)
        else:
            packed.append(sentence)
    return packed


def _joined(before: str, after: str) -> str:
    """Put `after` behind `before`, with a space only where the script has one."""
    gap = " " if before[-1].isascii() or after[0].isascii() else ""
    return f"{before}{gap}{after}"
