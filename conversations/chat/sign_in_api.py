"""REST: signing in from a conversation, by a code sent to the mailbox. Known and unknown addresses answer alike."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _
from django.utils.translation import override
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts import sign_in
from catalog.accounts.senders import sender_of
from catalog.accounts.shoppers import BadEmail, remember_shopper, shopper_token
from conversations.chat.api import ERRORS, OfConversation, Refused
from conversations.chat.signing_in import confirm_code, tell_signed_in


class SignInEmail(serializers.Serializer[object]):
    """Where the code goes."""

    email = serializers.CharField(max_length=254)


class SignInAnswer(SignInEmail):
    """The address and the code that came."""

    code = serializers.CharField(max_length=12)


class SignInView(OfConversation):
    """Ask for a code."""

    @extend_schema(
        operation_id="ask_sign_in_code",
        request=SignInEmail,
        responses={202: inline_serializer("SignInAsked", {"text": serializers.CharField()}), 400: ERRORS, 429: ERRORS},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Have a code sent, if somebody of this shop has the address; the answer does not tell whether."""
        conversation = self.conversation(conversation_id)
        form = SignInEmail(data=request.data)
        form.is_valid(raise_exception=True)
        email = form.validated_data["email"]
        with override(conversation.language):
            try:
                sign_in.request_code(
                    merchant=self.merchant,
                    email=email,
                    guest_id=self.current_shopper.pk,
                    network_address=sender_of(request._request),
                )
            except BadEmail:
                text = _("E-mail: it looks like name@example.com.")
                raise Refused(code="email_invalid", field="email", message=text) from None
            except sign_in.TooManyRequests as error:
                raise Refused(code=error.code, field="email", message=error.message, status_code=429) from error
            text = _("If somebody ordered with this address here, a code is on its way to it.")
        return Response({"text": text}, status=status.HTTP_202_ACCEPTED)


class SignInCodeView(OfConversation):
    """Give the code back."""

    @extend_schema(
        operation_id="confirm_sign_in_code",
        request=SignInAnswer,
        responses={
            200: inline_serializer("SignedIn", {"token": serializers.CharField(), "text": serializers.CharField()}),
            400: ERRORS,
        },
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Sign in: keep the new token, or the cookie that comes with it. The conversation and the cart come along."""
        conversation = self.conversation(conversation_id)
        form = SignInAnswer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        with override(conversation.language):
            try:
                account = confirm_code(
                    merchant=self.merchant, guest=self.current_shopper, email=given["email"], code=given["code"]
                )
            except sign_in.WrongCode as error:
                raise Refused(code=error.code, field="code", message=error.message) from error
            text = _("You are signed in.")
        tell_signed_in(conversation)
        response = Response({"token": shopper_token(account), "text": text})
        remember_shopper(response, account)
        return response
