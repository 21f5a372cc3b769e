"""Subscribers of the outbox's own tests: one remembers, one fails, one fails until it is told not to."""

from __future__ import annotations

from catalog.outbox.subscribers import Event, subscriber

heard: list[Event] = []
broken = {"yes": True}


@subscriber(lane="money")
def remember(event: Event) -> None:
    """Keep the event."""
    heard.append(event)


@subscriber(lane="index")
def stumble(event: Event) -> None:
    """Fail while `broken["yes"]`, then keep the event."""
    if broken["yes"]:
        raise ConnectionError("the index does not answer")
    heard.append(event)
