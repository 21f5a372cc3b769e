"""How a tool enters the shop: on a database thread, in the merchant's scope, in the shopper's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from django.utils.translation import override

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.database_threads import in_db
from tools.context import ToolContext

P = ParamSpec("P")
R = TypeVar("R")


async def in_shop(
    ctx: ToolContext, act: Callable[Concatenate[Merchant, ToolContext, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run the blocking `act(merchant, ctx, …)` for the merchant of `ctx`, whatever scope the caller is in."""

    def run() -> R:
        merchant = Merchant.objects.get(pk=ctx.merchant_id)
        with merchant_scope(merchant), override(ctx.language):
            return act(merchant, ctx, *args, **kwargs)

    return await in_db(run)
