"""Ids of rows in addresses: no longer than the database can hold, so that a longer one is simply not found."""

from __future__ import annotations

from django.urls import register_converter


class RowId:
    """A path converter, `<row:variant_id>`: digits within 64 bits."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """Return the id."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return its digits."""
        return str(value)


register_converter(RowId, "row")
