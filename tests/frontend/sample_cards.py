"""Cards for tests of the scripts: built with the real models, so a changed contract fails here first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.money import Money
from tools.results import (
    AddressCard,
    CartCard,
    CheckoutCard,
    ComparisonCard,
    ConfirmCard,
    ContentCard,
    HandoffCard,
    LineItem,
    OrderCard,
    Price,
    ProductCard,
    RoutineCard,
    RoutineStep,
    VariantChoice,
)


def price(minor: int, currency: str = "USD") -> Price:
    """An amount as cards carry it."""
    return Price(minor=minor, currency=currency, text=str(Money(minor, currency)))


def product(
    product_id: int = 1, title: str = "No. 3 Niacinamide 5% Serum", minor: int = 3100, **fields: Any
) -> ProductCard:
    """A product with one variant in stock; `fields` override."""
    cost = price(minor, fields.pop("currency", "USD"))
    variant = VariantChoice(variant_id=product_id * 10, label="30 ml", price=cost, available=46, in_stock=True)
    base: dict[str, Any] = {
        "product_id": product_id,
        "title": title,
        "url": f"/l/link{product_id}/",
        "link_id": f"link{product_id}",
        "image_url": "/static/demo/beauty-dropper-coral.svg",
        "price": cost,
        "stock": "in_stock",
        "left": 46,
        "variants": (variant,),
        "ordinal": product_id,
    }
    return ProductCard.model_validate({**base, **fields})


def line(title: str = "Barrier Cloud Cream", option: str = "50 ml", quantity: int = 1, minor: int = 3400) -> LineItem:
    """A line of a cart or an order."""
    return LineItem(
        variant_id=20,
        product_id=2,
        title=title,
        option=option,
        image_url="/static/demo/beauty-jar-rose.svg",
        url="/s/meis-shelf/p/cream/",
        quantity=quantity,
        unit=price(minor),
        total=price(minor * quantity),
    )


def content() -> ContentCard:
    """A moment of a video."""
    return ContentCard(
        content_id=1,
        slug="four-step-night",
        title="Start every second night",
        url="/s/meis-shelf/v/four-step-night/?t=106",
        poster_url="/static/demo/mei-stage.svg",
        start_s=106,
        end_s=118,
    )


def routine(**fields: Any) -> RoutineCard:
    """Three steps within the budget, with a conflict note."""
    steps = (
        RoutineStep(
            name="Cleanse", product=product(1, "Riceleaf Gel Cleanser", 1550, reason="Rinses clean, no tightness")
        ),
        RoutineStep(
            name="Treat", product=product(2, "No. 3 Niacinamide Serum", 3100, reason="Cuts shine, eases redness")
        ),
        RoutineStep(
            name="Protect", product=product(3, "Paper Light Sunscreen", 2300, reason="No fragrance, no alcohol")
        ),
    )
    base: dict[str, Any] = {
        "title": "Morning routine, 3 steps",
        "need": "Oily, turns red easily",
        "steps": steps,
        "conflict_note": "You use a retinal at night. Keep No. 3 for mornings so the two don’t irritate.",
        "total": price(6950),
        "budget": price(8000),
    }
    return RoutineCard.model_validate({**base, **fields})


def comparison() -> ComparisonCard:
    """Two products and two rows."""
    return ComparisonCard(
        products=(product(1), product(2, "Barrier Cloud Cream", 3400)),
        rows=(("Texture", ("Water gel", "Cream")), ("Suits", ("Oily", "Dry, sensitive"))),
    )


def cart(quantity: int = 1) -> CartCard:
    """A cart with one line."""
    total = price(3400 * quantity)
    return CartCard(lines=(line(quantity=quantity),), count=quantity, subtotal=total, total=total, is_test=True)


def address() -> AddressCard:
    """The address form."""
    return AddressCard(countries=(("TW", "Taiwan"), ("US", "United States")), values={"country": "TW"})


def confirm(seconds: float = 588, **fields: Any) -> ConfirmCard:
    """A destructive question that expires in `seconds`."""
    base: dict[str, Any] = {
        "action_id": "22222222-2222-4222-8222-222222222222",
        "operation": "cancel_order",
        "title": "Cancel order #1042?",
        "lines": (line("No. 3 Niacinamide 5% Serum"), line()),
        "facts": ("The money goes back to the card ending 4242 within 5 to 10 days.",),
        "total": price(5400),
        "confirm_label": "Cancel order",
        "decline_label": "Keep order",
        "is_destructive": True,
        "expires_at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
    }
    return ConfirmCard.model_validate({**base, **fields})


def checkout() -> CheckoutCard:
    """A placed order that waits for its payment."""
    return CheckoutCard(
        order_number="1042",
        order_reference="33333333-3333-4333-8333-333333333333",
        pay_url="/pay/cs_test_1/",
        lines=(line(),),
        subtotal=price(3400),
        delivery=price(500),
        delivery_name="Home delivery",
        total=price(3900),
        is_test=True,
        expires_at=(datetime.now(UTC) + timedelta(minutes=31)).isoformat(),
    )


def order() -> OrderCard:
    """An order on its way."""
    return OrderCard(
        number="1039",
        reference="33333333-3333-4333-8333-333333333333",
        url="/s/meis-shelf/orders/33333333-3333-4333-8333-333333333333/",
        placed_at="2026-11-18T09:00:00+00:00",
        state="processed",
        state_text="On its way",
        steps=(("Paid", "done"), ("Packed", "done"), ("On its way", "now"), ("Delivered", "later")),
        lines=(line(),),
        total=price(3400),
        tracking=("TW123456789",),
    )


def handoff() -> HandoffCard:
    """What a person can see."""
    return HandoffCard(state="taken", person="Joanna", summary="Order #1036, Camellia Cleansing Oil. Broken pump.")
