"""What a tool is: a name, checked arguments, and an async function whose expected failures become results."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import getdoc
from typing import TypeVar

from django.utils.translation import override
from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.orders.errors import OrderError
from catalog.search.ports import SearchUnavailable
from tools.context import ToolContext
from tools.fence import TEXT_CHARS_MAX, capped
from tools.outages import search_answered, search_failed
from tools.record import note
from tools.results import AnyCard, ToolResult

SEARCH_DOWN = (
    "Product search is down. Nothing was looked up, so do not say that the shop lacks anything. What still works:"
    " the cart, checkout, orders, products already shown, and questions about the creator and the shop."
)
NOT_HERE = "This cannot be done here. Say that carts and orders work in a direct message to the double."


class Arguments(BaseModel):
    """Base of all arguments: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Refusal(Exception):
    """The act cannot be done as asked; `text` tells the model how the shopper can mend it."""

    def __init__(self, code: str, text: str, cards: Sequence[AnyCard] = ()) -> None:
        super().__init__(code)
        self.code, self.text, self.cards = code, text, tuple(cards)


Run = Callable[[ToolContext, Arguments], Awaitable[ToolResult]]
A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Tool:
    """One act of the double. `description` is what the model reads.

    `writes` tools, and `is_private` ones (a shopper's own orders), are refused in live rooms and try-outs.
    """

    name: str
    description: str
    arguments: type[Arguments]
    run: Run
    writes: bool = False
    is_private: bool = False

    async def call(self, ctx: ToolContext, given: Mapping[str, object]) -> ToolResult:
        """Check `given` and run; a bad argument comes back as error "bad_argument" naming the field."""
        try:
            arguments = self.arguments.model_validate(dict(given))
        except ValidationError as error:
            return ToolResult(error="bad_argument", text=argument_text(error))
        return await self.run(ctx, arguments)


def argument_text(error: ValidationError) -> str:
    """Return what is wrong with the arguments, field by field, for the model to mend."""
    lines = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'arguments'}: {problem['msg']}."
        for problem in error.errors(include_url=False, include_input=False)
    ]
    return capped("The arguments do not fit. Mend them and call again. " + " ".join(lines))


def tool(
    arguments: type[A],
    *,
    writes: bool = False,
    is_private: bool = False,
    searches: bool = False,
    text_max: int = TEXT_CHARS_MAX,
) -> Callable[[Callable[[ToolContext, A], Awaitable[ToolResult]]], Tool]:
    """Make a Tool of an async function; its name and docstring are what the model sees.

    `searches` tells that a result proves the search engine to be up; `text_max` is how much the model reads of it.
    """

    def make(function: Callable[[ToolContext, A], Awaitable[ToolResult]]) -> Tool:
        async def run(ctx: ToolContext, given: Arguments) -> ToolResult:
            if not isinstance(given, arguments):
                raise TypeError(f"{function.__name__} takes {arguments.__name__}, not {type(given).__name__}")
            if (writes or is_private) and not ctx.may_write:
                return ToolResult(error="not_here", text=NOT_HERE)
            return await _guarded(ctx, function(ctx, given), searches=searches, text_max=text_max)

        description = " ".join((getdoc(function) or "").split())
        return Tool(
            name=function.__name__,
            description=description,
            arguments=arguments,
            run=run,
            writes=writes,
            is_private=is_private,
        )

    return make


async def _guarded(ctx: ToolContext, act: Awaitable[ToolResult], *, searches: bool, text_max: int) -> ToolResult:
    """Turn the failures a shopper can mend into results; anything else raises."""
    try:
        result = await act
    except Refusal as refusal:
        return ToolResult(error=refusal.code, text=capped(refusal.text), cards=refusal.cards)
    except OrderError as error:
        note(code=error.code)
        with override(ctx.language):
            return ToolResult(error=error.told_code, text=capped(error.message))
    except SearchUnavailable:
        search_failed()
        return ToolResult(error="search_down", text=SEARCH_DOWN)
    if searches:
        search_answered()
    return result.model_copy(update={"text": capped(result.text, text_max)})
