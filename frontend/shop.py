"""What every page of a shop shares: whose shop it is, who looks, in which language and currency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import known_shopper
from catalog.languages import SIMPLIFIED, TRADITIONAL, normalise_language
from catalog.orders.cart_views import units_in_cart
from conversations.personas.selectors import Face, live_persona, persona_face
from frontend import selectors

P = ParamSpec("P")
LANGUAGE_TAGS = {TRADITIONAL: "zh-Hant", SIMPLIFIED: "zh-Hans"}
LANGUAGE_NAMES = (("en", "English"), (TRADITIONAL, "繁體中文"), (SIMPLIFIED, "简体中文"))
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shop:
    """One request to one merchant's shop. `shopper` is None for a stranger: looking creates no row."""

    request: HttpRequest
    merchant: Merchant
    language: str
    currency: str
    shopper: Shopper | None

    @property
    def cart_count(self) -> int:
        """How many units lie in the shopper's cart."""
        if self.shopper is None:
            return 0
        return units_in_cart(shopper_id=self.shopper.pk)

    def face(self, creator: Creator) -> Face:
        """Return how the creator's double introduces itself."""
        return persona_face(live_persona(creator.pk), creator, self.language)

    def page(
        self, template: str, *, status: int = 200, data: dict[str, Any] | None = None, **values: Any
    ) -> HttpResponse:
        """Render `template` with what every page of the shop needs; `data` goes to the page's scripts as JSON."""
        context = {
            **language_context(self.request),
            "merchant": self.merchant,
            "currency": self.currency,
            "cart_count": self.cart_count,
            "creators": selectors.creators(),
            "rooms": selectors.open_rooms(language=self.language),
            "page_data": {**self._script_data(), **(data or {})},
            **values,
        }
        return render(self.request, f"frontend/{template}", context, status=status)

    def _script_data(self) -> dict[str, Any]:
        slug = self.merchant.slug
        return {
            "api": f"/api/v1/shops/{slug}",
            "csrf": get_token(self.request),
            "currency": self.currency,
            "is_known": self.shopper is not None,
            "become_shopper": reverse("pages:become_shopper", args=[slug]),
        }


def language_context(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs on any page: the language, its tag, the menu, the chosen theme."""
    language = current_language()
    theme = request.COOKIES.get("theme", "")
    return {
        "language": language,
        "language_tag": LANGUAGE_TAGS.get(language, "en"),
        "languages": LANGUAGE_NAMES,
        "language_name": dict(LANGUAGE_NAMES)[language],
        "theme": theme if theme in THEMES else "",
    }


def current_language() -> str:
    """The language of this request, as one of ours."""
    return normalise_language(get_language())


def shop_view(
    view: Callable[Concatenate[Shop, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Wrap a page of a shop: an unknown merchant is 404, and every query sees this merchant only."""

    @wraps(view)
    def inner(request: HttpRequest, merchant_slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        merchant = Merchant.objects.filter(slug=merchant_slug).first()
        if merchant is None:
            raise Http404("no such shop")
        with merchant_scope(merchant):
            language = current_language()
            shop = Shop(
                request=request,
                merchant=merchant,
                language=language,
                currency=merchant.currency_for(language),
                shopper=known_shopper(request, merchant),
            )
            return view(shop, *args, **kwargs)

    return inner
