"""Signed-in staff for the admin's tests."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from catalog.accounts.models import Creator, Membership, Merchant
from catalog.accounts.scoping import every_merchant


def signed_in(merchant: Merchant, role: str, creator: Creator | None = None) -> Client:
    """Return a browser of a new member of staff."""
    with every_merchant():
        user = User.objects.create(username=f"{merchant.slug}-{role}", is_staff=True)
        Membership.objects.create(merchant=merchant, user=user, role=role, creator=creator)
    client = Client()
    client.force_login(user)
    return client


def form_of(client: Client, path: str) -> dict[str, Any]:
    """Return what the form of an admin page would send, with its inlines."""
    context = client.get(path).context
    data: dict[str, Any] = {}
    for form in [context["adminform"].form, *_inline_forms(context)]:
        for field in form:
            _fill(data, field)
    return data


def _inline_forms(context: Any) -> list[Any]:
    sets = [inline.formset for inline in context["inline_admin_formsets"]]
    return [form for formset in sets for form in (formset.management_form, *formset.forms)]


def _fill(data: dict[str, Any], field: Any) -> None:
    value = field.value()
    widget = field.field.widget
    if hasattr(widget, "widgets_names"):
        parts = widget.decompress(value) if not isinstance(value, list) else value
        for suffix, part in zip(widget.widgets_names, parts, strict=True):
            data[field.html_name + suffix] = part
    elif value is not None and value is not False:
        data[field.html_name] = value


def text_of(html: bytes) -> str:
    """Return the words of a page without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))
