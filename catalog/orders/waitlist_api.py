"""REST: be told when a sold-out product is back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from catalog.accounts.senders import sender_of
from catalog.orders import waitlist
from catalog.orders.api import PROBLEMS, BuyingView


class JoinSerializer(serializers.Serializer[Any]):
    """What to wait for, and the shopper's yes to one message."""

    variant = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    consent = serializers.BooleanField(help_text="The shopper pressed the button: must be true.")
    email = serializers.EmailField(required=False, default="", allow_blank=True)
    source_ref = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)

    def validate_consent(self, value: bool) -> bool:
        """Nobody is put on a list without a yes."""
        if not value:
            raise serializers.ValidationError("Send true once the shopper has agreed to one message.")
        return value


class WaitingSerializer(serializers.Serializer[Any]):
    """The variants this shopper waits for; `text` is what was agreed to."""

    variants = serializers.ListField(child=serializers.IntegerField())
    text = serializers.CharField()


class WaitlistThrottle(SimpleRateThrottle):
    """So many wishes a minute from one address."""

    scope = "waitlist"

    def get_rate(self) -> str:
        """Return the setting."""
        return f"{settings.WAITLIST_PER_MINUTE}/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Count by the sender's address: a new shopper costs nothing."""
        return self.cache_format % {"scope": self.scope, "ident": sender_of(request) or "unknown"}


class _Waiting(BuyingView):
    """Answers with the list as it is now."""

    def answer(self, code: int, *, text: str = "") -> Response:
        """Return the variants waited for, and what is agreed to by waiting."""
        variants = waitlist.waits_for(shopper_id=self.current_shopper.pk)
        wording = text or waitlist.consent_wording(language=self.language, by_mail=bool(self.current_shopper.email))
        return Response(WaitingSerializer({"variants": variants, "text": wording}).data, status=code)


class WaitlistView(_Waiting):
    """The shopper's waitlist."""

    def get_throttles(self) -> list[Any]:
        """Limit joining; looking is free."""
        return [WaitlistThrottle()] if self.request.method == "POST" else []

    @extend_schema(operation_id="get_waitlist", responses=WaitingSerializer)
    def get(self, request: Request) -> Response:
        """Return what the shopper waits for."""
        return self.answer(status.HTTP_200_OK)

    @extend_schema(operation_id="join_waitlist", request=JoinSerializer, responses={201: WaitingSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Ask to be told, once, when a sold-out variant is back."""
        given = JoinSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wish = given.validated_data
        entry = waitlist.join(
            merchant=self.merchant,
            shopper_id=self.current_shopper.pk,
            variant_id=wish["variant"],
            language=self.language,
            email=wish["email"],
            source_ref=wish["source_ref"],
        )
        return self.answer(status.HTTP_201_CREATED, text=entry.wording)


class WaitlistEntryView(_Waiting):
    """One wish."""

    @extend_schema(operation_id="leave_waitlist", responses={200: WaitingSerializer, **PROBLEMS})
    def delete(self, request: Request, variant_id: int) -> Response:
        """Take a wish back; one that is not there is not found."""
        if not waitlist.leave(shopper_id=self.current_shopper.pk, variant_id=variant_id):
            raise NotFound("variant: this shopper does not wait for it")
        return self.answer(status.HTTP_200_OK)
