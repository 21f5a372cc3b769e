"""One shop at scale for the tests of this folder."""

from __future__ import annotations

from tests.engines.conftest import shop as shop
