"""The first page: what is still to do before shoppers can talk to the double, then how the shop does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.tenancy import only_creator_of, role_allows
from catalog.languages import normalise_language
from catalog.products.models import ContentItem, ImportRun, ImportState, Product
from conversations.chat.models import Conversation, Handoff, HandoffState
from conversations.funnel.kpis import Kpi, kpis
from conversations.funnel.models import FunnelEvent
from conversations.funnel.reports import funnel_report
from conversations.personas.models import Persona, PersonaState
from conversations.personas.selectors import Face, persona_face
from shop_assistant.admin_navigation import current_merchant


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the first day."""

    title: str
    detail: str
    is_done: bool
    link: str
    action: str


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the home page shows for the user's shop."""
    merchant = current_merchant(request)
    if merchant is None:
        return {"shop": None}
    with merchant_scope(merchant):
        creator = _creator(request)
        persona = _persona(creator)
        steps = _steps(creator, persona) if role_allows(request.user, area="double", act="change") else []
        return {
            "shop": merchant,
            "sample_note": _sample_note(merchant),
            "steps": steps,
            "next_step": next((number for number, step in enumerate(steps, 1) if not step.is_done), 0),
            "done_count": sum(step.is_done for step in steps),
            "face": _face(persona, creator),
            "headline": _headline(creator, persona),
            "kpis": _kpis(request, merchant),
            "waiting": Handoff.objects.filter(state=HandoffState.OPEN).select_related("conversation__shopper")[:5]
            if role_allows(request.user, area="conversations", act="view")
            else [],
        }


def _creator(request: HttpRequest) -> Creator | None:
    only = only_creator_of(request.user)
    rows = Creator.objects.all()
    return (rows.filter(pk=only) if only is not None else rows).first()


def _persona(creator: Creator | None) -> Persona | None:
    if creator is None:
        return None
    states = [PersonaState.LIVE, PersonaState.DRAFT]
    rows = sorted(creator.personas.filter(state__in=states), key=lambda row: states.index(PersonaState(row.state)))
    return rows[0] if rows else None


def _face(persona: Persona | None, creator: Creator | None) -> Face | None:
    return persona_face(persona, creator, normalise_language(get_language())) if creator else None


def _headline(creator: Creator | None, persona: Persona | None) -> str:
    if creator is None:
        return _("Your shop has no creator yet")
    name = creator.short_name(normalise_language(get_language()))
    if persona is not None and persona.state == PersonaState.LIVE:
        return _("%(name)s's double is live") % {"name": name}
    return _("%(name)s's double is not live yet") % {"name": name}


def _steps(creator: Creator | None, persona: Persona | None) -> list[Step]:
    products = Product.objects.count()
    posts = ContentItem.objects.count()
    persona_link = reverse("admin:personas_persona_changelist")
    tried = Conversation.objects.filter(surface="try_out").exists()
    is_live = persona is not None and persona.state == PersonaState.LIVE
    has_rules = persona is not None and any(persona.forbidden_claims.values())
    name = creator.short_name(normalise_language(get_language())) if creator else _("your creator")
    edit = reverse("admin:personas_persona_change", args=[persona.pk]) if persona else persona_link
    return [
        Step(_("Bring your products"), _products_detail(products), products > 0,
             reverse("admin:products_importrun_new"), _("Import")),
        Step(_("Give it %(name)s's voice") % {"name": name}, _voice_detail(posts, persona),
             persona is not None and any(persona.voice.values()), edit, _("Write")),
        Step(_("Set what it may not do"), _("Claims it never makes, and the questions it leaves to a person"),
             has_rules, f"{edit}#rules", _("Set rules")),
        Step(_("Try it out"), _("Ask as a shopper would, and see why it answers so"), tried or is_live, edit, _("Try")),
        Step(_("Publish and place it"), _("A link, a chat for your shop page, or a live room"), is_live, edit,
             _("Publish")),
    ]  # fmt: skip


def _products_detail(products: int) -> str:
    if not products:
        return _("A Shopify sheet or JSON Lines; nothing is written before you have seen the dry run")
    run = ImportRun.objects.filter(state=ImportState.DONE).first()
    counted = ngettext("%(count)s product", "%(count)s products", products) % {"count": f"{products:,}"}
    return _("%(counted)s, last from %(file)s") % {"counted": counted, "file": run.file_name} if run else counted


def _voice_detail(posts: int, persona: Persona | None) -> str:
    read = ngettext("%(count)s piece of content", "%(count)s pieces of content", posts) % {"count": f"{posts:,}"}
    if persona is None:
        return _("%(read)s. Write the first draft beside a live try-out") % {"read": read}
    return _("%(read)s. Version %(version)s is written, edit it beside a live try-out") % {
        "read": read,
        "version": persona.version,
    }


def _sample_note(merchant: Merchant) -> str:
    if not merchant.is_demo:
        return ""
    counts = {"products": f"{Product.objects.count():,}", "posts": f"{ContentItem.objects.count():,}"}
    return _("Sample shop loaded: %(products)s products, %(posts)s videos and posts") % counts


def _kpis(request: HttpRequest, merchant: Merchant) -> tuple[Kpi, ...]:
    """Return last week's figures, once there is anything to count and for those who may see it."""
    if not role_allows(request.user, area="insight", act="view") or not FunnelEvent.objects.exists():
        return ()
    today = timezone.now().astimezone(ZoneInfo(merchant.timezone)).date()
    return kpis(
        funnel_report(
            merchant=merchant,
            start=today - timedelta(days=6),
            end=today,
            creator_id=only_creator_of(request.user),
            language=normalise_language(get_language()),
        )
    )
