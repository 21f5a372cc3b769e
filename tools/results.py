"""What a tool returns: short text for the model, cards for the shopper. The two say the same prices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Card(BaseModel):
    """Base of all cards: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(Card):
    """An amount as data and as people read it."""

    minor: int
    currency: str
    text: str


class VariantChoice(Card):
    """A variant the shopper can put into the cart."""

    variant_id: int
    label: str  # "30 ml"
    price: Price | None
    was: Price | None = None
    available: int | None  # None = not counted
    in_stock: bool
    live_until: str = ""  # ISO 8601: the price is a live price that ends then


class ProductCard(Card):
    """A product with price, stock, reason and what can be done."""

    kind: Literal["product"] = "product"
    product_id: int
    title: str
    url: str  # the tracked link, "/l/<id>/", or the product page when untracked
    link_id: str = ""
    image_url: str = ""
    price: Price | None  # lowest of the variants; None = not for sale
    was: Price | None = None
    price_varies: bool = False
    live_until: str = ""  # ISO 8601: the price is a live price that ends then
    stock: Literal["in_stock", "few_left", "sold_out", "not_for_sale", "external"]
    left: int | None = None  # shown when few
    reason: str = ""
    minutes: int = 0  # of a service that is booked for a time
    variants: tuple[VariantChoice, ...] = ()
    ordinal: int = 0  # 1-based place in the list last shown


class ContentCard(Card):
    """A moment of the creator's content."""

    kind: Literal["content"] = "content"
    content_id: int
    slug: str
    title: str
    quote: str = ""
    url: str
    poster_url: str = ""
    start_s: int | None = None
    end_s: int | None = None
    content_kind: str = "video"


class RoutineStep(Card):
    """One step of a routine."""

    name: str
    product: ProductCard


class RoutineCard(Card):
    """Products that go together, with the total and what not to combine."""

    kind: Literal["routine"] = "routine"
    title: str
    need: str
    steps: tuple[RoutineStep, ...]
    conflict_note: str = ""
    total: Price
    budget: Price | None = None
    over_by: Price | None = None


