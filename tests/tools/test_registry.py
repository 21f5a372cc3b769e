"""Every tool keeps the rules that the model relies on: documented, bounded, closed."""

from __future__ import annotations

from typing import Any

import pytest

from tools.fence import TEXT_CHARS_MAX, capped, fenced
from tools.registry import TOOLS, tools_for
from tools.tool import Tool

ORDER_WRITES = (
    "cancel_order",
    "change_address",
    "change_payment_method",
    "change_items",
    "return_items",
    "exchange_items",
)


APPOINTMENT_WRITES = ("move_appointment", "cancel_appointment")


def test_the_names_are_the_published_ones() -> None:
    assert list(TOOLS) == [
        "search_products",
        "recommend_products",
        "recommend_routine",
        "find_content",
        "product_details",
        "compare_products",
        "similar_products",
        "bought_together",
        "check_compatibility",
        "answer_from_knowledge",
        "show_cart",
        "add_to_cart",
        "change_cart",
        "free_slots",
        "choose_slot",
        "apply_code",
        "choose_delivery",
        "start_checkout",
        "order_status",
        "find_my_orders",
        "order_details",
        "track_order",
        "ask_address",
        "choose_items",
        "offer_sign_in",
        *ORDER_WRITES,
        "my_appointments",
        *APPOINTMENT_WRITES,
        "look_up_product",
        "look_up_variant",
        "list_products",
        "calculate",
        "talk_to_person",
    ]
    assert [name for name, tool in TOOLS.items() if tool.writes] == [
        "add_to_cart",
        "change_cart",
        "choose_slot",
        "apply_code",
        "choose_delivery",
        "start_checkout",
        *ORDER_WRITES,
        *APPOINTMENT_WRITES,
        "talk_to_person",
    ]


def test_where_everyone_reads_there_are_no_tools_for_orders() -> None:
    offered = {tool.name for tool in tools_for(is_private=False)}

    assert set(TOOLS) - offered == {
        "order_status", "find_my_orders", "order_details", "track_order", "ask_address", "choose_items",
        "offer_sign_in", "my_appointments", *ORDER_WRITES, *APPOINTMENT_WRITES,
    }  # fmt: skip


def test_no_tool_is_for_customers_records_or_takes_a_customer() -> None:
    assert not [name for name in TOOLS if "customer" in name or "user" in name]
    for tool in TOOLS.values():
        named = set(tool.arguments.model_json_schema()["properties"])
        assert not named & {"customer", "customer_id", "email", "user", "user_id", "first_name", "last_name"}


def test_a_persona_that_tells_about_orders_may_use_the_whole_desk() -> None:
    assert {"order_details", "look_up_variant", *ORDER_WRITES} <= {tool.name for tool in tools_for(["order_status"])}
    assert not {"order_details", *ORDER_WRITES} & {tool.name for tool in tools_for(["show_cart"])}


def test_a_persona_gets_the_tools_it_names_and_all_when_it_names_none() -> None:
    assert [tool.name for tool in tools_for(["show_cart", "search_products", "no_such"])] == [
        "search_products",
        "show_cart",
    ]
    assert [tool.name for tool in tools_for([])] == list(TOOLS)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_every_field_is_described_and_bounded_and_nothing_else_is_taken(tool: Tool) -> None:
    schema = tool.arguments.model_json_schema()

    assert schema["additionalProperties"] is False
    assert 40 < len(tool.description) < 600
    for name, field in schema["properties"].items():
        assert field["description"], name
        assert _is_bounded(field), f"{tool.name}.{name} has no bound"
    forbidden = {"merchant", "shopper", "creator", "session", "price", "conversation", "currency"}
    assert not {name.removesuffix("_id") for name in schema["properties"]} & forbidden


def _is_bounded(field: dict[str, Any]) -> bool:
    """Say whether a field of a JSON schema ends somewhere: text, lists and numbers alike."""
    if "anyOf" in field:
        return all(_is_bounded(each) for each in field["anyOf"])
    if "enum" in field or "const" in field or field["type"] in ("boolean", "null"):
        return True
    if field["type"] == "array":
        return field["maxItems"] <= 20 and _is_bounded(field["items"])
    if field["type"] == "string":
        return bool(field["maxLength"] <= 1_000)
    return "minimum" in field and "maximum" in field


def test_text_is_capped_and_its_fence_closed() -> None:
    listed = fenced([f"line {number} " + "x" * 90 for number in range(40)])
    cut = capped("<data>" + "y" * 3_000)

    assert len(listed) <= TEXT_CHARS_MAX
    assert listed.endswith("more not shown)\n</data>")
    assert len(cut) <= TEXT_CHARS_MAX
    assert cut.endswith("…\n</data>")
