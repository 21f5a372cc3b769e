"""The side bar: by task, with what waits, and only what the role may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.accounts.models import Merchant
from catalog.accounts.tenancy import is_platform_staff, memberships_of, merchants_of, role_allows
from catalog.orders.models import Order, OrderState
from catalog.products.models import ContentItem, Product
from conversations.chat.models import Conversation, Owner


def shop_name(request: HttpRequest) -> str:
    """Return what stands above the side bar: the shop, or the product's name for platform staff."""
    merchant = current_merchant(request)
    return merchant.name if merchant else _("Shop assistant")


def role_name(request: HttpRequest) -> str:
    """Return the user's role in that shop."""
    if is_platform_staff(request.user):
        return _("Platform")
    merchant = current_merchant(request)
    roles = [row for row in memberships_of(request.user) if merchant and row.merchant_id == merchant.pk]
    return str(roles[0].get_role_display()) if roles else ""


def current_merchant(request: HttpRequest) -> Merchant | None:
    """Return the shop a page is about: `?shop=slug` when it is one of the user's, else his first; None for none."""
    merchants: list[Merchant] | None = getattr(request, "_staff_merchants", None)
    if merchants is None:
        merchants = merchants_of(request.user) if request.user.is_authenticated else []
        request._staff_merchants = merchants  # type: ignore[attr-defined]  # asked several times a page
    wanted = request.GET.get("shop", "")
    return next((row for row in merchants if row.slug == wanted), merchants[0] if merchants else None)


def side_bar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the side bar."""
    counts = _counts(request)
    return [
        {"items": [_item(_("Home"), "home", "index", True)]},
        _group(
            request,
            _("Shop"),
            "shop",
            [
                ("Products", _("Products"), "sell", "products_product_changelist"),
                ("Import", _("Import"), "upload", "products_importrun_changelist"),
                ("Promotions", _("Promotions"), "percent", "orders_promotion_changelist"),
                ("LivePrices", _("Live prices"), "timer", "products_liveprice_changelist"),
                ("Floors", _("Lowest prices"), "vertical_align_bottom", "products_pricefloor_changelist"),
                ("Categories", _("Categories"), "account_tree", "products_category_changelist"),
                ("Services", _("Services"), "event", "orders_service_changelist"),
                ("Resources", _("People and rooms"), "groups", "orders_resource_changelist"),
                ("Closed", _("Closed days"), "event_busy", "orders_specialdays_changelist"),
                ("Downloads", _("Downloads"), "download", "orders_digitalfile_changelist"),
            ],
            counts,
            extra=_items(
                request,
                "orders",
                [
                    ("Orders", _("Orders"), "package_2", "orders_order_changelist"),
                    ("Appointments", _("Appointments"), "calendar_month", "orders_appointment_changelist"),
                    ("Requests", _("Returns and exchanges"), "assignment_return", "orders_orderrequest_changelist"),
                    ("Approvals", _("Refunds that wait"), "approval", "orders_refundapproval_changelist"),
                ],
                counts,
            ),
        ),
        _group(
            request,
            _("Double"),
            "double",
            [
                ("Personas", _("Personas"), "person", "personas_persona_changelist"),
                ("Content", _("Content"), "smart_display", "products_contentitem_changelist"),
                ("Knowledge", _("Knowledge"), "description", "personas_knowledgedocument_changelist"),
                ("Shelf", _("Shelf"), "shelves", "products_shelf_changelist"),
            ],
            counts,
        ),
        {
            "title": pgettext("section", "Live"),
            "items": [
                *_items(
                    request,
                    "conversations",
                    [
                        ("Conversations", _("Conversations"), "chat_bubble", "chat_conversation_changelist"),
                        ("ToolLog", _("Log of tool calls"), "receipt_long", "confirmations_toolcalllog_changelist"),
                    ],
                    counts,
                ),
                *_items(
                    request, "live", [("Rooms", _("Live rooms"), "graphic_eq", "live_liveroom_changelist")], counts
                ),
            ],
        },
        _group(
            request,
            _("Search"),
            "shop",
            [
                ("Why", _("Why this order"), "manage_search", "search-explain"),
                ("Rules", _("Pins and boosts"), "keep", "products_searchrule_changelist"),
                ("Synonyms", _("Synonyms"), "sync_alt", "products_synonym_changelist"),
                ("Unmet", _("Not found"), "search_off", "search-demand"),
            ],
            counts,
            extra=_items(
                request,
                "insight",
                [("Searches", _("Log of searches"), "history", "products_searchlog_changelist")],
                counts,
            ),
        ),
        {
            "title": _("Insight"),
            "items": _items(request, "insight", [("Report", _("Funnel report"), "bar_chart", "report")], counts),
        },
        _group(
            request,
            _("Settings"),
            "staff",
            [
                ("Shop", _("Shop details"), "storefront", "accounts_merchant_changelist"),
                ("Delivery", _("Delivery"), "local_shipping", "orders_deliverymethod_changelist"),
                ("Taxes", _("Tax rates"), "request_quote", "orders_taxrate_changelist"),
                ("Staff", _("Staff"), "group", "accounts_membership_changelist"),
                ("Audit", _("Audit log"), "history", "accounts_auditentry_changelist"),
            ],
            counts,
            extra=_items(
                request, "work", [("Outbox", _("Outbox"), "outbox", "outbox_outboxmessage_changelist")], counts
            ),
        ),
    ]


def _group(  # noqa: PLR0917 (one row of the table above)
    request: HttpRequest,
    title: str,
    area: str,
    entries: list[tuple[str, str, str, str]],
    counts: Mapping[str, int],
    extra: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {"title": title, "items": [*_items(request, area, entries, counts), *(extra or [])]}


def _items(
    request: HttpRequest, area: str, entries: list[tuple[str, str, str, str]], counts: Mapping[str, int]
) -> list[dict[str, Any]]:
    allowed = role_allows(request.user, area=area, act="view")
    items = []
    for key, title, icon, name in entries:
        item = _item(title, icon, name, allowed)
        if counts.get(key):
            item["badge"] = counts[key]
        items.append(item)
    return items


def _item(title: str, icon: str, name: str, allowed: bool) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{name}"), "permission": lambda _request: allowed}


def _counts(request: HttpRequest) -> dict[str, int]:
    """Count what the side bar shows; one query each, only for those who see it."""

    def seen(area: str) -> bool:
        return role_allows(request.user, area=area, act="view")

    waiting = Conversation.objects.filter(owner=Owner.WAITING)
    due = Order.objects.filter(state=OrderState.PAID)
    counted: list[tuple[str, str, Any]] = [
        ("Products", "shop", Product.objects.all()),
        ("Orders", "orders", due),
        ("Content", "double", ContentItem.objects.all()),
        ("Conversations", "conversations", waiting),
    ]
    return {key: rows.count() for key, area, rows in counted if seen(area)}
