"""Services that are booked for a time: who or what gives them, when, and who comes."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.languages import in_language
from catalog.products.models import Product

GRID_MINUTES = 5  # booked time is kept in cells of this length: every length and every opening is a multiple of it
DAY_MINUTES = 24 * 60


def on_the_grid(minutes: int) -> None:
    """Refuse lengths that do not fill cells. Raises: ValidationError."""
    if minutes % GRID_MINUTES:
        raise ValidationError(_("Write a multiple of %(grid)s minutes.") % {"grid": GRID_MINUTES})


class Service(MerchantOwned):
    """A product that is booked for a time instead of being sent."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="service", verbose_name=_("product"))
    duration_minutes = models.PositiveIntegerField(
        _("length (min)"), default=60, validators=[MinValueValidator(GRID_MINUTES), on_the_grid]
    )
    buffer_minutes = models.PositiveIntegerField(
        _("pause afterwards (min)"), default=0, validators=[MaxValueValidator(DAY_MINUTES), on_the_grid]
    )
    step_minutes = models.PositiveIntegerField(
        _("a start every (min)"), default=30, validators=[MinValueValidator(GRID_MINUTES), on_the_grid]
    )
    lead_hours = models.PositiveIntegerField(_("booked at least (h) before"), default=2)
    horizon_days = models.PositiveIntegerField(
        _("booked at most (days) ahead"), default=60, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    # None = the house's rule, APPOINTMENT_CHANGE_HOURS.
    change_hours = models.PositiveIntegerField(
        _("free to change until (h) before"), null=True, blank=True, help_text=_("Empty = as everywhere.")
    )
    places = models.JSONField(_("where"), default=dict, blank=True, help_text=_("What the shopper reads, by language."))
    is_active = models.BooleanField(_("can be booked"), default=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["product__title", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(duration_minutes__gt=0), name="service_takes_time"),
            models.CheckConstraint(condition=Q(step_minutes__gt=0), name="service_starts_apart"),
        ]

    def __str__(self) -> str:
        return str(self.product)

    def place(self, language: str) -> str:
        """Return where it is given, or an empty text."""
        return in_language(self.places, language)


class ResourceKind(models.TextChoices):
    """What is taken while a service is given."""

    PERSON = "person", _("Person")
    ROOM = "room", _("Room")
    GROUP = "group", _("Group with seats")


class Resource(MerchantOwned):
    """Who or what gives a service. It does one thing at a time, for up to `seats` people together."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=ResourceKind.choices, default=ResourceKind.PERSON)
    seats = models.PositiveIntegerField(
        _("seats"), default=1, validators=[MinValueValidator(1)], help_text=_("How many may come to one appointment.")
    )
    services = models.ManyToManyField(Service, related_name="resources", blank=True, verbose_name=_("services"))
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("people and rooms")
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=Q(seats__gte=1), name="resource_has_a_seat")]

    def __str__(self) -> str:
        return self.name


class Weekday(models.IntegerChoices):
    """Days as Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningHours(MerchantOwned):
    """When a resource is there on a day of the week, on the merchant's clock. Closing at 0:00 is midnight."""

    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="hours", verbose_name=_("person or room")
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(closes="00:00") | Q(closes__gt=F("opens")), name="hours_end_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class SpecialDays(MerchantOwned):
    """Days on which other hours hold: closed without times, else open from `opens` to `closes`."""

    resource = models.ForeignKey(
        Resource,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="special_days",
        verbose_name=_("person or room"),
        help_text=_("Empty = everybody."),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    opens = models.TimeField(_("from"), null=True, blank=True, help_text=_("Empty = closed."))
    closes = models.TimeField(_("to"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("special days")
        verbose_name_plural = _("closed and special days")
        ordering = ["-first_day", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="special_days_in_order"),
            models.CheckConstraint(
                condition=Q(opens=None, closes=None)
                | Q(opens__isnull=False, closes="00:00")
                | Q(opens__isnull=False, closes__gt=F("opens")),
                name="special_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


class ChosenSlot(MerchantOwned):
    """The time chosen for a service in a cart; nothing is held before the order is placed."""

    line = models.OneToOneField(
        "orders.CartLine", on_delete=models.CASCADE, related_name="chosen_slot", verbose_name=_("cart line")
    )
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+", verbose_name=_("person or room"))
    starts_at = models.DateTimeField(_("begins"))

    class Meta:
        verbose_name = _("chosen time")
        verbose_name_plural = _("chosen times")

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class BookedSlot(MerchantOwned):
    """Time of a resource that is taken by a service; its cells keep everything else out.

    `taken` counts the seats of its appointments: it rises by a conditional UPDATE only.
    """

    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="booked", verbose_name=_("person or room")
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="booked", verbose_name=_("service"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    busy_until = models.DateTimeField(_("taken until"))  # the pause afterwards included
    seats = models.PositiveIntegerField(_("seats"))
    taken = models.PositiveIntegerField(_("seats taken"), default=0)

    class Meta:
        verbose_name = _("booked time")
        verbose_name_plural = _("booked times")
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "starts_at"], name="booked_slot_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("seats")), name="booked_slot_within_seats"),
        ]
        indexes = [models.Index(fields=["resource", "busy_until"], name="booked_slot_until")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.resource}"


class BookedCell(MerchantOwned):
    """GRID_MINUTES of a resource that a booked slot takes: the database lets each be taken once."""

    slot = models.ForeignKey(BookedSlot, on_delete=models.CASCADE, related_name="cells", verbose_name=_("booked time"))
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+", verbose_name=_("person or room"))
    at = models.DateTimeField(_("from"))

    class Meta:
        verbose_name = _("cell of booked time")
        verbose_name_plural = _("cells of booked time")
        constraints = [models.UniqueConstraint(fields=["resource", "at"], name="booked_cell_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class AppointmentState(models.TextChoices):
    """What an appointment has of its time."""

    RELEASED = "released", _("Given back")  # the order ended, or waits to be placed
    HELD = "held", _("Held until paid")
    BOOKED = "booked", _("Booked")
    CANCELLED = "cancelled", _("Cancelled")  # by the shopper, its line paid back


class Appointment(MerchantOwned):
    """The seats that a line of an order has at a time."""

    line = models.OneToOneField(
        "orders.OrderLine", on_delete=models.CASCADE, related_name="appointment", verbose_name=_("order line")
    )
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="appointments", verbose_name=_("order")
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("service")
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("person or room")
    )
    slot = models.ForeignKey(
        BookedSlot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("booked time"),
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    seats = models.PositiveIntegerField(_("seats"), default=1)
    state = models.CharField(
        _("state"), max_length=10, choices=AppointmentState.choices, default=AppointmentState.RELEASED
    )
    moves = models.PositiveIntegerField(_("times moved"), default=0)  # a calendar knows the newer entry by it

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("held", "booked"), slot__isnull=False)
                | Q(state__in=("released", "cancelled"), slot__isnull=True),
                name="appointment_has_its_time",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_start"),
        ]
        indexes = [models.Index(fields=["merchant", "starts_at"], name="appointment_starts")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.service}"
