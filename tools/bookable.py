"""Which service is meant: by id, by its place in a list, by its name as it was said, or the only one there is."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.orders.appointment_models import Service
from catalog.products.models import ProductStatus
from catalog.products.selectors import product_views
from catalog.search.analysis import query_terms
from tools.cards import product_cards
from tools.choosing import ChosenProduct, chosen_id
from tools.context import ToolContext
from tools.lines import product_list
from tools.tool import Refusal

SERVICES_MAX = 50  # a shop with more has its services found by search
SHOWN_MAX = 6


def service_meant(ctx: ToolContext, chosen: ChosenProduct, *, name: str = "") -> int:
    """Return the id of the product that is meant; call inside the shop.

    Raises: Refusal with the services to choose from when that is not clear.
    """
    if chosen.product_id is not None or chosen.ordinal is not None:
        return chosen_id(ctx, chosen)
    services = _services()
    if not services:
        raise Refusal("no_services", "This shop has nothing that is booked for a time.")
    named = _named(services, name)
    if len(named) == 1:
        return named[0].product_id
    looked_at = {*ctx.shown_product_ids, *ctx.watching.product_ids} & {service.product_id for service in services}
    if not named and len(looked_at) == 1:
        return looked_at.pop()
    if len(services) == 1:
        return services[0].product_id
    raise _which(ctx, named or services)


def _services() -> list[Service]:
    rows = Service.objects.filter(is_active=True, product__status=ProductStatus.ACTIVE)
    return list(rows.select_related("product")[:SERVICES_MAX])


def _named(services: Sequence[Service], name: str) -> list[Service]:
    """Return the services that share most with what was said, in any of their languages."""
    if not name:
        return []
    scores = {service.pk: max(_shared(title, name) for title in _titles(service)) for service in services}
    best = max(scores.values(), default=0)
    return [service for service in services if best and scores[service.pk] == best]


def _titles(service: Service) -> list[str]:
    return [service.product.title, *map(str, service.product.titles.values())]


def _shared(title: str, said: str) -> int:
    there, heard = query_terms(title), query_terms(said)
    words = {word for word in there.words if len(word) > 2} & set(heard.words)
    return len(words) + len(set(there.pairs) & set(heard.pairs))


def _which(ctx: ToolContext, services: Sequence[Service]) -> Refusal:
    ids = [service.product_id for service in services[:SHOWN_MAX]]
    cards = product_cards(product_views(product_ids=ids, language=ctx.language, currency=ctx.currency), ctx)
    return Refusal("which_service", f"Ask which one:\n{product_list(cards)}", cards)
