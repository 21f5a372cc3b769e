"""Which part is in use and how it is switched: read by the start-up table and the deployment checks."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Part:
    """One exchangeable part of the house."""

    name: str
    in_use: str
    setting: str  # its presence switches the part
    at_scale: str
    is_stand_in: bool


def parts() -> list[Part]:
    """Return every part with what stands in for it now."""
    rows = [
        ("database", "SQLite (WAL, IMMEDIATE)", "DATABASE_URL", "PostgreSQL", settings.DATABASE_URL),
        ("search", "embedded index (SQLite FTS5)", "ELASTICSEARCH_URL", "Elasticsearch", settings.ELASTICSEARCH_URL),
        ("language model", "offline model", "OPENAI_API_KEY", "OpenAI", settings.OPENAI_API_KEY),
        ("payments", "local fake Stripe (test orders)", "STRIPE_SECRET_KEY", "Stripe", settings.STRIPE_SECRET_KEY),
        ("sockets", "in memory", "REDIS_URL", "Redis", settings.REDIS_URL),
        ("background work", "drain threads of the server", "REDIS_URL", "Celery worker and beat", settings.REDIS_URL),
        ("live room log", "in process, written through", "REDIS_URL", "Redis streams", settings.REDIS_URL),
    ]  # fmt: skip
    return [
        Part(name, at_scale if given else stand_in, setting, at_scale, not given)
        for name, stand_in, setting, at_scale, given in rows
    ]


def table() -> str:
    """Return the parts as the table that scripts/run prints."""
    rows = [("part", "in use", "how to switch")]
    for part in parts():
        rows.append((part.name, part.in_use, f"set {part.setting} in .env" if part.is_stand_in else part.setting))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"  {name:<{widths[0]}}   {used:<{widths[1]}}   {how}" for name, used, how in rows]
    lines.insert(1, "  " + "─" * max(map(len, lines)))
    return "\n".join(lines)
