"""The base of every REST view of a shop, and how a shopper gets a token."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import exceptions, serializers, status
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import BadToken, known_shopper, new_shopper, shopper_of_token, shopper_token


def _refuse_forgery(request: Request) -> None:
    """A cookie proves nothing about who made the request: a write needs Django's CSRF token beside it.

    Raises: PermissionDenied.
    """

    def unused(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    check = CSRFCheck(unused)
    check.process_request(request._request)
    reason = check.process_view(request._request, unused, (), {})
    if reason:
        raise exceptions.PermissionDenied(f"CSRF check failed: {reason}")


class NeedsShopper(BasePermission):
    """Allow only a known shopper of this merchant."""

    message = "Send the header `Authorization: Shopper <token>`; POST …/shoppers/ gives a token."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the request names a shopper."""
        return isinstance(view, ShopView) and view.shopper is not None


class ShopView(APIView):
    """A view of one merchant's shop: unknown merchants are 404, queries are scoped, the shopper is known by token.

    `self.merchant` is set; `self.shopper` is None for a stranger; `self.current_shopper` insists.
    """

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes: list[Any] = [AllowAny]
    merchant: Merchant
    shopper: Shopper | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Enter the merchant's scope around the whole request."""
        merchant = Merchant.objects.filter(slug=kwargs.pop("merchant_slug")).first()
        if merchant is None:
            raise Http404("no such shop")
        self.merchant = merchant
        with merchant_scope(merchant):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the shopper before permissions are checked."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "shopper":
            try:
                self.shopper = shopper_of_token(merchant=self.merchant, token=token.strip())
            except BadToken as error:
                raise exceptions.NotAuthenticated(str(error)) from error
        else:
            self.shopper = known_shopper(request._request, self.merchant)
            if self.shopper and request.method not in ("GET", "HEAD", "OPTIONS"):
                _refuse_forgery(request)
        super().initial(request, *args, **kwargs)

    @property
    def current_shopper(self) -> Shopper:
        """The shopper of this request.

        Raises: NotAuthenticated for a stranger.
        """
        if self.shopper is None:
            raise exceptions.NotAuthenticated(NeedsShopper.message)
        return self.shopper


class NewShoppersThrottle(AnonRateThrottle):
    """Tokens are free, in bounds."""

    rate = "60/min"


class ShoppersView(ShopView):
    """Become a shopper."""

    throttle_classes = [NewShoppersThrottle]

    @extend_schema(
        operation_id="create_shopper",
        request=inline_serializer("NewShopper", {"language": serializers.CharField(required=False)}),
        responses={
            201: inline_serializer(
                "ShopperToken", {"shopper": serializers.UUIDField(), "token": serializers.CharField()}
            )
        },
    )
    def post(self, request: Request) -> Response:
        """Create an anonymous shopper and return the token that names it."""
        language = request.data.get("language", "en") if isinstance(request.data, dict) else "en"
        shopper = new_shopper(merchant=self.merchant, language=str(language))
        return Response({"shopper": str(shopper.pk), "token": shopper_token(shopper)}, status=status.HTTP_201_CREATED)
