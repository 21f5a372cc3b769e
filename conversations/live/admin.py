"""Admin: live rooms, run from one page: open and close, pin a product, answer what was saved for the host."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.accounts import audit
from catalog.accounts.admin_fields import ByLanguageField
from catalog.accounts.admin_theme import display
from catalog.accounts.tenancy import MerchantAdmin, only_creator_of
from catalog.languages import normalise_language
from catalog.products.models import Product, ProductStatus
from conversations.live import services
from conversations.live.errors import RoomError
from conversations.live.models import LiveRoom, PinnedProduct, Question
from conversations.live.selectors import waiting_for_host


class RoomForm(forms.ModelForm):  # type: ignore[type-arg]
    """A room before it opens."""

    titles = ByLanguageField(label=gettext_lazy("Title"))

    class Meta:
        model = LiveRoom
        fields = ("creator", "slug", "titles", "embed_url", "poster_url", "merchant")


@admin.register(LiveRoom)
class LiveRoomAdmin(MerchantAdmin):
    """The rooms."""

    area = "live"
    creator_path = "creator"
    form = RoomForm
    list_display = ("__str__", "creator", "state_label", "started_at", "ended_at", "host_link")
    list_filter = ("state", "creator")
    search_fields = ("slug", "titles")
    list_select_related = ("creator",)

    def get_urls(self) -> list[URLPattern]:
        """Add the host's page."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:room_id>/host/", view(self.host), name="live_liveroom_host"),
            path("<uuid:room_id>/act/", view(self.act), name="live_liveroom_act"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("state"), label={"live": "danger", "scheduled": "info", "ended": "warning"})
    def state_label(self, row: LiveRoom) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("host"))
    def host_link(self, row: LiveRoom) -> SafeString:
        """Lead to the host's page."""
        link = reverse("admin:live_liveroom_host", args=[row.pk])
        return format_html('<a class="sa-link" href="{}">{}</a>', link, _("Run the room"))

    def host(self, request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
        """Show the room as its host needs it."""
        room = self._room(request, room_id, act="view")
        context = {
            **self.admin_site.each_context(request),
            "title": str(room),
            "room": room,
            "questions": waiting_for_host(room_id=room.pk),
            "answered": Question.objects.filter(room=room, answer__isnull=False)
            .select_related("answer")
            .order_by("-pk")[:20],
            "pinned": PinnedProduct.objects.filter(room=room, unpinned_at=None).select_related("product").first(),
            "products": Product.objects.filter(status=ProductStatus.ACTIVE, shelves__creator=room.creator_id).order_by(
                "shelves__position"
            )[:200],
            "can_change": self.has_change_permission(request, room),
            "chars_max": settings.MESSAGE_CHARS_MAX,
            "opts": None,
        }
        return TemplateResponse(request, "shop_admin/room.html", context)

    def act(self, request: HttpRequest, room_id: uuid.UUID) -> HttpResponse:
        """Do what the host pressed."""
        room = self._room(request, room_id, act="change")
        back = HttpResponseRedirect(reverse("admin:live_liveroom_host", args=[room.pk]))
        name = request.POST.get("act", "")
        acts: dict[str, Callable[[], object]] = {
            "open": lambda: services.open_room(room_id=room.pk),
            "close": lambda: services.close_room(room_id=room.pk),
            "unpin": lambda: services.unpin(room_id=room.pk),
            "pin": lambda: _pin(room, request),
            "save": lambda: services.save_for_host(question_id=_question(room, request)),
            "answer": lambda: _answer(room, request),
        }
        if request.method != "POST" or name not in acts:
            return back
        try:
            acts[name]()
        except (RoomError, ValueError) as error:
            messages.error(request, getattr(error, "message", str(error)))
            return back
        audit.note(merchant_id=room.merchant_id, actor_id=request.user.pk, action=f"room {name}", subject=str(room))
        return back

    def _room(self, request: HttpRequest, room_id: uuid.UUID, *, act: str) -> LiveRoom:
        """Return a room of the user's shops.

        Raises: Http404 for anyone else's; PermissionDenied for a role that may not.
        """
        room: LiveRoom | None = self.get_queryset(request).select_related("creator").filter(pk=room_id).first()
        if room is None:
            raise Http404
        allowed = self.has_view_permission if act == "view" else self.has_change_permission
        if not allowed(request, room):
            raise PermissionDenied
        return room


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(_("%(field)s: choose one from the list.") % {"field": name})
    return int(text)


def _pin(room: LiveRoom, request: HttpRequest) -> None:
    minutes = request.POST.get("minutes", "")
    ends_at = (
        timezone.now() + timedelta(minutes=min(int(minutes), 600)) if minutes.isdecimal() and int(minutes) else None
    )
    services.pin(room_id=room.pk, product_id=_number(request, "product"), ends_at=ends_at)


def _question(room: LiveRoom, request: HttpRequest) -> int:
    """Return the question named in the form.

    Raises: Http404 when it was asked in another room.
    """
    number = _number(request, "question")
    if not Question.objects.filter(pk=number, room=room).exists():
        raise Http404
    return number


def _answer(room: LiveRoom, request: HttpRequest) -> None:
    """Publish what the host typed: the creator's own words when she signs in herself, else a person's."""
    text = request.POST.get("text", "").strip()
    if not text or len(text) > settings.MESSAGE_CHARS_MAX:
        raise ValueError(_("text: write 1 to %(most)s characters.") % {"most": settings.MESSAGE_CHARS_MAX})
    is_creator = only_creator_of(request.user) == room.creator_id
    user: Any = request.user
    name = (
        room.creator.short_name(normalise_language("en")) if is_creator else user.get_full_name() or user.get_username()
    )
    services.answer_as_host(
        question_id=_question(room, request),
        text=text,
        speaker_name=name,
        speaker="creator" if is_creator else "person",
    )
