"""REST: the cart, the address, the orders of the shopper who asks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import NeedsShopper, ShopView
from catalog.accounts.models import Creator
from catalog.accounts.senders import sender_of
from catalog.languages import normalise_language
from catalog.orders import cart_choices, carts, selectors
from catalog.orders.addresses import Address, save_address
from catalog.orders.errors import AddressInvalid, OrderError
from catalog.orders.models import ShopperAddress
from catalog.orders.serializers import (
    AddressSerializer,
    CartSerializer,
    ChosenDeliverySerializer,
    NewCodeSerializer,
    NewLineSerializer,
    OrderSerializer,
    ProblemSerializer,
    QuantitySerializer,
)

_NOT_FOUND = ("cart_not_found", "line_not_in_cart", "variant_not_found", "order_not_found", "shopper_not_found")
_BAD_FIELD = ("quantity_invalid", "address_invalid", "bad_reason")
PROBLEMS = {400: ProblemSerializer, 404: ProblemSerializer, 409: ProblemSerializer}


def problem(error: OrderError) -> Response:
    """Return the answer to a refused act: 404 for what is not there, 400 for a wrong field, else 409."""
    body: dict[str, Any] = {"code": error.code, "detail": error.message}
    if isinstance(error, AddressInvalid):
        body["fields"] = error.errors
    if error.code in _NOT_FOUND:
        return Response(body, status=status.HTTP_404_NOT_FOUND)
    is_field = error.code in _BAD_FIELD
    return Response(body, status=status.HTTP_400_BAD_REQUEST if is_field else status.HTTP_409_CONFLICT)


class BuyingView(ShopView):
    """A view for a known shopper whose refusals become problem answers."""

    permission_classes = [NeedsShopper]

    def handle_exception(self, exc: Exception) -> Response:
        """Turn an order error into its answer."""
        return problem(exc) if isinstance(exc, OrderError) else super().handle_exception(exc)

    @property
    def language(self) -> str:
        """The language of the answer: the request's."""
        return normalise_language(getattr(self.request, "LANGUAGE_CODE", None) or self.current_shopper.language)

    @property
    def currency(self) -> str:
        """The currency a shopper of this language is quoted."""
        return self.merchant.currency_for(self.language)

    def cart(self) -> dict[str, Any]:
        """Return the shopper's cart as it goes out."""
        view = selectors.cart_view(shopper_id=self.current_shopper.pk, language=self.language, currency=self.currency)
        return dict(CartSerializer(view).data)


class CartView(BuyingView):
    """The open cart."""

    @extend_schema(operation_id="get_cart", responses=CartSerializer)
    def get(self, request: Request) -> Response:
        """Return the cart with today's prices."""
        return Response(self.cart())

    @extend_schema(operation_id="empty_cart", responses=CartSerializer)
    def delete(self, request: Request) -> Response:
        """Take everything out."""
        carts.empty_cart(merchant=self.merchant, shopper_id=self.current_shopper.pk)
        return Response(self.cart())


class CartLinesView(BuyingView):
    """The lines of the cart."""

    @extend_schema(operation_id="add_to_cart", request=NewLineSerializer, responses={201: CartSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Put a variant into the cart."""
        given = NewLineSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        line = given.validated_data
        creator = Creator.objects.filter(slug=line.get("creator", "")).first()
        carts.add_to_cart(
            merchant=self.merchant,
            shopper_id=self.current_shopper.pk,
            variant_id=line["variant"],
            quantity=line["quantity"],
            currency=self.currency,
            creator_id=creator.pk if creator else None,
            source_ref=line["source_ref"],
            link_id=line["link_id"],
            starts_at=line["starts_at"],
        )
        return Response(self.cart(), status=status.HTTP_201_CREATED)


class CartLineView(BuyingView):
    """One line of the cart."""

    @extend_schema(
        operation_id="change_cart_line", request=QuantitySerializer, responses={200: CartSerializer, **PROBLEMS}
    )
    def patch(self, request: Request, variant_id: int) -> Response:
        """Set how many there shall be; 0 removes the line."""
        given = QuantitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        carts.set_quantity(
            merchant=self.merchant,
            shopper_id=self.current_shopper.pk,
            variant_id=variant_id,
            quantity=given.validated_data["quantity"],
        )
        return Response(self.cart())

    @extend_schema(operation_id="remove_cart_line", responses={200: CartSerializer, **PROBLEMS})
    def delete(self, request: Request, variant_id: int) -> Response:
        """Take the line out."""
        carts.remove_line(merchant=self.merchant, shopper_id=self.current_shopper.pk, variant_id=variant_id)
        return Response(self.cart())


class CartCodeView(BuyingView):
    """The promotion codes of the cart."""

    @extend_schema(operation_id="apply_code", request=NewCodeSerializer, responses={200: CartSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Enter a code."""
        given = NewCodeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        cart_choices.apply_code(
            merchant=self.merchant,
            shopper_id=self.current_shopper.pk,
            code=given.validated_data["code"],
            client=sender_of(request),
        )
        return Response(self.cart())

    @extend_schema(operation_id="remove_code", request=NewCodeSerializer, responses={200: CartSerializer, **PROBLEMS})
    def delete(self, request: Request) -> Response:
        """Take a code out."""
        given = NewCodeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        code = given.validated_data["code"]
        cart_choices.remove_code(merchant=self.merchant, shopper_id=self.current_shopper.pk, code=code)
        return Response(self.cart())


class CartDeliveryView(BuyingView):
    """How the cart is delivered."""

    @extend_schema(
        operation_id="choose_delivery", request=ChosenDeliverySerializer, responses={200: CartSerializer, **PROBLEMS}
    )
    def put(self, request: Request) -> Response:
        """Choose a method of those the cart lists."""
        given = ChosenDeliverySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        code = given.validated_data["delivery"]
        cart_choices.choose_delivery(merchant=self.merchant, shopper_id=self.current_shopper.pk, code=code)
        return Response(self.cart())


class AddressView(BuyingView):
    """The shopper's delivery address."""

    @extend_schema(operation_id="get_address", responses={200: AddressSerializer, 204: None})
    def get(self, request: Request) -> Response:
        """Return the address given last, or nothing."""
        row = ShopperAddress.objects.filter(shopper=self.current_shopper).first()
        if row is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(Address.of(row).as_dict())

    @extend_schema(
        operation_id="put_address", request=AddressSerializer, responses={200: AddressSerializer, **PROBLEMS}
    )
    def put(self, request: Request) -> Response:
        """Check and keep an address."""
        fields = request.data if isinstance(request.data, dict) else {}
        texts = {str(name): str(value) for name, value in fields.items() if value is not None}
        row = save_address(merchant=self.merchant, shopper_id=self.current_shopper.pk, fields=texts)
        return Response(Address.of(row).as_dict())


class OrdersView(BuyingView):
    """The shopper's orders."""

    @extend_schema(operation_id="list_orders", responses=OrderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return the newest 50 orders."""
        orders = selectors.orders_of(shopper_id=self.current_shopper.pk)[:50]
        views = [selectors.view_of(order, language=self.language) for order in orders]
        return Response(OrderSerializer(views, many=True).data)


class OrderView(BuyingView):
    """One order of the shopper."""

    @extend_schema(operation_id="get_order", responses={200: OrderSerializer, 404: ProblemSerializer})
    def get(self, request: Request, reference: str) -> Response:
        """Return the order; another shopper's is not found."""
        view = selectors.order_view(
            shopper_id=self.current_shopper.pk, reference=str(reference), language=self.language
        )
        return Response(OrderSerializer(view).data)
