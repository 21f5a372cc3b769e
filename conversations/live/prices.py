"""A live price that begins or ends while its product is on the table: everybody in the room sees it."""

from __future__ import annotations

from catalog.outbox.subscribers import Event, subscriber
from conversations.live.rooms import show_again


@subscriber(lane="live")
def on_live_price_turned(event: Event) -> None:
    """Show pinned products once more with the price that holds now; a repetition shows the same again."""
    with event.scope():
        for product_id in event.payload["product_ids"]:
            show_again(product_id=int(product_id), once=str(event.id))
