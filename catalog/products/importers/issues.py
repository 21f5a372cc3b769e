"""What can be wrong with a row: a fixed vocabulary of kinds, and what each says to the merchant."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# {kind: (what is wrong, what to do)}; the placeholders are filled from an issue's value and detail.
ERRORS: Mapping[str, tuple[str, str]] = {
    "missing_column": (
        gettext_noop("The column %(field)s is missing."),
        gettext_noop("Add it to the first row of the file."),
    ),
    "missing_value": (gettext_noop("%(field)s is empty."), gettext_noop("Fill it in.")),
    "bad_number": (gettext_noop("This is not a number."), gettext_noop("Write it plainly, such as 1299.90.")),
    "negative_price": (gettext_noop("A price cannot be below zero."), gettext_noop("Write zero or more.")),
    "absurd_price": (
        gettext_noop("No price is that high."),
        gettext_noop("The largest price accepted is %(limit)s."),
    ),
    "duplicate_sku": (
        gettext_noop("Row %(other_row)s has this SKU already."),
        gettext_noop("Each variant needs its own."),
    ),
    "sku_taken": (
        gettext_noop("Another product of the shop, %(other)s, has this SKU."),
        gettext_noop("Each variant needs its own."),
    ),
    "duplicate_variant": (
        gettext_noop("Row %(other_row)s has the same options already."),
        gettext_noop("Each variant needs its own option values."),
    ),
    "duplicate_product": (
        gettext_noop("Row %(other_row)s has this product already."),
        gettext_noop("Write each product once."),
    ),
    "handle_taken": (
        gettext_noop("Another product of the shop, %(other)s, has this handle."),
        gettext_noop("Choose another handle."),
    ),
    "bad_encoding": (
        gettext_noop("The text is not UTF-8. It looks like %(guess)s."),
        gettext_noop("Save the file again as UTF-8 (in Excel: CSV UTF-8)."),
    ),
    "broken_quoting": (
        gettext_noop("The quotation marks of this row do not match, or a cell is longer than 131,072 characters."),
        gettext_noop('Put quotation marks around the whole cell and write " inside it twice.'),
    ),
    "extra_cells": (
        gettext_noop("This row has more cells than the first row."),
        gettext_noop("Put quotation marks around a cell that holds a comma."),
    ),
    "bad_json": (gettext_noop("This line is not a JSON object."), gettext_noop("Write one object on each line.")),
    "wrong_type": (gettext_noop("%(field)s has the wrong form."), gettext_noop("Expected: %(expected)s.")),
    "bad_value": (gettext_noop("This value is not known here."), gettext_noop("Expected: %(expected)s.")),
    "too_long": (gettext_noop("This is too long."), gettext_noop("At most %(limit)s characters fit.")),
    "unknown_status": (gettext_noop("This status is not known."), gettext_noop("Write active, draft or archived.")),
    "currency_unknown": (
        gettext_noop("This currency is not known."),
        gettext_noop("Write three capital letters, such as TWD."),
    ),
    "bad_url": (
        gettext_noop("This is not a web address."),
        gettext_noop("It starts with https:// and has no spaces."),
    ),
    "unknown_format": (
        gettext_noop("This file is neither a Shopify CSV nor JSON Lines."),
        gettext_noop("Export the products from Shopify, or write one JSON object on each line."),
    ),
    "empty_file": (gettext_noop("The file holds no products."), gettext_noop("Choose another file.")),
    "file_too_large": (
        gettext_noop("The file is too large."),
        gettext_noop("At most %(limit)s MB; split it in two."),
    ),
    "broken_file": (gettext_noop("The file is damaged and cannot be unpacked."), gettext_noop("Pack it again.")),
    "conflict": (
        gettext_noop("A product was changed by someone else during the import, so all of it was taken back."),
        gettext_noop("Start the import again."),
    ),
    "taken_over": (
        gettext_noop("The import was silent for so long that it was given up; what it wrote so far stays."),
        gettext_noop("Take it back, or go on with the same file."),
    ),
}
WARNINGS: Mapping[str, tuple[str, str]] = {
    "unknown_column": (gettext_noop("The column %(field)s is not known."), gettext_noop("It was left out.")),
    "negative_stock": (gettext_noop("Less than nothing in stock."), gettext_noop("Zero was taken.")),
    "stock_below_reserved": (
        gettext_noop("Fewer than the %(reserved)s units that open orders hold."),
        gettext_noop("The units held were kept."),
    ),
    "variant_kept": (
        gettext_noop("The variant %(sku)s is not in the file, but open orders hold units of it."),
        gettext_noop("It was kept."),
    ),
    "rounded": (gettext_noop("The currency has fewer decimals."), gettext_noop("The price was rounded.")),
    "first_kept": (gettext_noop("There are several values here."), gettext_noop("The first one was taken.")),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Issue:
    """One complaint about one cell. Rows count as a spreadsheet shows them: the header is row 1.

    A cell with line breaks inside is one row there, and so it is here. In JSON Lines a row is a line.
    """

    row: int
    field: str  # the column as the file names it; "" when the whole row or file is meant
    kind: str
    value: str = ""  # what stands in the file
    product: str = ""  # the title, where it is known
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """Errors keep a product out; warnings do not."""
        return self.kind in ERRORS

    @property
    def what(self) -> str:
        """What is wrong, in the reader's language."""
        return self._filled(0)

    @property
    def remedy(self) -> str:
        """What to do about it, in the reader's language."""
        others = self.detail.get("choices")
        if others:
            return _("Other rows say %(values)s.") % {"values": ", ".join(others)}
        return self._filled(1)

    def _filled(self, part: int) -> str:
        texts = ERRORS.get(self.kind) or WARNINGS[self.kind]
        words = {"field": self.field, "value": self.value, "guess": _("another encoding"), **self.detail}
        return _(texts[part]) % words

    def as_json(self) -> dict[str, Any]:
        """Return the issue as it is stored with an import."""
        return {**dataclasses.asdict(self), "detail": dict(self.detail)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Issue:
        """Return a stored issue."""
        return cls(**data)


class BadCell(Exception):
    """A cell that cannot be read; the reader adds row and column."""

    def __init__(self, kind: str, **detail: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail


class FileRefused(Exception):
    """The file as a whole cannot be read on."""

    def __init__(self, kind: str, **detail: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
