"""The rows of one handle become one product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from catalog.products.importers.cells import (
    address_of,
    fact_of,
    handle_of,
    language_of,
    price_of,
    text_of,
    whole_of,
    yes_or_no,
)
from catalog.products.importers.html_text import plain_text
from catalog.products.importers.incoming import (
    AttributeValue,
    IncomingImage,
    IncomingProduct,
    IncomingVariant,
    Parsed,
    PriceTag,
)
from catalog.products.importers.issues import BadCell, Issue
from catalog.products.importers.sheet import SheetRow
from catalog.products.importers.shopify_columns import Columns

T = TypeVar("T")
_VARIANT_FIELDS = ("option1_value", "sku", "price", "barcode", "quantity", "compare_at")
_STATUSES = {"active": "active", "draft": "draft", "archived": "archived", "unlisted": "draft"}
_DEFAULT_OPTION = ("title", "default title")


class ShopifyRow:
    """One row by field."""

    def __init__(self, columns: Columns, row: SheetRow) -> None:
        self._columns = columns
        self._cells = row.cells
        self.number = row.number
        self.problem = row.problem
        self.is_blank = row.is_blank
        extra = row.cells[len(columns.names) :]
        if not row.problem and any(cell.strip() for cell in extra):
            self.problem = "extra_cells"

    def text(self, field: str) -> str:
        """Return a field's cell without outer spaces; "" where the file has no such column."""
        place = self._columns.places.get(field)
        return self.at(place) if place is not None else ""

    def at(self, place: int) -> str:
        """Return the cell at a place; rows may be shorter than the header."""
        return self._cells[place].strip() if place < len(self._cells) else ""

    @property
    def has_variant(self) -> bool:
        """Whether the row names a variant; rows that only add a picture do not."""
        return any(self.text(field) for field in _VARIANT_FIELDS)


class _Reader:
    """Reads the cells of one product and notes what is wrong."""

    def __init__(self, rows: Sequence[ShopifyRow], columns: Columns, currency: str) -> None:
        self.rows = rows
        self.columns = columns
        self.currency = currency
        self.issues: list[Issue] = []
        titles = (row.text("title") for row in rows if row.problem != "bad_encoding")
        self.title = next((title for title in titles if title), "")

    def note(self, row: ShopifyRow, field: str, kind: str, **detail: object) -> None:
        """Add an issue about a field."""
        self.issues.append(
            Issue(row.number, self.columns.name(field), kind, row.text(field)[:200], self.title[:200], detail)
        )

    def read(self, row: ShopifyRow, field: str, read: Callable[[str], T]) -> T | None:
        """Read a cell that may be empty; None when it is, or when it cannot be read."""
        text = row.text(field)
        if not text:
            return None
        try:
            return read(text)
        except BadCell as bad:
            self.note(row, field, bad.kind, **bad.detail)
            return None

    def has(self, *fields: str) -> bool:
        """Whether the file has one of these columns."""
        return any(field in self.columns.places for field in fields)


def read_product(
    key: str, rows: Sequence[ShopifyRow], columns: Columns, *, currency: str, guess: Callable[[], str]
) -> Parsed:
    """Return the product that `rows` describe, with every complaint about them."""
    reader = _Reader(rows, columns, currency)
    for row in rows:
        if row.problem:
            detail = {"guess": guess()} if row.problem == "bad_encoding" else {}
            reader.issues.append(Issue(row.number, "", row.problem, product=reader.title[:200], detail=detail))
    rows = [row for row in rows if not row.problem]
    if not rows:
        return Parsed(len(reader.rows), None, reader.issues)
    main = next((row for row in rows if row.text("title")), rows[0])
    if not main.text("title"):
        reader.note(main, "title", "missing_value")
    product = IncomingProduct(
        row=main.number,
        slug=key,
        slug_is_given=bool(main.text("handle")),
        title=reader.read(main, "title", lambda text: text_of(text, 300)) or "",
        descriptions=_description(main),
        brand=reader.read(main, "vendor", lambda text: text_of(text, 120)) or "" if reader.has("vendor") else None,
        category=_category(reader, main),
        status=_status(reader, main),
        tags=[tag.strip() for tag in main.text("tags").split(",") if tag.strip()] if reader.has("tags") else None,
        attributes=_attributes(reader, main),
        variants=_variants(reader, key, rows),
        images=_images(reader, rows),
        handle_field=columns.name("handle"),
    )
    return Parsed(len(reader.rows), product, reader.issues)


def _description(row: ShopifyRow) -> dict[str, str] | None:
    text = plain_text(row.text("body"))
    return {language_of(text): text} if text else None


def _category(reader: _Reader, row: ShopifyRow) -> tuple[str, ...] | None:
    """The standard category's path; the merchant's own type where that is empty."""
    if not reader.has("category", "type"):
        return None
    text = row.text("category") or row.text("type")
    return tuple(part.strip()[:120] for part in text.split(">") if handle_of(part))


def _status(reader: _Reader, row: ShopifyRow) -> str | None:
    """What shoppers may see. A product that is not published is a draft, whatever its status says."""
    if not reader.has("status", "published"):
        return None
    status = row.text("status").lower() or "active"
    if status not in _STATUSES:
        reader.note(row, "status", "unknown_status")
        return None
    published = reader.read(row, "published", yes_or_no)
    return "draft" if published is False and status == "active" else _STATUSES[status]


def _attributes(reader: _Reader, row: ShopifyRow) -> dict[str, AttributeValue | None] | None:
    facts: dict[str, AttributeValue | None] = {
        name: fact_of(row.at(place)) for place, name in reader.columns.metafields
    }
    # With a standard category beside it the merchant's own type would be lost.
    if reader.has("category") and reader.has("type"):
        facts["product_type"] = (row.text("type") if row.text("category") else "") or None
    return facts or None


