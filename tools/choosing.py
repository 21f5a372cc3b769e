"""Which product is meant: by id, by its place in the list last shown, or the one being looked at."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from catalog.products.selectors import ProductView, product_views
from tools.context import ToolContext
from tools.tool import Arguments, Refusal

ID_MAX = 2**53


def _bare(value: object) -> object:
    """Take the number out of "[12]", "#12" or "id=12": models like to wrap ids."""
    if isinstance(value, str) and (found := re.fullmatch(r"\D{0,12}(\d{1,16})\D?", value.strip())):
        return int(found.group(1))
    return value


RowId = Annotated[int, Field(ge=1, le=ID_MAX), BeforeValidator(_bare)]


class ChosenProduct(Arguments):
    """Arguments of an act on one product."""

    product_id: RowId | None = Field(default=None, description="Id of the product, from an earlier tool result.")
    ordinal: int | None = Field(
        default=None, ge=1, le=20, description='Place in the list last shown: 2 for "the second one".'
    )


def shown_at(ctx: ToolContext, ordinal: int) -> int:
    """Return the id of the product at `ordinal` in the list last shown.

    Raises: Refusal when the list is shorter.
    """
    shown = ctx.shown_product_ids
    if ordinal <= len(shown):
        return shown[ordinal - 1]
    if not shown:
        raise Refusal("no_list", "No products were shown yet. Ask which product is meant, or search for it.")
    raise Refusal("no_such_place", f"Only {len(shown)} products were shown. Use an ordinal from 1 to {len(shown)}.")


def chosen_id(ctx: ToolContext, chosen: ChosenProduct) -> int:
    """Return the id that is meant; with nothing named, the only product shown or the one on screen now.

    Raises: Refusal when that is not clear.
    """
    if chosen.product_id is not None:
        return chosen.product_id
    if chosen.ordinal is not None:
        return shown_at(ctx, chosen.ordinal)
    if len(ctx.shown_product_ids) == 1:
        return ctx.shown_product_ids[0]
    if ctx.watching.product_ids:
        return ctx.watching.product_ids[0]
    raise Refusal("which_product", "It is not clear which product is meant. Ask the shopper which one.")


def product_or_refusal(ctx: ToolContext, product_id: int) -> ProductView:
    """Return an active product of this shop; call inside the shop.

    Raises: Refusal for any other id, another merchant's and a made-up one alike.
    """
    views = product_views(product_ids=[product_id], language=ctx.language, currency=ctx.currency)
    if not views:
        raise Refusal(
            "product_not_found",
            f"product_id {product_id} is not a product of this shop. Use an id from a tool result of this"
            " conversation, or search again.",
        )
    return views[0]
