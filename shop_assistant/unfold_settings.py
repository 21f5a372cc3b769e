"""How the admin looks: colours of the design, the side bar by task. Read by settings, understood by django-unfold."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

_BASE = {
    "50": "#F5F7F5",
    "100": "#EDF1EE",
    "200": "#DCE2DE",
    "300": "#C3CCC7",
    "400": "#7F8A84",
    "500": "#5E6A64",
    "600": "#47534D",
    "700": "#2C3631",
    "800": "#1E2622",
    "900": "#161C19",
    "950": "#0E1311",
}
_PRIMARY = {
    "50": "#F1F8F5",
    "100": "#E4F0EB",
    "200": "#C5E0D6",
    "300": "#9BDCC8",
    "400": "#8FD6C1",
    "500": "#72C6AD",
    "600": "#1C6454",
    "700": "#144C40",
    "800": "#123F36",
    "900": "#18322A",
    "950": "#05231A",
}


def _stylesheet(request: object) -> str:  # noqa: ARG001 (unfold hands the request in)
    return static("shop_assistant/admin.css")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Shop assistant"),
    "SITE_HEADER": "shop_assistant.admin_navigation.shop_name",
    "SITE_SUBHEADER": "shop_assistant.admin_navigation.role_name",
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "9px",
    "COLORS": {
        "base": _BASE,
        "primary": _PRIMARY,
        "font": {
            "subtle-light": "#5E6A64",
            "subtle-dark": "#96A39C",
            "default-light": "#47534D",
            "default-dark": "#B9C4BE",
            "important-light": "#16201B",
            "important-dark": "#EDF2EF",
        },
    },
    "STYLES": [_stylesheet],
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "shop_assistant.admin_navigation.side_bar"},
    "COMMAND": {"search_models": ["products.product", "orders.order", "products.contentitem"]},
    "LANGUAGES": {"action": "/language/"},
}
