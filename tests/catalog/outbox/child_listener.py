"""What the process that is killed does for each message: an effect with a key of its own, and a line in a diary."""

from __future__ import annotations

import sqlite3
import time

from django.conf import settings

from catalog.outbox.subscribers import Event, subscriber


@subscriber(lane="money")
def write_down(event: Event) -> None:
    """Take 20 ms, with the effect in the middle: a kill lands before it, after it, or between two messages."""
    time.sleep(0.01)
    with sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=30) as database:
        database.execute("insert into diary values (?)", (event.key,))
        database.execute("insert or ignore into effects values (?)", (event.key,))
    time.sleep(0.01)
