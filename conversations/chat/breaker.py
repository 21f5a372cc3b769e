"""Circuit breakers: a chat model that fails again and again is left alone for a while, then asked by one turn."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings

logger = logging.getLogger(__name__)

State = Literal["closed", "open", "half_open"]


@dataclass(slots=True)
class Admission:
    """One turn's leave to ask the model; it tells how that went, once. Leaving without a word frees the probe."""

    breaker: Breaker
    is_probe: bool = False
    _told: bool = field(default=False)

    def worked(self) -> None:
        """The model answered to the end."""
        self._tell(self.breaker._worked)

    def failed(self, reason: str) -> None:
        """The model failed, for a reason that another turn would meet too."""
        self._tell(lambda is_probe: self.breaker._failed(reason, is_probe))

    def left(self) -> None:
        """The turn ended before anything could be said about the model (the shopper stopped it)."""
        self._tell(self.breaker._left)

    def _tell(self, told: Callable[[bool], None]) -> None:
        if not self._told:
            self._told = True
            told(self.is_probe)


@dataclass(frozen=True, slots=True)
class BreakerState:
    """How a breaker stands: for pages and metrics. `rests_s` is 0 unless it is open."""

    provider: str
    model: str
    state: State
    failures: int  # counted within the window
    rests_s: float
    opened: int  # how often, since the process began
    last_failure: str = ""


class Breaker:
    """Opens after `failures` within `within_s`; after `rest_s` one turn may probe, and its outcome decides.

    Any thread may call it. `provider` and `model` only name it.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        within_s: float = 60.0,
        rest_s: float = 30.0,
        provider: str = "",
        model: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failures, self.within_s, self.rest_s = failures, within_s, rest_s
        self.provider, self.model = provider, model
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._open_until: float | None = None
        self._probed_at: float | None = None
        self._opened = 0
        self._last_failure = ""

    @property
    def state(self) -> BreakerState:
        """How it stands now."""
        with self._lock:
            now = self._clock()
            recent = sum(now - at < self.within_s for at in self._failed_at)
            rests_s = max((self._open_until or now) - now, 0.0)
            name: State = "closed" if self._open_until is None else "open" if rests_s else "half_open"
            return BreakerState(self.provider, self.model, name, recent, rests_s, self._opened, self._last_failure)

    def admit(self) -> Admission | None:
        """Let a turn ask the model; None while it rests, and while another turn probes it."""
        with self._lock:
            if self._open_until is None:
                return Admission(self)
            now = self._clock()
            # A probe that never told its outcome (a killed thread) does not close the door for ever.
            is_probed = self._probed_at is not None and now - self._probed_at < self.rest_s
            if now < self._open_until or is_probed:
                return None
            self._probed_at = now
        logger.info("chat model %s at %s: one turn asks it again", self.model, self.provider)
        return Admission(self, is_probe=True)

    def _worked(self, is_probe: bool) -> None:
        with self._lock:
            if self._open_until is not None and not is_probe:
                return  # it was asked before the door closed; the probe decides
            was_open = self._open_until is not None
            self._failed_at.clear()
            self._open_until = self._probed_at = None
        if was_open:
            logger.info("chat model %s at %s answers again", self.model, self.provider)

    def _failed(self, reason: str, is_probe: bool) -> None:
        with self._lock:
            now = self._clock()
            self._last_failure = reason
            self._failed_at.append(now)
            if self._open_until is not None and not is_probe:
                return
            too_many = len(self._failed_at) == self.failures and now - self._failed_at[0] < self.within_s
            if not (is_probe or too_many):
                return
            self._open_until, self._probed_at = now + self.rest_s, None
            self._opened += 1
        logger.warning(
            "chat model %s at %s is left alone for %.0f s after: %s", self.model, self.provider, self.rest_s, reason
        )

    def _left(self, is_probe: bool) -> None:
        if is_probe:
            with self._lock:
                self._probed_at = None


_breakers: dict[tuple[str, str], Breaker] = {}
_breakers_lock = threading.Lock()


def breaker_of(*, provider: str, model: str) -> Breaker:
    """Return this process's breaker of one model at one provider, with the limits of the settings."""
    with _breakers_lock:
        return _breakers.setdefault(
            (provider, model),
            Breaker(
                failures=settings.OPENAI_BREAKER_FAILURES,
                within_s=settings.OPENAI_BREAKER_WITHIN_S,
                rest_s=settings.OPENAI_BREAKER_REST_S,
                provider=provider,
                model=model,
            ),
        )


def breaker_states() -> tuple[BreakerState, ...]:
    """Return how every breaker of this process stands."""
    with _breakers_lock:
        return tuple(breaker.state for breaker in _breakers.values())


def forget_breakers() -> None:
    """Begin anew (tests, and a change of the limits)."""
    with _breakers_lock:
        _breakers.clear()
