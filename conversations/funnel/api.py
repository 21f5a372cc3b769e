"""REST: a page says that content was viewed."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import NeedsShopper, ShopView
from catalog.products.models import ContentItem
from conversations.funnel.services import BadViewId, content_viewed


class ContentView(serializers.Serializer[object]):
    """One view of one piece of content."""

    content = serializers.CharField(max_length=120, help_text="The content's slug.")
    view_id = serializers.CharField(
        max_length=64, help_text="Made by the page, new for each view; a repeat is ignored."
    )


class ContentViews(ShopView):
    """Record views."""

    permission_classes = [NeedsShopper]

    @extend_schema(
        operation_id="record_content_view",
        request=ContentView,
        responses={201: inline_serializer("ContentViewRecorded", {"recorded": serializers.BooleanField()})},
    )
    def post(self, request: Request) -> Response:
        """Record that the shopper opened a piece of content; sending the same view again changes nothing."""
        form = ContentView(data=request.data)
        form.is_valid(raise_exception=True)
        content = ContentItem.objects.filter(slug=form.validated_data["content"], is_published=True).first()
        if content is None:
            raise exceptions.NotFound("content: no published content has this slug")
        try:
            recorded = content_viewed(
                merchant=self.merchant,
                content=content,
                shopper=self.current_shopper,
                view_id=form.validated_data["view_id"],
            )
        except BadViewId as error:
            raise exceptions.ValidationError({"view_id": [str(error)]}) from error
        return Response({"recorded": recorded}, status=status.HTTP_201_CREATED)
