"""The merchant's pages of services, hours, appointments and files."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from catalog.accounts.models import AuditEntry, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.appointment_models import AppointmentState, BookedSlot, OpeningHours, Resource, Service
from catalog.orders.digital_models import DigitalFile, DownloadGrant
from catalog.orders.models import LedgerEntry
from catalog.products.models import Variant
from tests.catalog.orders.appointments.booking import at, make_booking, the_appointment
from tests.factories import make_download, make_merchant, make_variant
from tests.shop_assistant.staff import form_of, signed_in


def test_a_product_becomes_a_service_and_is_no_longer_sent(in_scope: Merchant) -> None:
    variant = make_variant(in_scope)
    client = signed_in(in_scope, "editor")
    page = "/admin/orders/service/add/"

    given = {**form_of(client, page), "product": variant.product_id, "duration_minutes": "90"}
    refused = client.post(page, {**given, "duration_minutes": "52"})
    saved = client.post(page, given)

    assert b"multiple of 5 minutes" in refused.content
    assert saved.status_code == 302
    assert Service.objects.get().duration_minutes == 90
    assert not Variant.objects.get(pk=variant.pk).requires_shipping


def test_hours_that_could_never_be_booked_are_refused(in_scope: Merchant) -> None:
    make_booking(in_scope)
    resource = Resource.objects.get()
    client = signed_in(in_scope, "editor")
    page = f"/admin/orders/resource/{resource.pk}/change/"

    given = form_of(client, page)
    odd = client.post(page, {**given, "hours-0-opens": "10:03"})
    backwards = client.post(page, {**given, "hours-0-opens": "15:00"})
    midnight = client.post(page, {**given, "hours-0-closes": "00:00"})

    assert b"steps of 5 minutes" in odd.content
    assert b"ends after it begins" in backwards.content
    assert midnight.status_code == 302
    assert OpeningHours.objects.order_by("weekday")[0].closes.hour == 0


def test_staff_move_an_appointment_to_a_free_time_and_cancel_it(in_scope: Merchant) -> None:
    booking = make_booking(in_scope)
    Service.objects.update(change_hours=24 * 60)  # no limit holds for staff
    order = booking.book(at(10))
    row = the_appointment(order)
    agent, analyst = signed_in(in_scope, "agent"), signed_in(in_scope, "analyst")
    page = f"/admin/orders/appointment/{row.pk}/change/"
    new = (at(12) + timedelta(hours=8)).replace(tzinfo=None).isoformat() + "+08:00"

    assert analyst.post(page, {"move_to": new}).status_code == 403
    moved = agent.post(page, {"move_to": new})

    assert moved.status_code == 302
    assert (the_appointment(order).starts_at, the_appointment(order).moves) == (at(12), 1)
    act = {"action": "cancel", "_selected_action": [row.pk]}
    agent.post("/admin/orders/appointment/", act)
    assert the_appointment(order).state == AppointmentState.CANCELLED
    assert list(LedgerEntry.objects.values_list("kind", flat=True)) == ["payment", "refund"]
    assert not BookedSlot.objects.exists()
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"appointment.moved", "appointment.cancelled"} <= acts


def test_a_file_is_uploaded_for_a_sku_of_the_own_shop(in_scope: Merchant, settings: Settings, tmp_path: object) -> None:
    settings.PRIVATE_FILES_ROOT = tmp_path
    own = make_variant(in_scope)
    other = make_merchant(slug="north-ridge")
    with merchant_scope(other):
        make_variant(other, sku="NR-1")
    client = signed_in(in_scope, "editor")
    page = "/admin/orders/digitalfile/add/"

    def upload(**fields: str) -> int:
        file = SimpleUploadedFile("plan.pdf", b"%PDF")
        given = {"sku": own.sku, "name": "plan.pdf", "is_active": "on", **fields, "file": file}
        return int(client.post(page, given).status_code)

    assert [upload(sku="NR-1"), upload(sku="nothing"), upload(name="../plan.pdf")] == [200, 200, 200]
    assert not DigitalFile.objects.exists()
    assert upload() == 302
    kept = DigitalFile.objects.get()
    assert (kept.variant_id, kept.size_bytes, kept.file.read()) == (own.pk, 4, b"%PDF")
    assert "plan" not in str(kept.file.name)
    assert not Variant.objects.get(pk=own.pk).requires_shipping


def test_a_file_leaves_the_printed_variant_of_its_product_to_be_sent(
    in_scope: Merchant, settings: Settings, tmp_path: object
) -> None:
    settings.PRIVATE_FILES_ROOT = tmp_path
    own = make_variant(in_scope)
    printed = Variant.objects.create(merchant=in_scope, product=own.product, sku="PRINTED", options={"Kind": "Paper"})
    client = signed_in(in_scope, "editor")
    file = SimpleUploadedFile("plan.pdf", b"%PDF")

    given = {"sku": own.sku, "name": "plan.pdf", "is_active": "on", "file": file}
    saved = client.post("/admin/orders/digitalfile/add/", given)

    assert saved.status_code == 302
    assert not Variant.objects.get(pk=own.pk).requires_shipping
    assert Variant.objects.get(pk=printed.pk).requires_shipping


def test_a_file_without_a_shop_is_asked_for_one(in_scope: Merchant, settings: Settings, tmp_path: object) -> None:
    settings.PRIVATE_FILES_ROOT = tmp_path
    own = make_variant(in_scope)
    make_merchant(slug="north-ridge")
    client = Client()
    client.force_login(User.objects.create(username="platform", is_staff=True, is_superuser=True))
    file = SimpleUploadedFile("plan.pdf", b"%PDF")

    given = {"sku": own.sku, "name": "plan.pdf", "is_active": "on", "merchant": "", "file": file}
    refused = client.post("/admin/orders/digitalfile/add/", given)

    assert refused.status_code == 200
    assert {"merchant", "sku"} <= set(refused.context["adminform"].form.errors)
    assert not DigitalFile.objects.exists()


def test_staff_allow_more_downloads(in_scope: Merchant, settings: Settings, tmp_path: object) -> None:
    settings.PRIVATE_FILES_ROOT = tmp_path
    booking = make_booking(in_scope)
    order = booking.book(at(10))
    grant = DownloadGrant.objects.create(
        merchant=in_scope,
        order=order,
        line=order.lines.get(),
        file=make_download(booking.variant),
        allowed=5,
        used=5,
    )

    client = signed_in(in_scope, "agent")
    client.post("/admin/orders/downloadgrant/", {"action": "allow_more", "_selected_action": [grant.pk]})

    grant.refresh_from_db()
    assert (grant.allowed, grant.used) == (10, 5)
