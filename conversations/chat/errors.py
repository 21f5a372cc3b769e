"""What can be wrong with a message before a turn begins: which field, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _


class ChatError(Exception):
    """A message that is not taken; `code`, `field` and `message` go to the client."""

    code = "refused"
    field = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MessageTooLong(ChatError):
    """More characters than a message may have."""

    code = "too_long"
    field = "text"

    def __init__(self, *, length: int, most: int) -> None:
        text = _("text: %(length)s characters are too many. Send at most %(most)s, or split the message.")
        super().__init__(text % {"length": length, "most": most})


class MessageEmpty(ChatError):
    """Nothing but spaces."""

    code = "empty"
    field = "text"

    def __init__(self) -> None:
        super().__init__(_("text: the message is empty. Write something."))


class BadClientId(ChatError):
    """A client id that cannot tell one message from another."""

    code = "bad_client_id"
    field = "client_id"

    def __init__(self) -> None:
        super().__init__(_("client_id: send 8 to 64 characters, new for each message."))


class TooManyMessages(ChatError):
    """The shopper writes faster than the limit."""

    code = "too_many"
    field = "text"

    def __init__(self, *, most: int) -> None:
        text = _("That is more than %(most)s messages in a minute. Wait a little and send it again.")
        super().__init__(text % {"most": most})
