"""REST: the free times of a service."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.accounts.api import ShopView
from catalog.languages import normalise_language
from catalog.orders.appointment_models import Service
from catalog.orders.appointments.days import free_days
from catalog.orders.appointments.slots import service_of
from catalog.products.models import ProductStatus

SEATS_MAX = 99


class SlotsQuerySerializer(serializers.Serializer[Any]):
    """From which day on, and for how many."""

    first_day = serializers.DateField(required=False, help_text="YYYY-MM-DD; without it, today.")
    seats = serializers.IntegerField(required=False, min_value=1, max_value=SEATS_MAX, default=1)


class TimeSerializer(serializers.Serializer[Any]):
    """A free time."""

    starts_at = serializers.CharField(help_text="ISO 8601 on the shop's clock: send it back as it is.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer hides DRF's own
    left = serializers.IntegerField(allow_null=True, help_text="Seats left when several may come together.")


class DaySerializer(serializers.Serializer[Any]):
    """A day with free times."""

    day = serializers.DateField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer hides DRF's own
    times = TimeSerializer(many=True)


class SlotsSerializer(serializers.Serializer[Any]):
    """The next days with free times."""

    minutes = serializers.IntegerField()
    place = serializers.CharField()
    zone = serializers.CharField(help_text="The shop's clock, such as GMT+8.")
    days = DaySerializer(many=True)
    later = serializers.DateField(allow_null=True, help_text="The first day with free times that is not listed.")


class SlotsView(ShopView):
    """The free times of one service."""

    @extend_schema(operation_id="free_slots", parameters=[SlotsQuerySerializer], responses=SlotsSerializer)
    def get(self, request: Request, product_id: int) -> Response:
        """Return the next days with free times; 404 for what is not booked for a time."""
        given = SlotsQuerySerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        service = service_of(product_id)
        if service is None or not service.is_active or service.product.status != ProductStatus.ACTIVE:
            raise Http404("no such service")
        language = normalise_language(getattr(request, "LANGUAGE_CODE", None))
        asked = given.validated_data
        return Response(slots_json(service, language=language, first_day=asked.get("first_day"), seats=asked["seats"]))


def slots_json(service: Service, *, language: str, first_day: Any = None, seats: int = 1) -> dict[str, Any]:
    """Return the next days with free times as they go out."""
    with override(language):
        found = free_days(service=service, first_day=first_day, seats=seats)
    facts = {"minutes": service.duration_minutes, "place": service.place(language)}
    shown = {"zone": found.zone, "days": found.days, "later": found.later}
    return dict(SlotsSerializer({**facts, **shown}).data)
