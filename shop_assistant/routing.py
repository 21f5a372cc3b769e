"""The WebSocket route table."""

from __future__ import annotations

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from conversations.chat.consumers import ChatConsumer
from conversations.live.consumers import RoomConsumer

websocket_application = AllowedHostsOriginValidator(
    URLRouter(
        [
            path("ws/chat/<uuid:conversation_id>/", ChatConsumer.as_asgi()),
            path("ws/rooms/<uuid:room_id>/", RoomConsumer.as_asgi()),
        ]
    )
)
