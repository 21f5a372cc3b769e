"""One JSON object a log line, for machines: known fields only, redacted."""

from __future__ import annotations

import time
from typing import Any

from pythonjsonlogger.orjson import OrjsonFormatter

from shop_assistant.logging_formats import redacted

# Anything else that a library puts into a record's `extra` stays out: nobody has looked at what is in it.
EXTRAS = frozenset({"route", "method", "status", "ms", "shop", "lane", "subscriber"})
IDS = frozenset({"request", "socket", "kind", "turn", "conversation", "merchant", "topic", "outbox_id"})
_OWN = frozenset({"at", "level", "logger", "message", "error"})


class JsonFormatter(OrjsonFormatter):
    """{"at", "level", "logger", "message", …ids, …known extras, "error"}."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}{exc_info}",
            style="{",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger", "exc_info": "error"},
            **options,
        )
        self.converter = time.gmtime
        self.default_time_format, self.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Keep what is known, and redact it."""
        ids = {name: value for name, value in log_data.pop("belongs_to", {}).items() if name in IDS}
        kept = {name: value for name, value in log_data.items() if name in _OWN | EXTRAS and value is not None}
        return {name: redacted(value) if isinstance(value, str) else value for name, value in {**kept, **ids}.items()}
