"""A short mark of all that a document holds, so that index and database can be compared without moving texts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from operator import attrgetter
from typing import Any

from catalog.search.ports import ProductDocument

_ENCODER = json.JSONEncoder(sort_keys=True)
_NAMES = [field.name for field in fields(ProductDocument)]
_VALUES = attrgetter(*_NAMES)


def fingerprint(document: ProductDocument) -> str:
    """Return the same 16 characters for the same content, in whatever order its sets came."""
    content: dict[str, Any] = dict(zip(_NAMES, _VALUES(document), strict=True))
    content["skus"] = sorted(document.skus)
    content["creator_ids"] = sorted(document.creator_ids)
    return hashlib.sha256(_ENCODER.encode(content).encode()).hexdigest()[:16]
