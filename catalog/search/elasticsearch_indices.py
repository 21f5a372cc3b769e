"""Versioned indices behind two names: the one that is searched, and the one that is being built.

Everything is written to both names while both are there, so a rebuilt index misses nothing when it takes over.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog.search.elasticsearch_client import answering, patient_client
from catalog.search.elasticsearch_mapping import LAYOUT, REFRESH_INTERVAL, index_body
from catalog.search.ports import SearchUnavailable


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one shop's indices."""

    prefix: str

    @property
    def searched(self) -> str:
        """The alias that is searched and written to."""
        return f"{self.prefix}-products"

    @property
    def being_built(self) -> str:
        """The alias of the index that will take over; there only during a rebuild."""
        return f"{self.prefix}-products-next"

    @property
    def indices(self) -> str:
        """The pattern of every index behind them."""
        return f"{self.prefix}-products-v*"

    def new_index(self) -> str:
        """Return a name that no index has: layout, moment, chance."""
        return f"{self.prefix}-products-v{LAYOUT}-{timezone.now():%Y%m%d%H%M%S}-{secrets.token_hex(3)}"


def make_if_missing(names: Names) -> None:
    """Make an empty index to search and write, unless there is one."""
    with answering():
        indices = patient_client().indices
        if indices.exists_alias(name=names.searched):
            return
        try:
            _make(names.new_index(), names.searched)
        except SearchUnavailable:
            raise
        except Exception:
            # Another process was first: an alias has one index to write to.
            if not indices.exists_alias(name=names.searched):
                raise


def is_being_built(names: Names) -> bool:
    """Whether writes have to reach a second index."""
    with answering():
        return bool(patient_client().indices.exists_alias(name=names.being_built))


@contextmanager
def rebuilt(names: Names, *, grace_s: float) -> Iterator[None]:
    """Make an index to be filled inside; at the end it takes the old one's place at one blow.

    The old one is removed `grace_s` later, when no search that began on it can still be running. On an error the new
    one is removed and the old one stays. Until the swap it refreshes only when asked: nobody searches it, and a refresh
    a second costs the engine a fifth of its time. What a broken off rebuild left, before or after the swap, is removed
    by the next one; of two at a time the later wins and the earlier fails.
    Raises: SearchUnavailable.
    """
    with answering():
        _drop([*_behind(names.being_built), *_without_alias(names)])
        index = names.new_index()
        _make(index, names.being_built, refresh_interval="-1")
    try:
        yield
        with answering():
            old = _swap(names, index)
    except BaseException:
        with answering():
            _drop([index])
        raise
    _drop_after(grace_s, old)


def remove_all(names: Names) -> None:
    """Remove every index of this shop."""
    with answering():
        found = patient_client().indices.get(index=names.indices, features=["aliases"], allow_no_indices=True)
        _drop(list(found))


def _make(index: str, alias: str, **otherwise: str) -> None:
    body = index_body()
    settings = {**body["settings"], **otherwise}
    aliases = {alias: {"is_write_index": True}}
    patient_client().indices.create(index=index, aliases=aliases, settings=settings, mappings=body["mappings"])


def _swap(names: Names, index: str) -> list[str]:
    """Put `index` in the place of what is searched now; return the old indices."""
    if _behind(names.being_built) != [index]:
        raise SearchUnavailable(f"{index} is gone: another reindex began after this one")
    patient_client().indices.put_settings(index=index, settings={"refresh_interval": REFRESH_INTERVAL})
    patient_client().indices.refresh(index=index)
    patient_client().cluster.health(index=index, wait_for_status="yellow")
    old = _behind(names.searched)
    actions: list[dict[str, Any]] = [
        {"remove": {"index": index, "alias": names.being_built, "must_exist": True}},
        *({"remove": {"index": each, "alias": names.searched}} for each in old),
        {"add": {"index": index, "alias": names.searched, "is_write_index": True}},
    ]
    patient_client().indices.update_aliases(actions=actions)
    return old


def _behind(alias: str) -> list[str]:
    if not patient_client().indices.exists_alias(name=alias):
        return []
    return sorted(patient_client().indices.get_alias(name=alias))


def _without_alias(names: Names) -> list[str]:
    """Return indices that nothing searches or writes: left by a rebuild that was killed after its swap."""
    found = patient_client().indices.get(index=names.indices, features=["aliases"], allow_no_indices=True)
    return sorted(name for name, index in found.items() if not index.get("aliases"))


def _drop_after(grace_s: float, indices: list[str]) -> None:
    if indices:
        time.sleep(grace_s)
        with answering():
            _drop(indices)


def _drop(indices: list[str]) -> None:
    for index in indices:
        patient_client().indices.delete(index=index, ignore_unavailable=True)
