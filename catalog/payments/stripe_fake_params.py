"""Reads a Stripe form body and refuses what Stripe would refuse: unknown names, wrong types."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

Params = dict[str, Any]

TEXT, WHOLE, TEXT_BY_NAME = "text", "whole", "text by name"
_METADATA = TEXT_BY_NAME
# The parameters our code may send, by Stripe's names; a list holds the shape of its entries.
SESSION_CREATE: Params = {
    "mode": TEXT,
    "client_reference_id": TEXT,
    "customer_email": TEXT,
    "success_url": TEXT,
    "cancel_url": TEXT,
    "expires_at": WHOLE,
    "locale": TEXT,
    "metadata": _METADATA,
    "payment_intent_data": {"description": TEXT, "metadata": _METADATA},
    "customer_creation": TEXT,
    "saved_payment_method_options": {"payment_method_save": TEXT},
    "expand": [TEXT],
    "line_items": [
        {
            "quantity": WHOLE,
            "price_data": {
                "currency": TEXT,
                "unit_amount": WHOLE,
                "product_data": {"name": TEXT, "description": TEXT},
            },
        }
    ],
}
INTENT_CREATE: Params = {
    "amount": WHOLE,
    "currency": TEXT,
    "customer": TEXT,
    "payment_method": TEXT,
    "payment_method_types": [TEXT],
    "off_session": TEXT,
    "confirm": TEXT,
    "description": TEXT,
    "metadata": _METADATA,
}
REFUND_CREATE: Params = {"payment_intent": TEXT, "amount": WHOLE, "reason": TEXT, "metadata": _METADATA}
REFUND_LIST: Params = {"payment_intent": TEXT, "limit": WHOLE, "starting_after": TEXT, "ending_before": TEXT}
EVENT_LIST: Params = {
    "created": {"gt": WHOLE, "gte": WHOLE, "lt": WHOLE, "lte": WHOLE},
    "delivery_success": TEXT,
    "ending_before": TEXT,
    "limit": WHOLE,
    "starting_after": TEXT,
    "type": TEXT,
    "types": [TEXT],
}
EXPAND_ONLY: Params = {"expand": [TEXT]}
PAGE: Params = {"limit": WHOLE, "starting_after": TEXT, "ending_before": TEXT, "expand": [TEXT]}


class FakeError(Exception):
    """An error as Stripe words it."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str = "", kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        error = {"type": kind, "code": code, "message": message, "param": param}
        self.body = {"error": {name: value for name, value in error.items() if value}}


def read_params(encoded: str, shape: Params) -> Params:
    """Return the nested parameters of a form body.

    Raises: FakeError 400 naming a parameter that `shape` does not know, or whose value has the wrong type.
    """
    tree: Params = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        path = re.findall(r"[^\[\]]+", name)
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return {name: _read(value, shape.get(name), name) for name, value in tree.items()}


def _read(value: Any, shape: Any, path: str) -> Any:
    if shape is None:
        raise FakeError(400, "parameter_unknown", f"Received unknown parameter: {path}", param=path)
    if isinstance(shape, list):
        _expect(isinstance(value, dict), "array", path)
        return [_read(value[key], shape[0], f"{path}[{key}]") for key in sorted(value, key=int)]
    if isinstance(shape, dict):
        _expect(isinstance(value, dict), "object", path)
        return {name: _read(part, shape.get(name), f"{path}[{name}]") for name, part in value.items()}
    if shape is TEXT_BY_NAME:
        _expect(isinstance(value, dict), "object", path)
        return value
    _expect(isinstance(value, str), "string", path)
    if shape is WHOLE:
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise FakeError(400, "parameter_invalid_integer", f"Invalid integer: {value}", param=path)
        return int(value)
    return value


def _expect(holds: bool, kind: str, path: str) -> None:
    if not holds:
        raise FakeError(400, "parameter_invalid_" + kind, f"Invalid {kind}", param=path)