def _variants(reader: _Reader, key: str, rows: Sequence[ShopifyRow]) -> list[IncomingVariant] | None:
    if not reader.has(*_VARIANT_FIELDS):
        return None
    names = [next((row.text(f"option{n}_name") for row in rows if row.text(f"option{n}_name")), "") for n in (1, 2, 3)]
    with_variant = [row for row in rows if row.has_variant] or [rows[0]]
    variants: list[IncomingVariant] = []
    seen: dict[tuple[str, ...], int] = {}
    for row in with_variant:
        options = _options(reader, row, names, alone=len(with_variant) == 1)
        values = tuple(options.values())
        if values in seen and len(with_variant) > 1:
            reader.note(row, "option1_value", "duplicate_variant", other_row=seen[values])
        seen.setdefault(values, row.number)
        variants.append(_variant(reader, row, key, options))
    return variants


def _options(reader: _Reader, row: ShopifyRow, names: Sequence[str], *, alone: bool) -> dict[str, str]:
    options: dict[str, str] = {}
    for n, name in enumerate(names, start=1):
        field = f"option{n}_value"
        value = row.text(field)
        if name.lower() == _DEFAULT_OPTION[0] and value.lower() in ("", _DEFAULT_OPTION[1]):
            continue
        if value and not name:
            if value.lower() != _DEFAULT_OPTION[1]:
                options[f"Option {n}"] = value
        elif name and not value and not alone:
            others = sorted({other.text(field) for other in reader.rows if other.text(field)})[:8]
            reader.note(row, field, "missing_value", choices=others)
        elif name and value:
            options[name] = value
    return options


def _variant(reader: _Reader, row: ShopifyRow, key: str, options: dict[str, str]) -> IncomingVariant:
    made_up = "-".join([key, *(handle_of(value) or value for value in options.values())])[:120]
    sku = reader.read(row, "sku", lambda text: text_of(text, 120)) or made_up
    on_hand, is_tracked = _stock(reader, row)
    return IncomingVariant(
        row=row.number,
        sku=sku,
        sku_field=reader.columns.name("sku"),
        options=options,
        offers=_offers(reader, row),
        on_hand=on_hand,
        is_tracked=is_tracked,
        barcode=(reader.read(row, "barcode", lambda text: text_of(text.lstrip("'"), 40)) or "")
        if reader.has("barcode")
        else None,
        weight_grams=reader.read(row, "grams", lambda text: max(0, round(float(whole_or_part(text))))),
        requires_shipping=reader.read(row, "ships", yes_or_no),
    )


def whole_or_part(text: str) -> float:
    """Read a weight, which may have decimals. Raises: BadCell(bad_number)."""
    try:
        grams = float(text.replace(",", ""))
    except ValueError:
        raise BadCell("bad_number") from None
    if not 0 <= grams < 1e9:
        raise BadCell("bad_number")
    return grams


def _offers(reader: _Reader, row: ShopifyRow) -> dict[str, PriceTag | None]:
    if not reader.has("price"):
        return {}
    price = _price(reader, row, "price")
    if price is None:
        return {reader.currency: None}
    was = _price(reader, row, "compare_at")
    # Not above the price, it is no former price: Shopify's editor fills it in with the same number or zero.
    return {reader.currency: (price, was if was is not None and was > price else None)}


def _price(reader: _Reader, row: ShopifyRow, field: str) -> int | None:
    read = reader.read(row, field, lambda text: price_of(text, reader.currency))
    if read is None:
        return None
    if read[1]:
        reader.note(row, field, "rounded")
    return read[0]


def _stock(reader: _Reader, row: ShopifyRow) -> tuple[int | None, bool | None]:
    """Return (units on hand, whether they are counted). No tracker, or selling on when sold out = not counted."""
    if not reader.has("quantity", "tracker", "policy"):
        return None, None
    on_hand = reader.read(row, "quantity", whole_of)
    if on_hand is not None and on_hand < 0:
        reader.note(row, "quantity", "negative_stock")
        on_hand = 0
    sells_on = row.text("policy").lower() in ("continue", "true", "yes")
    tracked = bool(row.text("tracker")) if reader.has("tracker") else on_hand is not None
    return on_hand or 0, tracked and not sells_on


def _images(reader: _Reader, rows: Sequence[ShopifyRow]) -> list[IncomingImage] | None:
    if not reader.has("image", "variant_image"):
        return None
    found: list[tuple[float, IncomingImage]] = []
    seen: dict[str, int] = {}
    for row in rows:
        url = reader.read(row, "image", lambda text: address_of(text, local=True))
        if url and url not in seen:
            position = row.text("image_position")
            alt = row.text("image_alt")[:500]
            seen[url] = len(found)
            found.append(
                (
                    float(position) if position.isdecimal() and position.isascii() else float("inf"),
                    IncomingImage(url, {language_of(alt): alt} if alt else {}),
                )
            )
    found.sort(key=lambda pair: pair[0])
    return _with_variant_images(reader, rows, [image for _position, image in found])


def _with_variant_images(
    reader: _Reader, rows: Sequence[ShopifyRow], images: list[IncomingImage]
) -> list[IncomingImage]:
    places = {image.url: place for place, image in enumerate(images)}
    for row in rows:
        url = reader.read(row, "variant_image", lambda text: address_of(text, local=True))
        sku = row.text("sku")
        if not url:
            continue
        if url not in places:
            places[url] = len(images)
            images.append(IncomingImage(url, sku=sku))
        elif sku and not images[places[url]].sku:
            images[places[url]] = IncomingImage(url, images[places[url]].alt_texts, sku)
    return images
