"""Every tool by name, and which ones a persona may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.appointment_changes import cancel_appointment, move_appointment, my_appointments
from tools.appointments import choose_slot, free_slots
from tools.cart import add_to_cart, change_cart, show_cart
from tools.cart_choices import apply_code, choose_delivery
from tools.checkout import start_checkout
from tools.compare_products import compare_products
from tools.compatibility import check_compatibility
from tools.content import find_content
from tools.handoff import talk_to_person
from tools.knowledge import answer_from_knowledge
from tools.lookups import calculate, list_products, look_up_product, look_up_variant
from tools.order_forms import ask_address, choose_items, offer_sign_in
from tools.order_reads import find_my_orders, order_details, track_order
from tools.order_writes import (
    cancel_order,
    change_address,
    change_items,
    change_payment_method,
    exchange_items,
    return_items,
)
from tools.orders import order_status
from tools.product_details import product_details
from tools.recommend_products import recommend_products
from tools.recommend_routine import recommend_routine
from tools.search_products import search_products
from tools.similar import bought_together, similar_products
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
        similar_products,
        bought_together,
        check_compatibility,
        answer_from_knowledge,
        show_cart,
        add_to_cart,
        change_cart,
        free_slots,
        choose_slot,
        apply_code,
        choose_delivery,
        start_checkout,
        order_status,
        find_my_orders,
        order_details,
        track_order,
        ask_address,
        choose_items,
        offer_sign_in,
        cancel_order,
        change_address,
        change_payment_method,
        change_items,
        return_items,
        exchange_items,
        my_appointments,
        move_appointment,
        cancel_appointment,
        look_up_product,
        look_up_variant,
        list_products,
        calculate,
        talk_to_person,
    )
}


# A persona that may tell about orders may do all that the desk does; a version written before these had names.
_ORDER_DESK = frozenset(
    [name for name, tool in TOOLS.items() if tool.is_private] + ["look_up_product", "look_up_variant", "calculate"]
)


# A service goes into the cart by its time: who may fill the cart may do that.
_BOOKING = frozenset(["free_slots", "choose_slot"])


def tools_for(names: Sequence[str] = (), *, is_private: bool = True) -> list[Tool]:
    """Return the tools a persona names, in the registry's order; none named = all.

    Args: without `is_private` (a live room, a try-out) there are no tools for a shopper's own orders at all.
    A name that is not a tool is left out: publishing refuses it, and an old version must not break a conversation.
    """
    allowed = set(names) or set(TOOLS)
    if "order_status" in allowed:
        allowed |= _ORDER_DESK
    if "add_to_cart" in allowed:
        allowed |= _BOOKING
    return [tool for name, tool in TOOLS.items() if name in allowed and (is_private or not tool.is_private)]
