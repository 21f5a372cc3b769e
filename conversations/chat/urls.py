"""The REST routes of conversations, below a shop's address."""

from __future__ import annotations

from django.urls import path

from conversations.chat import api, sign_in_api

urlpatterns = [
    path("conversations/", api.ConversationsView.as_view(), name="conversations"),
    path("conversations/<uuid:conversation_id>/", api.ConversationView.as_view(), name="conversation"),
    path("conversations/<uuid:conversation_id>/messages/", api.MessagesView.as_view(), name="messages"),
    path("conversations/<uuid:conversation_id>/acts/", api.ActsView.as_view(), name="acts"),
    path("conversations/<uuid:conversation_id>/confirmations/", api.ConfirmationsView.as_view(), name="confirmations"),
    path("conversations/<uuid:conversation_id>/address/", api.AddressView.as_view(), name="address"),
    path("conversations/<uuid:conversation_id>/sign-in/", sign_in_api.SignInView.as_view(), name="sign_in"),
    path(
        "conversations/<uuid:conversation_id>/sign-in/code/", sign_in_api.SignInCodeView.as_view(), name="sign_in_code"
    ),
]
