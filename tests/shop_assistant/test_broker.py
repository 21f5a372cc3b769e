"""A worker that lost the broker closes what is left of the connection: that must not end the worker."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import settings
from kombu import Connection, Message

from shop_assistant import broker
from tests.engines.available import REDIS_URL, needs_redis

pytestmark = [*needs_redis]
log = logging.getLogger(__name__)


@pytest.fixture
def queue() -> Iterator[str]:
    name = f"test-broker-{uuid.uuid4().hex}"
    yield name
    with Connection(REDIS_URL) as connection:
        connection.default_channel.queue_delete(name)


def half_closed(queue: str, transport: object) -> tuple[Connection, Message]:
    """Return a connection that was let go while a message is unfinished: what `collect` leaves when Redis is away."""
    connection = Connection(REDIS_URL, transport=transport)
    taken: list[Message] = []
    bound = connection.SimpleQueue(queue).queue
    connection.Consumer([bound], callbacks=[lambda _, message: taken.append(message)]).consume()
    connection.Producer().publish({"id": 1}, routing_key=queue)
    while not taken:
        connection.drain_events(timeout=5)
    connection.transport.client = None
    return connection, taken[0]


def test_a_half_closed_connection_is_closed_and_a_late_acknowledgement_is_logged(
    queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection, message = half_closed(queue, broker.Transport)

    connection.close()
    message.ack_log_error(log, connection.connection_errors)

    assert not connection.connected
    assert not message.acknowledged
    assert "the connection to the broker was lost" in caplog.text


def test_kombus_own_transport_fails_in_a_way_no_worker_expects(queue: str) -> None:
    connection, _ = half_closed(queue, "redis")

    with pytest.raises(AttributeError):
        connection.close()


def test_the_shop_uses_it() -> None:
    assert settings.REDIS_URL
    with current_app.connection_for_read() as connection:
        assert isinstance(connection.transport, broker.Transport)
