"""The stand-in's pay page, marked as a test on every line that matters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.languages import normalise_language
from catalog.money import Money
from catalog.payments import stripe_fake_intents as intents
from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.client import uses_fake
from catalog.payments.errors import FakeRefused
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_params import FakeError
from catalog.payments.stripe_fake_store import FakeRows, FakeStore, fake_store


@never_cache
@require_http_methods(["GET", "POST"])
def pay_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Show a session's sum with the buttons that its state allows; act on the one that was pressed."""
    store = _store()
    session = _session(store, session_id)
    with override(normalise_language(session["locale"])):
        if request.method == "GET" or not (session["status"] == "open" or _is_promised(session)):
            return _page(request, store, session)
        act = _ACTS.get(request.POST.get("act", ""))
        if request.POST.get("act") == "cancel":
            return redirect(_within_site(session["cancel_url"] or session["success_url"]))
        if act is None:
            return _page(request, store, session, error=_("Choose one of the buttons below."), status=400)
        kept = request.POST.get("card", "") if request.POST.get("keep") and request.POST["act"] == "pay" else ""
        try:
            with store.transaction() as rows:
                session = sessions.pay_session(rows, session_id, kept_last4=kept) if kept else act(rows, session_id)
        except FakeError:
            return _page(request, store, session, error=_("Choose one of the cards below."), status=400)
        deliver_due()
        if session["status"] == "open":
            return _page(request, store, session, error=_("Card declined. Nothing was charged."))
        return redirect(_within_site(session["success_url"]))


_ACTS: dict[str, Callable[[FakeRows, str], dict[str, Any]]] = {
    "pay": sessions.pay_session,
    "decline": sessions.decline_session,
    "promise": sessions.promise_session,
    "arrive": partial(sessions.settle_promise, arrives=True),
    "bounce": partial(sessions.settle_promise, arrives=False),
}


def _is_promised(session: dict[str, Any]) -> bool:
    """Whether the shopper has finished and the money is still on its way."""
    return bool(session["status"] == "complete" and session["payment_status"] == "unpaid")


def _store() -> FakeStore:
    """Return the store; there is no such page with a real key, or where strangers could reach it."""
    try:
        if uses_fake():
            return fake_store()
    except FakeRefused:
        pass
    raise Http404("no such page")


def _session(store: FakeStore, session_id: str) -> dict[str, Any]:
    try:
        with store.transaction() as rows:
            return sessions.get_session(rows, session_id)
    except FakeError as error:
        raise Http404("no such checkout") from error


def _page(
    request: HttpRequest, store: FakeStore, session: dict[str, Any], *, error: str = "", status: int = 200
) -> HttpResponse:
    with store.transaction() as rows:
        items = sessions.line_items(rows, session["id"])["data"]
    currency = session["currency"].upper()
    context = {
        "session": session,
        "is_promised": _is_promised(session),
        "error": error,
        "may_keep_card": sessions.may_keep_card(session),
        "cards": _cards(),
        "total": Money(session["amount_total"], currency),
        "lines": [(item["description"], item["quantity"], Money(item["amount_total"], currency)) for item in items],
        "back_url": _within_site(session["success_url"]),
        "cancel_url": _within_site(session["cancel_url"] or session["success_url"]),
    }
    return render(request, "payments/pay.html", context, status=status)


def _cards() -> list[tuple[str, str]]:
    """Return the stand-in's cards with how each behaves when it is charged later."""
    return [
        (intents.WORKS, _("works when it is charged later")),
        (intents.ASKS_AGAIN, _("asks for its owner each time")),
        (intents.IS_DECLINED, _("is declined later")),
        (intents.IS_SLOW, _("is decided by the bank later")),
    ]


def _within_site(url: str) -> str:
    """Return an address of our own site without its host: the shopper may have come by another name of it, and the
    browser's form policy allows a redirect to that one only.
    """
    if not url.startswith(settings.PUBLIC_URL):
        return url
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
