"""How badly the stand-in behaves: what a network and a provider do on a bad day, as parameters."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Shares are 0 to 1. The default behaves: each event comes once, in order, at once.

    STRIPE_FAKE_BEHAVIOUR sets it for a server: `duplicates=2,shuffle=1,errors=0.1`.
    """

    duplicates: int = 0  # how many more times each event is delivered
    shuffle: bool = False  # events come in any order
    delay_s: float = 0.0  # an event waits up to so long
    lost_events: float = 0.0  # share of events that are never delivered; the list of events still has them
    errors: float = 0.0  # share of requests answered 500, with nothing done
    lost_answers: float = 0.0  # share of requests that are done and answered 500 all the same
    slow_refunds: bool = False  # a refund is pending until it is settled
    seed: int | None = None  # the same bad day again
    chance: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "chance", random.Random(self.seed))

    def happens(self, share: float) -> bool:
        """Return whether something that happens in this share of all cases happens now."""
        return share > 0 and self.chance.random() < share


def _flag(text: str) -> bool:
    return bool(int(text))


_READERS: dict[str, Callable[[str], float | bool]] = {
    "duplicates": int,
    "shuffle": _flag,
    "delay_s": float,
    "lost_events": float,
    "errors": float,
    "lost_answers": float,
    "slow_refunds": _flag,
    "seed": int,
}


def read_behaviour(text: str) -> Behaviour:
    """Return the behaviour that a setting describes.

    Raises: ValueError naming the part that is not understood.
    """
    given: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        try:
            given[name] = _READERS[name](value)
        except (KeyError, ValueError) as error:
            known = ", ".join(_READERS)
            raise ValueError(f"STRIPE_FAKE_BEHAVIOUR: {part!r}: write name=number, a name out of {known}") from error
    return Behaviour(**given)
