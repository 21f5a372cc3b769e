"""Log lines: with what they belong to (request, turn, merchant), and without what identifies a person.

Nothing personal is logged on purpose; this is the second wall. It knows the shapes in which personal data slips in:
errors of libraries that quote what they were given.
"""

from __future__ import annotations

import logging
import re

from catalog.observing import bound_ids

WITHHELD = "[withheld]"
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?s)input_value=.*?(?=, input_type=)"), f"input_value={WITHHELD}"),  # pydantic quotes what was said
    (re.compile(r"(?m)^(\s*)DETAIL:.*$"), rf"\1DETAIL: {WITHHELD}"),  # PostgreSQL quotes the row
    (re.compile(r"(?m)Failing row contains.*$"), f"Failing row contains {WITHHELD}"),
    (re.compile(r"\b((?:sk|rk|pk)_(?:live|test)|whsec)_\w+"), WITHHELD),  # keys of the payment provider
    (re.compile(r"\bsk-[\w-]{16,}"), WITHHELD),  # keys of model providers
    (re.compile(r"(?i)\b(bearer|shopper)\s+[\w.:=-]{12,}"), rf"\1 {WITHHELD}"),  # tokens in headers
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)"), WITHHELD),  # a user and password in an address
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), WITHHELD),  # e-mail addresses
    (re.compile(r"(?<![\w+])\+\d[\d ()-]{7,}\d"), WITHHELD),  # telephone numbers, as people write them abroad
)


def redacted(text: str) -> str:
    """Return a text without e-mail addresses, telephone numbers, keys, tokens and what errors quote."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


class BelongsTo(logging.Filter):
    """Writes what the work of this moment belongs to into the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it; every record passes."""
        record.belongs_to = dict(bound_ids())
        return True


class PlainFormatter(logging.Formatter):
    """A line a person reads; redacted too, because logs are copied into tickets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its ids at the end of the first."""
        ids = getattr(record, "belongs_to", {})
        first, rest, more = super().format(record).partition("\n")
        told = " ".join(f"{name}={value}" for name, value in ids.items())
        return redacted(f"{first}  [{told}]{rest}{more}" if told else f"{first}{rest}{more}")