class ComparisonCard(Card):
    """Two to four products side by side; a row is (name, values in the products' order)."""

    kind: Literal["comparison"] = "comparison"
    products: tuple[ProductCard, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


class LineItem(Card):
    """A line of a cart or an order."""

    variant_id: int | None
    product_id: int | None
    title: str
    option: str = ""
    image_url: str = ""
    url: str = ""
    quantity: int
    unit: Price | None  # None = it has no price any more
    total: Price | None
    in_stock: bool = True
    when: str = ""  # of a service: day, time and place


class Download(Card):
    """A file of a paid order; `note` says how often it can still be fetched."""

    name: str
    url: str
    note: str = ""


class NamedAmount(Card):
    """An amount with its name: a discount, a tax."""

    name: str
    amount: Price


class CodeLine(Card):
    """A promotion code in the cart; `problem` says why it takes nothing off, and what to do."""

    code: str
    problem: str = ""


class DeliveryOption(Card):
    """A delivery method that may be chosen."""

    code: str
    name: str
    note: str = ""
    fee: Price
    is_chosen: bool


class CartCard(Card):
    """The cart as it is now: total = subtotal − discount + delivery + tax."""

    kind: Literal["cart"] = "cart"
    lines: tuple[LineItem, ...]
    count: int
    subtotal: Price
    delivery: Price | None = None  # None until the address is known
    delivery_name: str = ""
    discount: Price | None = None
    discounts: tuple[NamedAmount, ...] = ()  # off the goods, by promotion
    tax: Price | None = None  # on top
    taxes_included: tuple[NamedAmount, ...] = ()  # in the prices already
    codes: tuple[CodeLine, ...] = ()
    deliveries: tuple[DeliveryOption, ...] = ()
    total: Price
    is_test: bool = False
    problems: tuple[str, ...] = ()
    reminder: str = ""  # what a shopper who may be written to agrees to by the button; empty = it is not offered
    is_reminded: bool = False


class AddressCard(Card):
    """Asks for the delivery address; answered with the `address` frame."""

    kind: Literal["address"] = "address"
    countries: tuple[tuple[str, str], ...]  # (code, name)
    values: dict[str, str] = Field(default_factory=dict)
    order_number: str = ""  # of a placed order that shall go there; empty = the cart's checkout


class ConfirmCard(Card):
    """A write that waits for the shopper's own yes."""

    kind: Literal["confirm"] = "confirm"
    action_id: str
    operation: str
    title: str  # a question
    lines: tuple[LineItem, ...] = ()
    facts: tuple[str, ...] = ()  # what changes, what does not, where the money goes
    total: Price | None = None
    confirm_label: str
    decline_label: str
    is_destructive: bool = False
    is_test: bool = False
    expires_at: str  # ISO 8601, UTC


class CheckoutCard(Card):
    """The payment link of a placed order."""

    kind: Literal["checkout"] = "checkout"
    order_number: str
    order_reference: str
    pay_url: str
    lines: tuple[LineItem, ...]
    subtotal: Price
    delivery: Price
    delivery_name: str = ""
    tax: Price | None = None
    discount: Price | None = None
    total: Price
    is_test: bool
    expires_at: str


class OrderCard(Card):
    """An order and how far it has come."""

    kind: Literal["order"] = "order"
    number: str
    reference: str
    url: str
    placed_at: str
    state: str
    state_text: str
    steps: tuple[tuple[str, Literal["done", "now", "later"]], ...]
    lines: tuple[LineItem, ...]
    total: Price
    tracking: tuple[str, ...] = ()
    downloads: tuple[Download, ...] = ()
    is_test: bool = False


class NewVariant(Card):
    """What a piece of an order may become."""

    sku: str
    label: str
    price: Price | None
    in_stock: bool


class OrderUnit(Card):
    """One piece of an order, with what it may become."""

    sku: str
    title: str
    option: str = ""
    image_url: str = ""
    paid: Price
    choices: tuple[NewVariant, ...] = ()


class ItemsCard(Card):
    """Asks which pieces of an order go back or become another variant; answered with a message in words."""

    kind: Literal["items"] = "items"
    order_number: str
    act: Literal["return", "change", "exchange"]
    title: str  # a question
    says: str  # how the shopper's message begins; the chosen pieces follow
    submit_label: str
    units: tuple[OrderUnit, ...]


class SlotTime(Card):
    """A free time: `starts_at` is sent back as it is; `left` seats when several may come together."""

    starts_at: str
    label: str  # "14:00"
    left: int | None = None


class SlotDay(Card):
    """A day with free times."""

    day: str  # ISO 8601
    label: str  # "Wed 25 Nov"
    times: tuple[SlotTime, ...]


class SlotsCard(Card):
    """The free times of a service; a time is chosen with the act `slot`. With an order's number it moves there."""

    kind: Literal["slots"] = "slots"
    product_id: int
    variant_id: int
    title: str
    minutes: int
    zone: str  # "GMT+8": the merchant's clock
    seats: int = 1
    days: tuple[SlotDay, ...]
    later: str = ""  # the first day with free times that is not shown, for the act `slots`
    order_number: str = ""


class SignInCard(Card):
    """Asks for the e-mail address and then the code sent to it; neither is ever part of the conversation."""

    kind: Literal["sign_in"] = "sign_in"
    again: str = ""  # the shopper's own question, asked once more when he is signed in


class HandoffCard(Card):
    """A person was asked; what they can see."""

    kind: Literal["handoff"] = "handoff"
    state: Literal["open", "taken", "closed"]
    person: str = ""
    summary: str = ""


AnyCard = Annotated[
    ProductCard
    | ContentCard
    | RoutineCard
    | ComparisonCard
    | CartCard
    | AddressCard
    | ConfirmCard
    | CheckoutCard
    | OrderCard
    | ItemsCard
    | SlotsCard
    | SignInCard
    | HandoffCard,
    Field(discriminator="kind"),
]


class ToolResult(BaseModel):
    """What one tool call produced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str  # for the model: ids, titles, prices, stock; capped
    cards: tuple[AnyCard, ...] = ()
    error: str = ""  # a code when the act failed in a way the shopper can mend
    heard: dict[str, str] = Field(default_factory=dict)  # what was understood, for the "why" drawer
    # Why each product stands where it stands: product id -> [(signal, weight)].
    why: dict[int, list[tuple[str, float]]] = Field(default_factory=dict)
    asks: str = ""  # the one question whose answers would bring up other products: an attribute, "budget"
    answers: tuple[str, ...] = ()
    withheld: int = 0  # products left out because their data do not say what an allergy or a pregnancy has to know
