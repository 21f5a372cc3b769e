"""App: Conversations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    """Django's entry for `conversations.chat`."""

    name = "conversations.chat"
    label = "chat"
    verbose_name = _("Conversations")
