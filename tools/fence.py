"""Text that others wrote, on its way to the model: one line, short, between marks that say it is data."""

from __future__ import annotations

from collections.abc import Iterable

TEXT_CHARS_MAX = 1_500
OPEN, CLOSE = "<data>", "</data>"
_SAFE = str.maketrans({"<": "‹", ">": "›", "|": "/"})


def plain(text: str, limit: int = 80) -> str:
    """Return `text` on one line of at most `limit` characters, without the marks this module uses."""
    line = " ".join(text.translate(_SAFE).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def fenced(lines: Iterable[str], *, limit: int = TEXT_CHARS_MAX - 300) -> str:
    """Return `lines` between the marks, as many whole lines as fit into `limit` characters."""
    kept: list[str] = []
    length = 0
    waiting = list(lines)
    for line in waiting:
        length += len(line) + 1
        if length > limit:
            kept.append(f"({len(waiting) - len(kept)} more not shown)")
            break
        kept.append(line)
    return "\n".join([OPEN, *kept, CLOSE])


def capped(text: str, limit: int = TEXT_CHARS_MAX) -> str:
    """Return `text` cut to `limit` characters, the fence closed again when the cut went through it."""
    if len(text) <= limit:
        return text
    head = text[: limit - len(CLOSE) - 2] + "…"
    return head if head.count(OPEN) == head.count(CLOSE) else f"{head}\n{CLOSE}"
