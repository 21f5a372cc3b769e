"""The pages a shopper looks at. Each resolves the shop, calls selectors and renders; nothing is decided here."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.shoppers import current_shopper, remember_shopper
from catalog.languages import in_language
from catalog.orders.appointment_models import Service
from catalog.orders.appointments.api import slots_json
from catalog.orders.appointments.slots import service_of
from catalog.orders.appointments.wording import zone_text
from catalog.products import content as contents
from catalog.products import selectors as products
from catalog.products.search_clicks import clicked_on_page
from conversations.funnel.robots import fetches_ahead, is_click
from conversations.live.models import LiveRoom, RoomState
from conversations.personas.selectors import double_name
from frontend import selectors, theme
from frontend.shop import Shop, language_context, shop_view

FIRST_PAGE_PRODUCTS = 24


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The shops of this installation."""
    shops = Merchant.objects.order_by("name")
    return render(request, "frontend/index.html", {**language_context(request), "shops": shops, "page_data": {}})


@require_safe
@shop_view
def shop_home(shop: Shop) -> HttpResponse:
    """A shop's first page: who is here, what is on, what is sold."""
    ids = selectors.newest_product_ids(limit=FIRST_PAGE_PRODUCTS)
    return shop.page(
        "shop.html",
        products=products.product_views(product_ids=ids, language=shop.language, currency=shop.currency),
        tiles=selectors.content_tiles(language=shop.language, limit=8),
        assistant=assistant_of(shop, first_creator()),
    )


@require_safe
@shop_view
def shelf(shop: Shop, creator_slug: str) -> HttpResponse:
    """A creator's shelf: her products with her words, and her content."""
    creator = _creator(creator_slug)
    views = products.shelf_views(creator_id=creator.pk, language=shop.language, currency=shop.currency)
    notes = products.shelf_notes(creator_id=creator.pk, language=shop.language)
    return shop.page(
        "shelf.html",
        creator=creator,
        creator_name=creator.name(shop.language),
        bio=in_language(creator.bios, shop.language),
        shelf=[(view, notes.get(view.product_id, "")) for view in views],
        tiles=selectors.content_tiles(language=shop.language, creator_id=creator.pk),
        assistant=assistant_of(shop, creator),
        data={"creator": creator.slug, "source_ref": f"page:shelf/{creator.slug}"},
    )


@require_safe
@shop_view
def chat(shop: Shop, creator_slug: str) -> HttpResponse:
    """The double alone, over the whole page."""
    creator = _creator(creator_slug)
    knows = selectors.content_count(creator_id=creator.pk)
    back = reverse("pages:shelf", args=[shop.merchant.slug, creator.slug])
    return shop.page("chat.html", assistant={**assistant_of(shop, creator), "knows": knows, "back": back})


@require_safe
@shop_view
def product(shop: Shop, slug: str) -> HttpResponse:
    """One product: pictures, price, stock, the creator's words, where it appears."""
    view = products.product_view_by_slug(slug=slug, language=shop.language, currency=shop.currency)
    if view is None:
        raise Http404("no such product")
    note = selectors.shelf_note(product_id=view.product_id, language=shop.language)
    creator = note.creator if note else first_creator()
    link_id = shop.request.GET.get("link", "")[:24]
    _told_of_search(shop, view.product_id, creator)
    service = service_of(view.product_id) if view.service_minutes else None
    return shop.page(
        "product.html",
        product=view,
        service=service,
        service_place=service.place(shop.language) if service else "",
        service_zone=zone_text(timezone.now(), ZoneInfo(shop.merchant.timezone)) if service else "",
        pictures=selectors.picture_urls(product_id=view.product_id) or [view.image_url],
        note=note,
        note_by=creator.short_name(shop.language) if creator else "",
        appearances=selectors.appearances(product_id=view.product_id, language=shop.language),
        assistant={**assistant_of(shop, creator), "product": view.product_id},
        data={
            "creator": creator.slug if creator else "",
            "link_id": link_id,
            "source_ref": f"page:product/{view.slug}"[:120],
            "service": _service_data(shop, service) if service else None,
        },
    )


