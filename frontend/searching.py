"""The search page, what stands beside a product, and products side by side."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.accounts.models import Creator
from catalog.orders.together import together_views
from catalog.products import selectors as products
from catalog.products.facets import shelf_attributes
from catalog.products.finding import Finding, find
from catalog.products.models import Product
from catalog.products.popular import popular_views
from catalog.products.search_log import Asker
from catalog.products.similar import similar_views
from catalog.search.ports import ProductQuery, SearchUnavailable
from catalog.search.query_rules import BadQuery
from frontend.search_address import SearchAddress, read_address
from frontend.search_chips import chips_of, offers_of, said_of
from frontend.search_facets import groups_of
from frontend.shop import Shop, shop_view
from frontend.views import assistant_of, first_creator
from tools.comparing import compared

_FACETS = ("category", "brand", "price", "in_stock")


@require_safe
@shop_view
def search(shop: Shop) -> HttpResponse:
    """Products by words and filters: the shop's whole shelf, or a creator's."""
    address = read_address(shop.request.GET, shop.currency)
    creator = Creator.objects.filter(slug=address.creator).first() if address.creator else None
    if address.creator and creator is None:
        raise Http404("no such creator")
    attributes = shelf_attributes(merchant_id=shop.merchant.pk)
    try:
        finding = find(
            query=_query(shop, address, creator, attributes),
            language=shop.language,
            cursor=address.cursor,
            asked_by=Asker("shop", shop.shopper.pk if shop.shopper else None),
        )
    except BadQuery:
        # A cursor of another search, or of a key that is no longer in use: the first page is the honest answer.
        return redirect(reverse("pages:search", args=[shop.merchant.slug]) + address.query())
    except SearchUnavailable:
        return _page(shop, address, creator, {"is_down": True}, status=503)
    return _page(shop, address, creator, _answer(shop, address, creator, finding, attributes))


@require_safe
@shop_view
def beside(shop: Shop, slug: str) -> HttpResponse:
    """What is bought with a product and what is like it; a piece of its page, fetched when it comes into sight."""
    view = products.product_view_by_slug(slug=slug, language=shop.language, currency=shop.currency)
    if view is None:
        raise Http404("no such product")
    who = {"merchant_id": shop.merchant.pk, "product_id": view.product_id}
    told = {"language": shop.language, "currency": shop.currency}
    together = together_views(**who, **told)  # type: ignore[arg-type]  # two dicts of what both take
    try:
        similar = similar_views(**who, **told)  # type: ignore[arg-type]
    except SearchUnavailable:
        similar = []
    kept = {each.product_id for each in together}
    return shop.page(
        "beside.html",
        product=view,
        together=together,
        bundle=[each for each in (view, *together) if len(each.variants) == 1 and each.can_be_bought_here],
        similar=[each for each in similar if each.product_id not in kept],
    )


@require_safe
@shop_view
def compare(shop: Shop) -> HttpResponse:
    """Two to four products side by side."""
    slugs = list(dict.fromkeys(shop.request.GET.getlist("p")))
    found = dict(Product.objects.filter(slug__in=slugs[: settings.COMPARED_MAX]).values_list("slug", "pk"))
    ids = [found[slug] for slug in slugs if slug in found]
    views = products.product_views(product_ids=ids, language=shop.language, currency=shop.currency)
    shown = [view.slug for view in views]
    return shop.page(
        "compare.html",
        columns=[(view, _compare_address(shop, [each for each in shown if each != view.slug])) for view in views],
        rows=compared(views, language=shop.language) if len(views) > 1 else (),
        prices_differ=len({(view.price, view.price_varies) for view in views}) > 1,
        stocks_differ=len({(view.stock, view.left) for view in views}) > 1,
        is_cut=len(slugs) > settings.COMPARED_MAX,
        has_gone=len(views) < len(slugs[: settings.COMPARED_MAX]),
        most=settings.COMPARED_MAX,
        assistant=assistant_of(shop, first_creator()),
    )


def _query(shop: Shop, address: SearchAddress, creator: Creator | None, attributes: tuple[str, ...]) -> ProductQuery:
    used = tuple(name for name in address.attributes if name not in attributes)
    return ProductQuery(
        merchant_id=shop.merchant.pk,
        text=address.text,
        currency=shop.currency,
        price_min=address.price_min.minor if address.price_min else None,
        price_max=address.price_max.minor if address.price_max else None,
        category_path=address.category,
        brands=address.brands,
        attributes=address.attributes,
        in_stock_only=address.in_stock,
        creator_id=creator.pk if creator else None,
        facets=() if address.cursor else (*_FACETS, *attributes, *used),
        sort=address.sort,
        limit=settings.SHELF_PAGE_SIZE,
        corrects=not address.exact,
    )


def _answer(
    shop: Shop, address: SearchAddress, creator: Creator | None, finding: Finding, attributes: tuple[str, ...]
) -> dict[str, object]:
    language = shop.language
    name = creator.short_name(language) if creator else ""
    used = tuple(each for each in address.attributes if each not in attributes)
    popular = [] if finding.total else popular_views(language=language, currency=shop.currency, limit=8)
    return {
        "finding": finding,
        "search_id": finding.search_id,
        "groups": groups_of(finding, address, language=language, attributes=(*attributes, *used)),
        "chips": chips_of(finding, address, language=language, creator_name=name),
        "offers": offers_of(finding, address, language=language) if finding.total else [],
        "said": said_of(finding),
        "exact_query": address.query(exact=True) if finding.corrected else "",
        "corrected_query": address.query(text=finding.corrected) if finding.corrected else "",
        "next_query": address.query() + "&" + urlencode({"cursor": finding.next}) if finding.next else "",
        "popular": popular,
    }


def _page(
    shop: Shop, address: SearchAddress, creator: Creator | None, values: dict[str, object], *, status: int = 200
) -> HttpResponse:
    sorts = [
        ("relevance", _("Best match") if address.text else _("By name")),
        ("price", _("Price, low to high")),
        ("-price", _("Price, high to low")),
        ("newest", _("Newest")),
    ]
    return shop.page(
        "search.html",
        status=status,
        address=address,
        clear_query=SearchAddress(text=address.text, sort=address.sort).query(),
        sorts=sorts,
        creator_name=creator.name(shop.language) if creator else "",
        assistant=assistant_of(shop, creator or first_creator()),
        data={"searched": address.text},
        **values,
    )


def _compare_address(shop: Shop, slugs: list[str]) -> str:
    return f"{reverse('pages:compare', args=[shop.merchant.slug])}?{urlencode([('p', slug) for slug in slugs])}"
