"""What a room refuses: which field, why, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _


class RoomError(Exception):
    """A refusal that the viewer can mend; `code`, `field` and `message` go to the client."""

    code = "refused"
    field = ""

    def __init__(self, message: str, *, retry_after_ms: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_ms = retry_after_ms


class RoomNotOpen(RoomError):
    """Questions come only while the room is live."""

    code = "room_not_open"

    def __init__(self) -> None:
        super().__init__(_("This room takes no questions now. It opens when the stream begins."))


class QuestionTooLong(RoomError):
    """More characters than a question may have."""

    code = "too_long"
    field = "text"

    def __init__(self, *, length: int, most: int) -> None:
        text = _("text: %(length)s characters are too many. Ask in at most %(most)s.")
        super().__init__(text % {"length": length, "most": most})


class NotAQuestion(RoomError):
    """A greeting, a cheer, signs only."""

    code = "not_a_question"
    field = "text"

    def __init__(self) -> None:
        super().__init__(_("text: nothing is asked here. Type a question, such as: does this suit oily skin?"))


class TooManyQuestions(RoomError):
    """The shopper asks faster than the limit."""

    code = "too_many"

    def __init__(self, *, most: int, retry_after_ms: int) -> None:
        text = _("That is more than %(most)s questions in 10 seconds. Wait a little and send it again.")
        super().__init__(text % {"most": most}, retry_after_ms=retry_after_ms)


class NoSuchQuestion(RoomError):
    """Not in this room."""

    code = "no_such_question"
    field = "question_id"

    def __init__(self) -> None:
        super().__init__(_("question_id: this room has no such question. Load the room again."))


class NotInThisRoom(RoomError):
    """A product that was neither on the table nor in the answer named."""

    code = "no_such_product"
    field = "product_id"

    def __init__(self) -> None:
        super().__init__(_("product_id: this product was not shown in this room. Load the room again."))
