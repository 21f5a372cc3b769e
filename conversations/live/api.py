"""REST: a room's snapshot, and the viewer's own tracked link to a product shown there."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import NeedsShopper, ShopView
from catalog.languages import normalise_language
from conversations.funnel.links import link_path
from conversations.live.errors import RoomError
from conversations.live.hub import hub
from conversations.live.models import LiveRoom
from conversations.live.selectors import room_by_slug, room_snapshot
from conversations.live.services import link_for_viewer


class LinkRequest(serializers.Serializer[object]):
    """Which product of which answer."""

    product_id = serializers.IntegerField(min_value=1)
    answer_id = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, help_text="Left out: a product that is or was on the table."
    )


def _room(slug: str) -> LiveRoom:
    room = room_by_slug(slug)
    if room is None:
        raise exceptions.NotFound("room: this shop has no room of that name")
    return room


class RoomView(ShopView):
    """Read a room."""

    @extend_schema(
        operation_id="room_snapshot",
        parameters=[OpenApiParameter("language", str, description="en, zh-hant or zh-hans")],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return the room as it is now; a stranger reads it too, without "mine"."""
        room = _room(slug)
        kept = self.shopper.language if self.shopper else request.headers.get("Accept-Language", "")[:35].split(",")[0]
        snapshot = room_snapshot(
            room_id=room.pk,
            shopper_id=self.shopper.pk if self.shopper else None,
            language=normalise_language(request.query_params.get("language") or kept),
            viewers=hub.watching(room.pk),
        )
        return Response(snapshot.json_object())


class RoomLinks(ShopView):
    """Make the viewer's own link."""

    permission_classes = [NeedsShopper]

    @extend_schema(
        operation_id="room_link",
        request=LinkRequest,
        responses={
            201: inline_serializer("RoomLink", {"link_id": serializers.CharField(), "url": serializers.CharField()})
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Return the tracked link to follow: its GET is the click."""
        form = LinkRequest(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            link = link_for_viewer(
                merchant=self.merchant,
                room=_room(slug),
                shopper=self.current_shopper,
                product_id=form.validated_data["product_id"],
                answer_id=form.validated_data.get("answer_id"),
            )
        except RoomError as error:
            raise exceptions.NotFound(error.message) from error
        return Response({"link_id": link.pk, "url": link_path(link.pk)}, status=status.HTTP_201_CREATED)
