"""REST: check out the cart, cancel an order."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.orders import selectors
from catalog.orders.api import PROBLEMS, BuyingView
from catalog.orders.models import Order
from catalog.orders.serializers import OrderSerializer, ProblemSerializer
from catalog.orders.services import place_order
from catalog.payments.errors import GatewayUnavailable, PaymentError
from catalog.payments.services import cancel_order, start_checkout


class CheckoutSerializer(serializers.Serializer[Any]):
    """The cart as the shopper saw it."""

    cart = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1)


class CheckoutAnswerSerializer(serializers.Serializer[Any]):
    """The order, and where to pay it."""

    order = OrderSerializer()
    pay_url = serializers.URLField()
    expires_at = serializers.DateTimeField()


class CancelSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=80)


class PayingView(BuyingView):
    """A view whose payment failures become problem answers too."""

    def handle_exception(self, exc: Exception) -> Response:
        """Turn a payment error into its answer: 503 while the provider is away (send it again), 409 for its refusal."""
        if isinstance(exc, PaymentError):
            away = isinstance(exc, GatewayUnavailable)
            code = status.HTTP_503_SERVICE_UNAVAILABLE if away else status.HTTP_409_CONFLICT
            return Response({"code": exc.code, "detail": exc.message}, status=code)
        return super().handle_exception(exc)

    def pay_page(self, order: Order) -> Response:
        """Answer with the order and its pay page."""
        payment = start_checkout(order_id=order.pk)
        view = selectors.view_of(order, language=self.language)
        answer = {"order": view, "pay_url": payment.url, "expires_at": payment.expires_at}
        return Response(CheckoutAnswerSerializer(answer).data, status=status.HTTP_201_CREATED)


class CheckoutView(PayingView):
    """From the cart to the pay page."""

    @extend_schema(
        operation_id="checkout",
        request=CheckoutSerializer,
        responses={201: CheckoutAnswerSerializer, **PROBLEMS, 503: ProblemSerializer},
    )
    def post(self, request: Request) -> Response:
        """Place the order of this cart at this version and open its pay page; repeated, it answers with the same."""
        given = CheckoutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        order = place_order(
            merchant=self.merchant,
            shopper_id=self.current_shopper.pk,
            cart_id=given.validated_data["cart"],
            cart_version=given.validated_data["version"],
            language=self.language,
        )
        return self.pay_page(order)


class OrderPayView(PayingView):
    """Back to the pay page of an order that waits for its payment."""

    @extend_schema(
        operation_id="pay_order",
        request=None,
        responses={201: CheckoutAnswerSerializer, **PROBLEMS, 503: ProblemSerializer},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Return the open pay page, or open one."""
        return self.pay_page(selectors.find_order(shopper_id=self.current_shopper.pk, reference=str(reference)))


class OrderCancelView(PayingView):
    """Cancelling."""

    @extend_schema(
        operation_id="cancel_order",
        request=CancelSerializer,
        responses={200: OrderSerializer, **PROBLEMS, 503: ProblemSerializer},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Cancel an order that was not sent; what was paid goes back."""
        given = CancelSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        order = selectors.find_order(shopper_id=self.current_shopper.pk, reference=str(reference))
        order = cancel_order(order_id=order.pk, reason=given.validated_data["reason"])
        return Response(OrderSerializer(selectors.view_of(order, language=self.language)).data)
