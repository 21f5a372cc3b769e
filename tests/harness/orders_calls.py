"""One call of the replay set, made as the agent makes it: propose, confirm, execute; its code is read from the log."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.harness.orders_store import CURRENCY, Store

if TYPE_CHECKING:
    from conversations.chat.models import Conversation
    from tools.context import ToolContext
    from tools.results import ToolResult

Call = Mapping[str, Any]
OK = ""
_ORDER = {"order": "order_number"}
# Operation of the set -> (tool, names of arguments that the tool calls otherwise).
TOOL_OF: dict[str, tuple[str, dict[str, str]]] = {
    "order.cancel": ("cancel_order", _ORDER),
    "order.set_address": ("change_address", _ORDER),
    "order.set_payment": ("change_payment_method", _ORDER),
    "order.modify_items": ("change_items", _ORDER),
    "order.return_items": ("return_items", _ORDER),
    "order.exchange_items": ("exchange_items", _ORDER),
    "order.get": ("order_details", _ORDER),
    "product.get": ("look_up_product", {}),
    "variant.get": ("look_up_variant", {}),
    "product.list": ("list_products", {}),
    "calculate": ("calculate", {}),
    "handoff": ("talk_to_person", {}),
}
_ADDRESS = ("line1", "line2", "city", "state", "country", "postal_code")


@dataclass
class Session:
    """One conversation with the double: of a signed-in customer, or of a browser nobody knows."""

    store: Store
    conversation: Conversation
    said: int = 0
    cards: list[Any] = field(default_factory=list)

    @property
    def ctx(self) -> ToolContext:
        """The context that a turn of this conversation gives to its tools."""
        from conversations.chat.briefs import tool_context

        return tool_context(self.conversation)

    def say(self, text: str) -> None:
        """Let the shopper write a message."""
        from conversations.chat.models import Conversation, Message

        self.said += 1
        Conversation.objects.filter(pk=self.conversation.pk).update(last_sequence=self.said)
        Message.objects.create(
            merchant=self.store.merchant,
            conversation=self.conversation,
            sequence=self.said,
            speaker="shopper",
            text=text,
            language="en",
        )


def open_session(store: Store, customer: str | None, surface: str = "direct") -> Session:
    """Open a conversation for a customer, or for a new guest."""
    from catalog.accounts.models import Shopper
    from conversations.chat.models import Conversation

    shopper_id = store.shoppers[customer] if customer else Shopper.objects.create(merchant=store.merchant).pk
    conversation = Conversation.objects.create(
        merchant=store.merchant, creator=store.creator, shopper_id=shopper_id, surface=surface, currency=CURRENCY
    )
    return Session(store, conversation)


def tool_call(call: Call) -> tuple[str, dict[str, Any]]:
    """Return the tool's name and arguments for a call of the set; an operation without a tool keeps its name."""
    name, renamed = TOOL_OF.get(call["op"], (call["op"], {}))
    return name, {renamed.get(key, key): value for key, value in call["args"].items()}


def make(session: Session, call: Call, *, confirmed: bool, says: bool = True) -> str:
    """Make a call and return its inner code, "" when it was done.

    Args: `says` lets the shopper name the values in a message of his own first: what he asks for is his.
    """
    if call["op"].startswith("customer."):
        return _customer_call(session, call, confirmed=confirmed)
    name, arguments = tool_call(call)
    if says:
        session.say(in_words(call["args"]))
    result = run_tool(session, name, arguments)
    code = last_code(session)
    if code == "not_confirmed" and confirmed and result.cards:
        press(session, result)
        code = last_code(session)
    return OK if code == "ok" else code


def run_tool(session: Session, name: str, arguments: Mapping[str, Any]) -> ToolResult:
    """Call a tool through the dispatcher."""
    from asgiref.sync import async_to_sync

    from tools import dispatch
    from tools.registry import TOOLS

    return async_to_sync(dispatch.call)(ctx=session.ctx, tool=TOOLS[name], arguments=arguments)


def press(session: Session, result: ToolResult) -> Any:
    """Press the button of the card that a proposal showed."""
    from asgiref.sync import async_to_sync

    from tools import dispatch

    (card,) = result.cards
    return async_to_sync(dispatch.execute)(ctx=session.ctx, action_id=card.action_id, accept=True)


def last_code(session: Session) -> str:
    """Return the inner code of the last row of this session's log."""
    from catalog.confirmations.models import ToolCallLog

    row = ToolCallLog.objects.filter(session=session.ctx.session).order_by("-pk").first()
    assert row is not None, "the call is not in the log"
    return row.code


def in_words(arguments: Mapping[str, Any]) -> str:
    """Return the values of a call as a shopper could write them."""
    values = [each for value in arguments.values() for each in (value if isinstance(value, list) else [value])]
    return ", ".join(str(value) for value in values)


def _customer_call(session: Session, call: Call, *, confirmed: bool) -> str:
    """Call the sign-in step's and the staff's services, with the identity of the session."""
    from catalog.accounts.identity import Caller, IdentityError
    from catalog.orders.errors import OrderError

    caller = Caller(session.conversation.shopper_id, is_confirmed=confirmed)
    try:
        _CUSTOMER[call["op"]](session.store, caller, call["args"])
    except (IdentityError, OrderError) as error:
        return error.code
    return OK


def _find_by_email(_store: Store, _caller: Any, args: Mapping[str, Any]) -> None:
    from catalog.orders.desk import customers

    customers.find_by_email(email=args["email"])


def _find_by_name(_store: Store, _caller: Any, args: Mapping[str, Any]) -> None:
    from catalog.orders.desk import customers

    customers.find_by_name_and_postal_code(**args)


def _get(store: Store, caller: Any, args: Mapping[str, Any]) -> None:
    from catalog.orders.desk import customers

    customers.customer_record(caller=caller, customer_id=_id_of(store, args))


def _set_address(store: Store, caller: Any, args: Mapping[str, Any]) -> None:
    from catalog.orders.desk import customers

    fields = {name: args.get(name, "") for name in _ADDRESS}
    customers.set_customer_address(caller=caller, customer_id=_id_of(store, args), fields=fields)


def _id_of(store: Store, args: Mapping[str, Any]) -> uuid.UUID:
    return store.shoppers.get(args["customer"], uuid.UUID(int=0))


_CUSTOMER: dict[str, Callable[[Store, Any, Mapping[str, Any]], None]] = {
    "customer.find_by_email": _find_by_email,
    "customer.find_by_name_zip": _find_by_name,
    "customer.get": _get,
    "customer.set_address": _set_address,
}
