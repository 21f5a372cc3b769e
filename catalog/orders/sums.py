"""Plain arithmetic on decimals, without eval: bounded in length, depth and size."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException, localcontext

from catalog.orders.desk.errors import BadExpression

LENGTH_MAX = 200
DEPTH_MAX = 110
_CHARACTERS = frozenset("0123456789.+-*/() ")
_LARGEST = Decimal(10) ** 15
_SIGNS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def worked_out(expression: str) -> str:
    """Return the value with at most two decimals, rounded half up.

    Raises: BadExpression for anything but numbers, + - * / and brackets, and for a result beyond 10^15.
    """
    text = expression.strip()
    if not text or len(text) > LENGTH_MAX or not set(text) <= _CHARACTERS:
        raise BadExpression
    try:
        with localcontext(Context(prec=40)):
            value = _value(ast.parse(text, mode="eval").body, text, 0)
            rounded = value.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    except (SyntaxError, ValueError, DecimalException, RecursionError, MemoryError):
        raise BadExpression from None
    return f"{rounded:f}".rstrip("0").rstrip(".") if "." in f"{rounded:f}" else f"{rounded:f}"


def _value(node: ast.expr, text: str, depth: int) -> Decimal:
    if depth > DEPTH_MAX:
        raise BadExpression
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(ast.get_source_segment(text, node) or "")  # as written: no float in between
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        inner = _value(node.operand, text, depth + 1)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        left, right = _value(node.left, text, depth + 1), _value(node.right, text, depth + 1)
        result = _SIGNS[type(node.op)](left, right)
        if abs(result) > _LARGEST:
            raise BadExpression
        return result
    raise BadExpression
