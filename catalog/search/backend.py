"""The search engine in use."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from catalog.search.observed import ObservedSearch
from catalog.search.ports import SearchBackend


@lru_cache(maxsize=4)
def _load(name: str) -> SearchBackend:
    return cast(SearchBackend, ObservedSearch(import_string(name)()))


def backend() -> SearchBackend:
    """Return the engine that `settings.SEARCH_BACKEND` names; one object a process."""
    return _load(settings.SEARCH_BACKEND)
