"""REST: the same conversation core for clients without a socket."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from pydantic import BaseModel, ValidationError
from rest_framework import exceptions, serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import NeedsShopper, ShopView
from catalog.accounts.models import Creator
from catalog.accounts.shoppers import current_shopper, remember_shopper, shopper_token
from catalog.languages import normalise_language
from conversations.chat import hands, turns
from conversations.chat.errors import ChatError, TooManyMessages
from conversations.chat.models import Conversation, Surface
from conversations.chat.protocol import Act, Acted, Confirm, Confirmed, Done, Missed, SendAddress, SendMessage, Welcome
from conversations.chat.selectors import conversation_of, messages_after, reply_of, welcome
from conversations.chat.services import open_conversation
from conversations.funnel.services import conversation_opened

F = TypeVar("F", bound=BaseModel)
_OPEN_SURFACES = (Surface.DIRECT, Surface.CONTENT, Surface.API)
ERRORS = inline_serializer(
    "ChatProblem",
    {"code": serializers.CharField(), "field": serializers.CharField(), "message": serializers.CharField()},
)


class NewConversation(serializers.Serializer[object]):
    """With whom, where, in which language."""

    creator = serializers.SlugField(help_text="The creator's slug.")
    surface = serializers.ChoiceField(
        choices=[surface.value for surface in _OPEN_SURFACES], default=Surface.DIRECT.value
    )
    place = serializers.CharField(max_length=120, default="", allow_blank=True, help_text="The content's slug, if any.")
    language = serializers.CharField(max_length=35, default="", allow_blank=True)


class Refused(exceptions.APIException):
    """A request that is not taken: 400, or 429 for too many, with code, field and remedy."""

    def __init__(self, *, code: str, field: str, message: str, status_code: int = 400) -> None:
        given = {"code": code, "field": field, "message": message}
        super().__init__({name: ErrorDetail(text) for name, text in given.items()})
        self.status_code = status_code


class ConversationsView(ShopView):
    """Open a conversation."""

    @extend_schema(
        operation_id="open_conversation",
        request=NewConversation,
        responses={
            201: inline_serializer(
                "OpenedConversation", {"conversation": serializers.UUIDField(), "token": serializers.CharField()}
            ),
            400: ERRORS,
        },
    )
    def post(self, request: Request) -> Response:
        """Return the shopper's conversation with a creator, a new one at the first visit.

        A stranger becomes a shopper: keep the token, or the cookie that comes with it.
        """
        form = NewConversation(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(form.validated_data)
        creator = Creator.objects.filter(slug=given["creator"]).first()
        if creator is None:
            raise exceptions.NotFound("creator: this shop has no creator of that name")
        shopper = self.shopper or current_shopper(request._request, self.merchant)
        language = normalise_language(given["language"] or getattr(request, "LANGUAGE_CODE", "") or shopper.language)
        conversation = open_conversation(
            merchant=self.merchant,
            creator=creator,
            shopper=shopper,
            surface=given["surface"],
            place=given["place"],
            language=language,
            currency=self.merchant.currency_for(language),
        )
        if conversation.surface == Surface.DIRECT:  # a content page's view was recorded by the page
            conversation_opened(
                merchant=self.merchant,
                conversation_id=conversation.pk,
                creator_id=creator.pk,
                shopper_id=shopper.pk,
                surface=conversation.surface,
            )
        response = Response(
            {"conversation": str(conversation.pk), "token": shopper_token(shopper)}, status=status.HTTP_201_CREATED
        )
        remember_shopper(response, shopper)
        return response


class OfConversation(ShopView):
    """Anything about one conversation of this shopper; anybody else's is not found."""

    permission_classes = [NeedsShopper]

    def conversation(self, conversation_id: uuid.UUID) -> Conversation:
        """Return the conversation.

        Raises: NotFound.
        """
        found = conversation_of(conversation_id=conversation_id, shopper=self.current_shopper)
        if found is None:
            raise exceptions.NotFound("conversation: this shopper has no such conversation")
        return found


