"""One JSON object becomes one product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from catalog.languages import LANGUAGES
from catalog.products.importers.cells import address_of, handle_of, language_of, text_of
from catalog.products.importers.html_text import plain_text
from catalog.products.importers.incoming import AttributeValue, IncomingImage, IncomingProduct, Parsed
from catalog.products.importers.issues import BadCell, Issue
from catalog.products.importers.json_variants import read_variants
from catalog.products.models import ProductStatus

T = TypeVar("T")
_NAMES = """
id title titles handle description descriptions brand category category_names model tags status price currency prices
compare_at stock sku ean barcode attributes images url released variants
"""
COLUMNS = frozenset(_NAMES.split())


class JsonReader:
    """Reads the values of one object and notes what is wrong."""

    def __init__(self, record: Mapping[str, Any], row: int, currency: str) -> None:
        self.record = record
        self.row = row
        self.currency = currency
        self.issues: list[Issue] = []
        self.title = record["title"] if isinstance(record.get("title"), str) else ""

    def note(self, field: str, kind: str, value: Any = "", **detail: object) -> None:
        """Add an issue about a field."""
        shown = "" if value is None else str(value)[:200]
        self.issues.append(Issue(self.row, field, kind, shown, self.title[:200], detail))

    def read(self, field: str, value: Any, read: Callable[[Any], T]) -> T | None:
        """Read a value that may be missing; None when it is, or when it cannot be read."""
        if value is None or value == "":
            return None
        try:
            return read(value)
        except BadCell as bad:
            self.note(field, bad.kind, value, **bad.detail)
            return None

    def text(self, field: str, limit: int) -> str | None:
        """Return a column's text; None when the object has no such column."""
        if field not in self.record:
            return None
        return self.read(field, self.record[field], lambda value: words(value, limit)) or ""


def words(value: Any, limit: int) -> str:
    """Return a text or a number as text. Raises: BadCell(wrong_type, too_long)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadCell("wrong_type", expected='"text"')
    return text_of(str(value), limit)


def by_language(value: Any, limit: int) -> dict[str, str]:
    """Read {language: text}. Raises: BadCell(wrong_type, too_long, bad_value)."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadCell("wrong_type", expected='{"en": "text"}')
    unknown = [language for language in value if language not in LANGUAGES]
    if unknown:
        raise BadCell("bad_value", expected=", ".join(LANGUAGES))
    return {language: text_of(text, limit) for language, text in value.items()}


def read_json_product(record: Mapping[str, Any], *, row: int, currency: str) -> Parsed:
    """Return the product of one object, with every complaint about it."""
    reader = JsonReader(record, row, currency)
    own_id = reader.text("id", 120) or ""
    title = reader.text("title", 300) or ""
    for field, value in (("id", own_id), ("title", title)):
        if not value and not any(issue.field == field for issue in reader.issues):
            reader.note(field, "missing_value")
    if not own_id:
        return Parsed(1, None, reader.issues)
    handle = handle_of(reader.text("handle", 200) or "")
    product = IncomingProduct(
        row=row,
        slug=handle or handle_of(f"{title[:80]} {own_id}") or f"product-{row}",
        slug_is_given=bool(handle),
        title=title,
        external_id=own_id,
        titles=reader.read("titles", record.get("titles"), lambda value: by_language(value, 300)),
        descriptions=_descriptions(reader),
        brand=reader.text("brand", 120),
        category=_category(reader),
        category_names=_category_names(reader),
        status=_status(reader),
        external_url=_url(reader),
        tags=_tags(reader),
        attributes=_attributes(reader),
        replaces_attributes="attributes" in record,
        model_number=reader.text("model", 300),
        variants=read_variants(reader, own_id),
        images=_images(reader),
    )
    return Parsed(1, product, reader.issues)


def _descriptions(reader: JsonReader) -> dict[str, str] | None:
    texts: dict[str, str] = {}
    if single := plain_text(reader.text("description", 100_000) or ""):
        texts[language_of(single)] = single
    several = reader.read("descriptions", reader.record.get("descriptions"), lambda value: by_language(value, 100_000))
    texts |= {language: plain_text(text) for language, text in (several or {}).items()}
    return texts or None


def _path(value: Any) -> tuple[str, ...]:
    return tuple(part.strip()[:120] for part in words(value, 400).split(">") if handle_of(part))


def _category(reader: JsonReader) -> tuple[str, ...] | None:
    if "category" not in reader.record:
        return None
    return reader.read("category", reader.record["category"], _path) or ()


def _category_names(reader: JsonReader) -> dict[str, tuple[str, ...]]:
    names = reader.read("category_names", reader.record.get("category_names"), lambda value: by_language(value, 400))
    return {language: _path(text) for language, text in (names or {}).items()}


def _status(reader: JsonReader) -> str | None:
    status = (reader.text("status", 40) or "").lower()
    if status and status not in ProductStatus.values:
        reader.note("status", "unknown_status", status)
        return None
    return status or None


def _url(reader: JsonReader) -> str | None:
    if "url" not in reader.record:
        return None
    return reader.read("url", reader.record["url"], lambda value: address_of(words(value, 1000))) or ""


def _tags(reader: JsonReader) -> list[str] | None:
    if "tags" not in reader.record:
        return None
    tags = reader.record["tags"]
    if isinstance(tags, str):
        tags = tags.split(",")
    if tags is not None and (not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags)):
        reader.note("tags", "wrong_type", tags, expected='["text"]')
        return None
    return [tag.strip() for tag in tags or [] if tag.strip()]


def _attributes(reader: JsonReader) -> dict[str, AttributeValue | None] | None:
    facts: dict[str, AttributeValue | None] = {}
    given = reader.record.get("attributes")
    if given is not None and not isinstance(given, dict):
        reader.note("attributes", "wrong_type", given, expected='{"name": "text"}')
        given = None
    for name, value in (given or {}).items():
        facts[name[:80]] = reader.read(f"attributes.{name[:80]}", value, _fact)
    if released := reader.text("released", 40):
        facts["released"] = released
    return facts if facts or "attributes" in reader.record else None


def _fact(value: Any) -> AttributeValue:
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return [str(item) for item in value]
    if isinstance(value, float) and not -1e300 < value < 1e300:  # NaN and Infinity are no JSON for a database
        raise BadCell("bad_number")
    if isinstance(value, str | bool | int | float):
        return value
    raise BadCell("wrong_type", expected='"text", 1, true, ["text"]')


def _images(reader: JsonReader) -> list[IncomingImage] | None:
    if "images" not in reader.record:
        return None
    given = reader.record["images"] or []
    if not isinstance(given, list):
        reader.note("images", "wrong_type", given, expected='["https://…"]')
        return None
    images: dict[str, IncomingImage] = {}
    for place, item in enumerate(given):
        image = reader.read(f"images[{place}]", item, _image)
        if image:
            images.setdefault(image.url, image)
    return list(images.values())


def _image(value: Any) -> IncomingImage:
    if isinstance(value, str):
        return IncomingImage(address_of(value, local=True))
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        raise BadCell("wrong_type", expected='{"url": "https://…", "alt": {"en": "text"}}')
    alt = value.get("alt") or {}
    if isinstance(alt, str):
        alt = {language_of(alt): alt}
    sku = value.get("sku") or ""
    return IncomingImage(address_of(value["url"], local=True), by_language(alt, 500), words(sku, 120) if sku else "")
