"""The log that settings name. What every log keeps is in tests/contracts/test_room_log.py."""

from __future__ import annotations

from django.conf import settings

from conversations.live.local_log import LocalLog
from conversations.live.log import room_log
from conversations.live.redis_log import RedisLog


def test_redis_s_address_chooses_the_log() -> None:
    assert type(room_log()) is (RedisLog if settings.REDIS_URL else LocalLog)