class ConversationView(OfConversation):
    """The conversation itself."""

    @extend_schema(operation_id="read_conversation", responses={200: Welcome})
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Return who is there and what was said last."""
        return Response(welcome(self.conversation(conversation_id)).model_dump(mode="json"))


class MessagesView(OfConversation):
    """What was said, and saying something."""

    @extend_schema(
        operation_id="read_messages",
        parameters=[OpenApiParameter("after", int, description="Only messages with a higher number.")],
        responses={200: Missed},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Return the messages after a number."""
        conversation = self.conversation(conversation_id)
        try:
            after = max(int(request.query_params.get("after", 0)), 0)
        except ValueError:
            raise Refused(code="bad_field", field="after", message="after: send a whole number") from None
        rows = messages_after(conversation_id=conversation.pk, after=after)
        return Response(Missed(messages=tuple(rows)).model_dump(mode="json"))

    @extend_schema(operation_id="send_message", request=SendMessage, responses={200: Done, 202: Missed, 400: ERRORS})
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Say something and wait for the answer.

        202 with what is known so far when a person answers, or another message is still being answered.
        """
        conversation = self.conversation(conversation_id)
        frame = read_frame(SendMessage, request, "message")
        try:
            turn = async_to_sync(turns.answer)(
                conversation_id=conversation.pk,
                client_id=frame.client_id,
                text=frame.text,
                context=frame.context.model_dump(exclude_defaults=True),
            )
        except ChatError as error:
            raise refused(error) from error
        reply = reply_of(int(turn.trace.get("joined", turn.pk)))
        if reply is None:
            waiting = messages_after(conversation_id=conversation.pk, after=0)
            return Response(Missed(messages=tuple(waiting)).model_dump(mode="json"), status=status.HTTP_202_ACCEPTED)
        done = Done.model_validate({"turn": turn.pk, "state": turn.state, "message": reply})
        return Response(done.model_dump(mode="json"))


class ActsView(OfConversation):
    """The buttons of cards."""

    @extend_schema(operation_id="act", request=Act, responses={200: Acted, 400: ERRORS})
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Press a button."""
        conversation = self.conversation(conversation_id)
        kept = async_to_sync(hands.press)(conversation=conversation, frame=read_frame(Act, request, "act"))
        return Response(kept.frame.model_dump(mode="json"))


class ConfirmationsView(OfConversation):
    """The shopper's yes or no to a proposal."""

    @extend_schema(operation_id="confirm", request=Confirm, responses={200: Confirmed, 400: ERRORS})
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Answer a proposal; it is carried out at most once."""
        conversation = self.conversation(conversation_id)
        kept = async_to_sync(hands.confirm)(conversation=conversation, frame=read_frame(Confirm, request, "confirm"))
        return Response(kept.frame.model_dump(mode="json"))


class AddressView(OfConversation):
    """Where to deliver."""

    @extend_schema(operation_id="send_address", request=SendAddress, responses={200: Acted, 400: ERRORS})
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Keep the delivery address and go on with the checkout."""
        conversation = self.conversation(conversation_id)
        frame = read_frame(SendAddress, request, "address")
        kept = async_to_sync(hands.send_address)(conversation=conversation, frame=frame)
        return Response(kept.frame.model_dump(mode="json"))


def read_frame(model: type[F], request: Request, kind: str) -> F:
    """Return the request's body as the frame a socket would send; `type` may be left out.

    Raises: Refused naming the field.
    """
    if not isinstance(request.data, dict):
        raise Refused(code="not_json", field="", message="Send one JSON object.")
    try:
        return model.model_validate({"type": kind, **request.data})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][-1]) if first["loc"] else ""
        raise Refused(code="bad_field", field=field, message=f"{field}: {first['msg']}") from error


def refused(error: ChatError) -> Refused:
    """Return the HTTP answer to a message that is not taken."""
    too_many = isinstance(error, TooManyMessages)
    return Refused(code=error.code, field=error.field, message=error.message, status_code=429 if too_many else 400)
