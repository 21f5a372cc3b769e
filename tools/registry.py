"""Every tool by name, and which ones a persona may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.cart import add_to_cart, change_cart, show_cart
from tools.checkout import start_checkout
from tools.compare_products import compare_products
from tools.compatibility import check_compatibility
from tools.content import find_content
from tools.handoff import talk_to_person
from tools.knowledge import answer_from_knowledge
from tools.orders import order_status
from tools.product_details import product_details
from tools.recommend_products import recommend_products
from tools.recommend_routine import recommend_routine
from tools.search_products import search_products
from tools.tool import Tool

__all__ = ["TOOLS", "Tool", "tools_for"]

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        search_products,
        recommend_products,
        recommend_routine,
        find_content,
        product_details,
        compare_products,
        check_compatibility,
        answer_from_knowledge,
        show_cart,
        add_to_cart,
        change_cart,
        start_checkout,
        order_status,
        talk_to_person,
    )
}


def tools_for(names: Sequence[str] = ()) -> list[Tool]:
    """Return the tools a persona names, in the registry's order; none named = all.

    A name that is not a tool is left out: publishing refuses it, and an old version must not break a conversation.
    """
    allowed = set(names) or set(TOOLS)
    return [tool for name, tool in TOOLS.items() if name in allowed]
