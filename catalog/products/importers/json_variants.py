"""The variants of a JSON object; without any, the object itself is the one variant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from catalog.products.importers.cells import currency_of, handle_of, price_of, text_of, whole_of
from catalog.products.importers.incoming import IncomingVariant, PriceTag
from catalog.products.importers.issues import BadCell

if TYPE_CHECKING:
    from catalog.products.importers.json_product import JsonReader

_VARIANT_COLUMNS = frozenset({"sku", "price", "prices", "compare_at", "stock", "ean", "barcode"})


def read_variants(reader: JsonReader, own_id: str) -> list[IncomingVariant]:
    """Return the variants; prices and stock beside `variants` are the defaults of all of them."""
    given = reader.record.get("variants")
    if not given:
        return [_variant(reader, reader.record, "", own_id, {})]
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        reader.note("variants", "wrong_type", given, expected='[{"sku": "text", "options": {"Size": "30 ml"}}]')
        return []
    defaults = {key: value for key, value in reader.record.items() if key in _VARIANT_COLUMNS - {"sku"}}
    variants: list[IncomingVariant] = []
    seen: set[tuple[str, ...]] = set()
    for place, item in enumerate(given):
        prefix = f"variants[{place}]."
        options = _options(reader, item, prefix)
        if tuple(options.values()) in seen:
            reader.note(f"{prefix}options", "duplicate_variant", other_row=reader.row)
        seen.add(tuple(options.values()))
        made_up = "-".join([own_id, *(handle_of(value) or value for value in options.values())])
        variants.append(_variant(reader, {**defaults, **item}, prefix, made_up[:120], options))
    return variants


def _options(reader: JsonReader, item: Mapping[str, Any], prefix: str) -> dict[str, str]:
    options = item.get("options") or {}
    if not isinstance(options, dict) or not all(isinstance(value, str | int | float) for value in options.values()):
        reader.note(f"{prefix}options", "wrong_type", options, expected='{"Size": "30 ml"}')
        return {}
    return {name[:80]: str(value).strip()[:200] for name, value in options.items()}


def _variant(
    reader: JsonReader, item: Mapping[str, Any], prefix: str, own_sku: str, options: dict[str, str]
) -> IncomingVariant:
    on_hand, is_tracked = _stock(reader, item, prefix)
    return IncomingVariant(
        row=reader.row,
        sku=reader.read(f"{prefix}sku", item.get("sku"), lambda value: text_of(str(value), 120)) or own_sku,
        sku_field=f"{prefix}sku" if item.get("sku") else "id",
        options=options,
        offers=_offers(reader, item, prefix),
        on_hand=on_hand,
        is_tracked=is_tracked,
        barcode=_barcode(reader, item, prefix),
    )


def _offers(reader: JsonReader, item: Mapping[str, Any], prefix: str) -> dict[str, PriceTag | None]:
    currency = reader.read("currency", reader.record.get("currency"), currency_of) or reader.currency
    offers: dict[str, PriceTag | None] = {}
    if "price" in item:
        offers[currency] = _tag(reader, item["price"], currency, f"{prefix}price")
    prices = item.get("prices")
    if prices is not None and not isinstance(prices, dict):
        reader.note(f"{prefix}prices", "wrong_type", prices, expected='{"TWD": 980}')
        prices = None
    for name, value in (prices or {}).items():
        code = reader.read(f"{prefix}prices.{name}", name, currency_of)
        if code:
            offers[code] = _tag(reader, value, code, f"{prefix}prices.{name}")
    return _with_former_prices(reader, item.get("compare_at"), currency, f"{prefix}compare_at", offers)


def _tag(reader: JsonReader, value: Any, currency: str, field: str) -> PriceTag | None:
    read = reader.read(field, value, lambda given: price_of(given, currency))
    if read is None:
        return None
    if read[1]:
        reader.note(field, "rounded", value)
    return read[0], None


def _with_former_prices(
    reader: JsonReader, given: Any, currency: str, field: str, offers: dict[str, PriceTag | None]
) -> dict[str, PriceTag | None]:
    """Add what the prices were: a number in the product's currency, or {currency: number}."""
    if given is None:
        return offers
    by_currency = given if isinstance(given, dict) else {currency: given}
    result = dict(offers)
    for name, value in by_currency.items():
        code = reader.read(f"{field}.{name}", name, currency_of)
        was = _tag(reader, value, code, field) if code else None
        price = result.get(code) if code else None
        if code and was and price and was[0] > price[0]:
            result[code] = (price[0], was[0])
    return result


def _stock(reader: JsonReader, item: Mapping[str, Any], prefix: str) -> tuple[int | None, bool | None]:
    """Return (units, counted). No number = the stock is not counted; no column = nothing is said."""
    if "stock" not in item:
        return None, None
    on_hand = reader.read(f"{prefix}stock", item["stock"], whole_of)
    if on_hand is None:
        return 0, False
    if on_hand < 0:
        reader.note(f"{prefix}stock", "negative_stock", on_hand)
    return max(0, on_hand), True


def _barcode(reader: JsonReader, item: Mapping[str, Any], prefix: str) -> str | None:
    field = "barcode" if "barcode" in item else "ean"
    if field not in item:
        return None
    value = item[field]
    if isinstance(value, list):
        if len(value) > 1:
            reader.note(f"{prefix}{field}", "first_kept")
        value = value[0] if value else ""

    def read(code: Any) -> str:
        if isinstance(code, bool) or not isinstance(code, str | int):
            raise BadCell("wrong_type", expected='"4710000000000"')
        return text_of(str(code), 40)

    return reader.read(f"{prefix}{field}", value, read) or ""
