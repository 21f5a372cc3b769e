"""Lets a streamed answer out sentence by sentence, each only after it passed the check."""

from __future__ import annotations

import re
from collections.abc import Callable

from conversations.chat.guardrails import Verdict

# A Latin full stop ends a sentence only before a space: "$31.00" and "No.3" do not.
_END = re.compile(r"[。！？\n]|[.!?][\"”』」)]?(?=\s)")
# At the very end: an amount that may have been going on, with what belongs to it.
_HALF_NUMBER = re.compile(r"\s*[^\s\w]*[A-Za-z$€£¥]*\d[\d.,]*$")
_ABBREVIATIONS = ("no.", "vs.", "e.g.", "i.e.", "approx.", "dr.", "ms.", "mr.")


class SentenceGate:
    """Collects pieces; `released` grows by whole sentences that passed. After a failed check nothing more leaves."""

    def __init__(self, check: Callable[[str], Verdict]) -> None:
        self._check = check
        self._waiting = ""
        self.released = ""
        self.verdict = Verdict(passed=True)

    @property
    def text(self) -> str:
        """Everything said so far, released or not."""
        return self.released + self._waiting

    def feed(self, piece: str) -> str:
        """Take a piece; return what may leave now, possibly nothing."""
        self._waiting += piece
        return self._release(self._complete())

    def finish(self, *, is_cut: bool = False) -> str:
        """Return the rest, if it passes. Of a text that was cut a half number is dropped: "$3" may have been "$31"."""
        if is_cut:
            self._waiting = _HALF_NUMBER.sub("", self._waiting)
        return self._release(len(self._waiting))

    def _complete(self) -> int:
        end = 0
        for match in _END.finditer(self._waiting):
            if not self._waiting[: match.end()].lower().endswith(_ABBREVIATIONS):
                end = match.end()
        return end

    def _release(self, end: int) -> str:
        if end == 0 or not self.verdict.passed:
            return ""
        # With what was said before it: a price may stand across two sentences' ends.
        self.verdict = self._check(self.released + self._waiting[:end])
        if not self.verdict.passed:
            return ""
        out, self._waiting = self._waiting[:end], self._waiting[end:]
        self.released += out
        return out
