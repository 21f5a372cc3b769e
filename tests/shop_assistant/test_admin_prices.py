"""Admin: promotions, live prices, delivery methods and tax rates are written in plain amounts and checked first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.orders.models import DeliveryMethod, Promotion, TaxRate
from catalog.products.live_price_models import LivePrice, PriceFloor
from tests.factories import make_merchant, make_variant
from tests.shop_assistant.staff import form_of, signed_in, text_of

ADD = {
    "promotion": "/admin/orders/promotion/add/",
    "delivery": "/admin/orders/deliverymethod/add/",
    "tax": "/admin/orders/taxrate/add/",
    "live": "/admin/products/liveprice/add/",
    "floor": "/admin/products/pricefloor/add/",
}


def send(client: Client, page: str, **fields: Any) -> Any:
    """Fill the form of a page for a new row and send it; return the answer."""
    data = {**form_of(client, ADD[page]), **fields}
    return client.post(ADD[page], {name: value for name, value in data.items() if value is not None})


def moments(start: timedelta, end: timedelta) -> dict[str, str]:
    """Return the four fields of two moments."""
    times = {"starts_at": timezone.now() + start, "ends_at": timezone.now() + end}
    return {
        f"{name}_{part}": moment.strftime("%Y-%m-%d" if part == 0 else "%H:%M:%S")
        for name, moment in times.items()
        for part in (0, 1)
    }


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def test_a_promotion_is_written_in_plain_amounts_and_shows_what_it_takes_off(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "editor")

    answer = send(client, "promotion", names_en="Spring", code=" spring 10 ", benefit="percent", percent="10",
                  currency="TWD", cap_minor="50", min_goods_minor="300", total_limit="0")  # fmt: skip

    assert answer.status_code == 302
    row = Promotion.objects.get()
    assert (row.code, row.cap_minor, row.min_goods_minor, row.total_limit) == ("SPRING10", 5000, 30000, 0)
    page = client.get(f"/admin/orders/promotion/{row.pk}/change/")
    assert "Of goods worth NT$1,000 it takes off NT$50." in text_of(page.content)
    assert form_of(client, f"/admin/orders/promotion/{row.pk}/change/")["cap_minor"] == 50


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"benefit": "percent", "percent": ""}, "percent"),
        ({"benefit": "percent", "percent": "101"}, "__all__"),
        ({"benefit": "amount", "amount_minor": "", "currency": "TWD"}, "amount_minor"),
        ({"benefit": "amount", "amount_minor": "50", "currency": ""}, "amount_minor"),
        ({"benefit": "amount", "amount_minor": "-1", "currency": "TWD"}, "amount_minor"),
        ({"benefit": "amount", "amount_minor": "1.50", "currency": "ISK"}, "amount_minor"),
        ({"benefit": "amount", "amount_minor": "1.001", "currency": "TWD"}, "amount_minor"),
        ({"percent": "10", "names_en": "", "code": ""}, "names"),
    ],
)
def test_a_promotion_that_could_not_hold_is_refused_at_its_field(
    in_scope: Merchant, fields: dict[str, str], field: str
) -> None:
    answer = send(signed_in(in_scope, "owner"), "promotion", **{"names_en": "Spring", "code": "A", **fields})

    assert field in errors_of(answer)
    assert Promotion.objects.count() == 0


def test_zero_is_kept_as_zero(in_scope: Merchant) -> None:
    send(signed_in(in_scope, "owner"), "promotion", names_en="Nothing", percent="0", cap_minor="0", currency="TWD")

    row = Promotion.objects.get()
    assert [row.percent, row.cap_minor, row.amount_minor] == [0, 0, None]


def test_the_same_code_twice_is_refused(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")
    Promotion.objects.create(merchant=in_scope, code="SPRING", percent=1)

    assert errors_of(send(client, "promotion", names_en="x", code="spring", percent="5"))


def test_a_live_price_is_checked_against_the_usual_and_the_lowest_price(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "editor")
    variant = make_variant(in_scope, price=98000)
    PriceFloor.objects.create(merchant=in_scope, product=variant.product, currency="TWD", amount_minor=50000)
    when = moments(timedelta(hours=-1), timedelta(hours=1))

    for wrong in ("980", "499"):
        answer = send(client, "live", variant=variant.pk, currency="TWD", amount_minor=wrong, **when)
        assert list(errors_of(answer)) == ["amount_minor"]
    assert send(client, "live", variant=variant.pk, currency="TWD", amount_minor="800", **when).status_code == 302

    row = LivePrice.objects.get()
    assert (row.amount_minor, row.told_start, row.told_end) == (80000, True, False)
    client.post("/admin/products/liveprice/", {"action": "end_now", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()


def test_a_delivery_method_with_its_zone_and_steps(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")
    fields = {"names_en": "West", "code": "west", "currency": "USD", "fee_minor": "5", "countries": "usa"}

    bad = send(client, "delivery", **{**fields, "regions": "CA, Bavaria"})
    assert list(errors_of(bad)) == ["regions"]
    unknown = send(client, "delivery", **{**fields, "countries": "XX"})
    assert list(errors_of(unknown)) == ["countries"]
    steps = {"bands-TOTAL_FORMS": 1, "bands-0-starts_from": 1000, "bands-0-fee_minor": 900}
    assert send(client, "delivery", **{**fields, "regions": "CA, Washington", **steps}).status_code == 302

    row = DeliveryMethod.objects.get()
    assert (row.fee_minor, row.countries, row.regions) == (500, ["US"], ["CA", "Washington"])
    assert [(band.starts_from, band.fee_minor, band.merchant_id) for band in row.bands.all()] == [
        (1000, 900, in_scope.pk)
    ]


def test_a_tax_rate_shows_what_it_comes_to(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")

    assert "country" in errors_of(send(client, "tax", names_en="VAT", country="XX", percent="5"))
    assert (
        send(client, "tax", names_en="VAT", code="vat", country="tw", percent="5", is_included="on").status_code == 302
    )

    row = TaxRate.objects.get()
    page = client.get(f"/admin/orders/taxrate/{row.pk}/change/")
    assert "A price of NT$1,000 contains NT$48." in text_of(page.content)


@pytest.mark.parametrize(("role", "status"), [("analyst", 403), ("agent", 403), ("editor", 200), ("owner", 200)])
def test_who_may_add_a_promotion(in_scope: Merchant, role: str, status: int) -> None:
    assert signed_in(in_scope, role).get(ADD["promotion"]).status_code == status


def test_another_shops_variant_is_not_offered(in_scope: Merchant) -> None:
    other = make_merchant()
    stranger = make_variant(other, price=98000)
    when = moments(timedelta(hours=-1), timedelta(hours=1))

    answer = send(signed_in(in_scope, "owner"), "live", variant=stranger.pk, currency="TWD", amount_minor="800", **when)

    assert "variant" in errors_of(answer)
