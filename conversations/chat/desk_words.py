"""What a person at the desk reads about a conversation: why they are needed, what was told, what a card is called."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.products.needs import Needs
from catalog.products.reasons import listed, said

REASONS: Mapping[str, object] = {
    "asked": gettext_lazy("Asked for a person"),
    "health": gettext_lazy("Health question"),
    "complaint": gettext_lazy("Complaint"),
    "order_problem": gettext_lazy("Trouble with an order"),
    "for_the_creator": gettext_lazy("For the creator to answer"),
    "not_understood": gettext_lazy("Not understood"),
    "taken": gettext_lazy("Taken over by staff"),
}
_CARDS: Mapping[str, object] = {
    "product": gettext_lazy("Product"),
    "content": gettext_lazy("Content"),
    "routine": gettext_lazy("Routine"),
    "comparison": gettext_lazy("Comparison"),
    "cart": gettext_lazy("Cart"),
    "address": gettext_lazy("Address"),
    "confirm": gettext_lazy("Question to confirm"),
    "checkout": gettext_lazy("Checkout"),
    "order": gettext_lazy("Order"),
    "handoff": gettext_lazy("Handoff"),
    "items": gettext_lazy("Choice of items"),
    "sign_in": gettext_lazy("Sign in"),
    "slots": gettext_lazy("Choice of a time"),
}
# Slot of what was told -> its name, and the attribute whose words its values are.
_SLOTS: Mapping[str, tuple[object, str]] = {
    "skin_types": (gettext_lazy("Skin"), "skin_types"),
    "concerns": (gettext_lazy("Concerns"), "concerns"),
    "categories": (gettext_lazy("Looks for"), "kind"),
    "activities": (gettext_lazy("Activity"), "activity"),
    "avoid": (gettext_lazy("Wishes"), "free_from"),
    "uses": (gettext_lazy("Uses already"), "key_ingredients"),
}


def reason_text(reason: str) -> str:
    """Return why a person is needed; a reason that is not known stands as it is."""
    return str(REASONS.get(reason, reason))


def card_text(kind: str) -> str:
    """Return what a card is called."""
    return str(_CARDS.get(kind, kind))


def needs_in_words(stored: Mapping[str, object], language: str) -> list[tuple[str, str]]:
    """Return what a shopper told, as (name, words): the shopper's own words where they are known."""
    needs = Needs.from_json(stored)
    told = []
    for slot, (name, attribute) in _SLOTS.items():
        values = getattr(needs, slot)
        if values:
            told.append((str(name), listed([said(needs, attribute, value, language) for value in values], language)))
    if needs.for_pregnancy:
        told.append((_("Pregnant"), _("yes")))
    told += [
        (name, str(amount))
        for name, amount in ((_("At least"), needs.budget_min), (_("At most"), needs.budget_max))
        if amount is not None
    ]
    if needs.quantity:
        told.append((_("Quantity"), str(needs.quantity)))
    return told
