"""What can go wrong while a chat model speaks: why, whose fault it is, and whether asking once more may help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from json import JSONDecodeError

_RETRY_PAUSE_S = 0.2
_BUSY_PAUSE_S = 0.5  # a provider that says "too many requests" and names no time
_TOO_MANY = 429
_NOT_SERVED = frozenset({401, 402, 403, 404})  # the key, the account or the model's name: every turn meets it
_ASK_AGAIN = frozenset({408, 409})


class ModelCut(Exception):
    """The model broke off after it had begun to speak; what was said stays said.

    `reason` is "cut", or "content_filter" when the provider itself would not let it go on.
    """

    def __init__(self, message: str, *, reason: str = "cut") -> None:
        super().__init__(message)
        self.reason = reason


class Silent(Exception):
    """The model's answer holds neither a word nor a tool call."""


class Unfinished(Exception):
    """The stream ended without saying that the answer is whole."""


class Unreadable(Exception):
    """The model asks for a tool with arguments that are no JSON object."""


class Filtered(Exception):
    """The provider's content filter ended the answer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it failed. `counts`: another turn would meet it too. `pause_s` None: asking again now is no use."""

    reason: str
    counts: bool = True
    pause_s: float | None = None


def failure_of(error: Exception) -> Failure:
    """Return what an error of a model's client means; errors are told apart by status, as every client has one."""
    if isinstance(error, Filtered):
        return Failure("content_filter", counts=False)
    if isinstance(error, TimeoutError):
        return Failure("timeout")
    if isinstance(error, Silent):
        return Failure("silent", pause_s=_RETRY_PAUSE_S)
    if isinstance(error, Unfinished):
        return Failure("cut", pause_s=_RETRY_PAUSE_S)
    if isinstance(error, JSONDecodeError | Unreadable):
        return Failure("unreadable", pause_s=_RETRY_PAUSE_S)
    status = getattr(error, "status_code", None)
    return _of_status(status, error) if isinstance(status, int) else Failure("connection", pause_s=_RETRY_PAUSE_S)


def _of_status(status: int, error: Exception) -> Failure:
    if status == _TOO_MANY:
        if getattr(error, "code", None) == "insufficient_quota":
            return Failure("quota")
        return Failure("rate_limited", pause_s=_retry_after_s(error) or _BUSY_PAUSE_S)
    if status in _NOT_SERVED:
        return Failure(f"refused_{status}")
    if status in _ASK_AGAIN or status >= 500:
        return Failure(f"error_{status}", pause_s=_retry_after_s(error) or _RETRY_PAUSE_S)
    return Failure(f"error_{status}", counts=False)  # this very request is wrong; others are not


def _retry_after_s(error: Exception) -> float | None:
    """Return the pause the provider asks for, in seconds; a date is not read."""
    headers: Mapping[str, str] = getattr(getattr(error, "response", None), "headers", {})
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return max(float(headers[name]) / unit, 0.0)
        except (KeyError, ValueError):
            continue
    return None