def _service_data(shop: Shop, service: Service) -> dict[str, object]:
    """Return the free times of a service for the page's script, as REST tells them."""
    is_shared = any(resource.seats > 1 for resource in service.resources.all())
    return {
        "product_id": service.product_id,
        "is_shared": is_shared,
        **slots_json(service, language=shop.language),
    }


@require_safe
@shop_view
def content(shop: Shop, slug: str) -> HttpResponse:
    """A video or post, its transcript and products at their second, the double beside it."""
    page = contents.content_page(slug=slug, language=shop.language, currency=shop.currency)
    if page is None:
        raise Http404("no such content")
    creator = Creator.objects.get(pk=page.creator_id)
    return shop.page(
        "content.html",
        content=page,
        creator=creator,
        bio=in_language(creator.bios, shop.language),
        poster_url=page.poster_url or creator.stage_url,
        assistant={
            **assistant_of(shop, creator),
            "place": page.slug,
            "beside": "video" if page.kind == "video" else "post",
        },
        data={
            "creator": creator.slug,
            "source_ref": f"page:content/{page.slug}"[:120],
            "content": {
                "slug": page.slug,
                "duration": page.duration_s,
                "embed": page.embed_url,
                "lines": [[line.start_s, line.end_s, line.text] for line in page.transcript],
                "marks": [[shown.start_s, shown.end_s] for shown in page.products],
            },
        },
    )


@require_safe
@shop_view
def live_room(shop: Shop, slug: str) -> HttpResponse:
    """The live room; what happens in it arrives over the socket."""
    room = LiveRoom.objects.filter(slug=slug).select_related("creator").first()
    if room is None:
        raise Http404("no such room")
    creator = room.creator
    return shop.page(
        "live.html",
        room=room,
        room_title=in_language(room.titles, shop.language) or room.slug,
        is_live=room.state == RoomState.LIVE,
        creator=creator,
        creator_name=creator.name(shop.language),
        poster_url=room.poster_url or creator.stage_url,
        data={
            "creator": creator.slug,
            "source_ref": f"room:{room.pk}",
            "room": {
                "id": str(room.pk),
                "slug": room.slug,
                "state": room.state,
                "started_at": room.started_at.isoformat() if room.started_at else "",
                "host": creator.short_name(shop.language),
                "double": double_name(creator, shop.language),
                "avatar": creator.avatar_url,
            },
        },
    )


@require_safe
@cache_control(max_age=300)
@shop_view
def theme_css(shop: Shop) -> HttpResponse:
    """The merchant's accent as a style sheet of its own: the policy allows no inline styles."""
    return HttpResponse(theme.stylesheet(shop.merchant.accent_colour), content_type="text/css; charset=utf-8")


@require_POST
@shop_view
def become_shopper(shop: Shop) -> HttpResponse:
    """Give a stranger a cookie, when a script first needs one: previews and crawlers never get here."""
    response = HttpResponse(status=204)
    remember_shopper(response, current_shopper(shop.request, shop.merchant))
    return response


@require_safe
@cache_control(max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    """The mark, for pages that name none."""
    return redirect(static("frontend/mark.svg"))


def _told_of_search(shop: Shop, product_id: int, creator: Creator | None) -> None:
    """Tell the log that the product was opened from a search, when the address says from which."""
    search_id = shop.request.GET.get("search", "")
    if search_id and is_click(shop.request) and not fetches_ahead(shop.request):
        clicked_on_page(
            merchant=shop.merchant,
            search_id=search_id,
            product_id=product_id,
            shopper_id=shop.shopper.pk if shop.shopper else None,
            creator_id=creator.pk if creator else None,
        )


def _creator(slug: str) -> Creator:
    creator = Creator.objects.filter(slug=slug).first()
    if creator is None:
        raise Http404("no such creator")
    return creator


def first_creator() -> Creator | None:
    """Return the creator whose double stands on pages that are nobody's."""
    return Creator.objects.first()


def assistant_of(shop: Shop, creator: Creator | None) -> dict[str, object]:
    """Return the attributes of <shop-assistant>; a shop without a creator has none."""
    if creator is None:
        return {}
    face = shop.face(creator)
    return {"creator": creator.slug, "face": face}
