"""Chooses a moment and a victim, kills it with SIGKILL, and notes what was under way."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.engines.process import Process

MOMENTS = int(os.environ.get("KILL_MOMENTS", "8"))
SERVERS = ("web", "worker")
_LONGEST_S = 1.5  # of waiting for the moment
_SLOWEST = 0.7  # … or this part of what a server last took to start: on a slow machine work needs longer too


@dataclass(slots=True)
class Killer:
    """Kills processes by the seed; `kills` counts by victim, `interrupted` what was under way."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    interrupted: Counter[str] = field(default_factory=Counter)
    starting_s: float = 0.0
    _chance: random.Random = field(init=False)
    _order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        print(f"\nkilling with seed {self.seed} (KILL_SEED={self.seed} repeats it)")

    def strike(self, victims: Mapping[str, Process], *, longest_s: float = 0.0) -> str:
        """Wait for a random moment, kill a victim; return its name.

        Each gets its turn in random order, the servers three turns for one of each other.
        """
        if not self._order:
            turns = [name for name in victims for _ in range(3 if name in SERVERS else 1)]
            self._order = self._chance.sample(turns, len(turns))
        name = self._order.pop()
        time.sleep(self._chance.uniform(0, longest_s or max(_LONGEST_S, _SLOWEST * self.starting_s)))
        victims[name].kill()
        self.kills[name] += 1
        return name
