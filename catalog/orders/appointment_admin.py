"""Admin: services, who gives them and when, and the appointments that were booked."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import ByLanguageField
from catalog.accounts.admin_roles import ReadOnly
from catalog.accounts.admin_theme import action, display
from catalog.accounts.tenancy import MerchantAdmin, MerchantTabularInline, require
from catalog.orders.appointment_models import (
    GRID_MINUTES,
    Appointment,
    AppointmentState,
    OpeningHours,
    Resource,
    Service,
    SpecialDays,
)
from catalog.orders.appointments.choosing import moment_of
from catalog.orders.appointments.days import free_days
from catalog.orders.appointments.setting_up import not_sent
from catalog.orders.appointments.wording import when_text
from catalog.orders.desk.times_by_staff import cancel_by_staff, move_by_staff
from catalog.orders.errors import OrderError


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A service's place in words."""

    places = ByLanguageField(label=_("Where"), required=False, help_text=_("Such as the address of the studio."))

    class Meta:
        model = Service
        fields = "__all__"  # noqa: DJ007 (the admin class names the fields)


@admin.register(Service)
class ServiceAdmin(MerchantAdmin):
    """Products that are booked for a time."""

    area = "shop"
    form = ServiceForm
    list_display = ("product", "duration_minutes", "buffer_minutes", "given_by", "is_active")
    list_filter = ("is_active",)
    search_fields = ("product__title",)
    list_select_related = ("product",)
    autocomplete_fields = ("product",)
    fieldsets = (
        (None, {"fields": ("product", "is_active", "places")}),
        (_("Times"), {"fields": (("duration_minutes", "buffer_minutes"), "step_minutes")}),
        (_("Booking"), {"fields": (("lead_hours", "horizon_days"), "change_hours", "merchant")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read who gives each service in one query."""
        return super().get_queryset(request).prefetch_related("resources")

    @display(description=_("with"))
    def given_by(self, row: Service) -> str:
        """Who or what gives it; a service nobody gives has no free times."""
        return ", ".join(resource.name for resource in row.resources.all()) or str(_("nobody yet"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; nothing of the product is sent from now on."""
        super().save_model(request, obj, form, change)
        not_sent(product=obj.product)


class _HoursForm(forms.ModelForm):  # type: ignore[type-arg]
    """Hours in steps of the grid, closing after opening."""

    def clean(self) -> dict[str, Any]:
        """Refuse times that no appointment could begin at, naming the field."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = given.get("opens"), given.get("closes")
        for name in ("opens", "closes"):
            at = given.get(name)
            if at is not None and (at.minute % GRID_MINUTES or at.second or at.microsecond):
                self.add_error(name, _("Write a time in steps of %(grid)s minutes.") % {"grid": GRID_MINUTES})
        if opens and closes and closes <= opens and (closes.hour or closes.minute):
            self.add_error("closes", _("To: it ends after it begins; 0:00 is midnight."))
        return given


class OpeningHoursForm(_HoursForm):
    """One day's hours."""

    class Meta:
        model = OpeningHours
        fields = ("weekday", "opens", "closes")


class SpecialDaysForm(_HoursForm):
    """Closed, or other hours."""

    class Meta:
        model = SpecialDays
        fields = "__all__"  # noqa: DJ007 (the admin class names the fields)

    def clean(self) -> dict[str, Any]:
        """Refuse half an opening and days in the wrong order."""
        given = super().clean()
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("Last day: it is not before the first."))
        if (given.get("opens") is None) != (given.get("closes") is None):
            self.add_error("closes", _("From and to: write both, or none for a closed day."))
        return given


class OpeningHoursInline(MerchantTabularInline):
    """The week."""

    model = OpeningHours
    form = OpeningHoursForm
    fields = ("weekday", "opens", "closes")


class SpecialDaysInline(MerchantTabularInline):
    """Holidays of one person or room."""

    model = SpecialDays
    form = SpecialDaysForm
    fields = ("first_day", "last_day", "opens", "closes", "note")


@admin.register(Resource)
class ResourceAdmin(MerchantAdmin):
    """Who or what gives services."""

    area = "shop"
    list_display = ("name", "kind", "seats", "gives", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name",)
    filter_horizontal = ("services",)
    inlines = (OpeningHoursInline, SpecialDaysInline)
    fieldsets = ((None, {"fields": (("name", "kind"), ("seats", "is_active"), "services", "merchant")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read what each gives in one query."""
        return super().get_queryset(request).prefetch_related("services__product")

    @display(description=_("services"))
    def gives(self, row: Resource) -> str:
        """What is given."""
        return ", ".join(str(service) for service in row.services.all())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the services and hours.

        Raises: PermissionDenied when a service belongs to another merchant, even one the user works for.
        """
        if any(service.merchant_id != form.instance.merchant_id for service in form.cleaned_data.get("services", ())):
            raise PermissionDenied
        super().save_related(request, form, formsets, change)


@admin.register(SpecialDays)
class SpecialDaysAdmin(MerchantAdmin):
    """Closed days, and days with other hours."""

    area = "shop"
    form = SpecialDaysForm
    list_display = ("first_day", "last_day", "resource", "opens", "closes", "note")
    list_filter = ("resource",)
    date_hierarchy = "first_day"
    list_select_related = ("resource",)
    fieldsets = (
        (None, {"fields": (("first_day", "last_day"), ("opens", "closes"), ("resource", "note"), "merchant")}),
    )


class AppointmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Offers the free times that the appointment can move to."""

    move_to = forms.ChoiceField(label=_("Move to"), required=False, help_text=_("Its shopper is told."))

    class Meta:
        model = Appointment
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "move_to" not in self.fields:
            return  # read only
        found = free_days(service=self.instance.service, seats=self.instance.seats, without=self.instance)
        times = [(at.starts_at, f"{day.label}, {at.label}") for day in found.days for at in day.times]
        self.fields["move_to"].choices = [("", "—"), *times]  # type: ignore[attr-defined]


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, MerchantAdmin):
    """What was booked, and by whom."""

    area = "orders"
    form = AppointmentForm
    list_display = ("when", "service", "resource", "seats", "state_label", "order", "shopper")
    list_filter = ("state", "starts_at", "resource", "service")
    search_fields = ("order__number", "order__shopper__email", "order__shopper__display_name", "resource__name")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
    list_select_related = ("service__product", "resource", "order__shopper", "merchant")
    readonly_fields = ("when", "service", "resource", "seats", "state_label", "order", "shopper")
    fieldsets = (
        (None, {"fields": ("when", ("service", "resource"), ("seats", "state_label"), ("order", "shopper"))}),
        (_("Another time"), {"fields": ("move_to",)}),
    )
    actions = ("cancel",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change orders may move an appointment that stands."""
        may = MerchantAdmin.has_change_permission(self, request, obj)
        return may and (obj is None or obj.state == AppointmentState.BOOKED)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever may change orders may cancel."""
        return MerchantAdmin.has_change_permission(self, request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, dict[str, Any]]]:
        """Show the choice of times only where it can be used."""
        groups = super().get_fieldsets(request, obj)
        return groups if self.has_change_permission(request, obj) else groups[:1]

    @display(description=_("when"), ordering="starts_at")
    def when(self, row: Appointment) -> str:
        """Day and time on the merchant's clock."""
        return when_text(row.starts_at, row.ends_at, ZoneInfo(row.merchant.timezone))

    @display(description=_("shopper"))
    def shopper(self, row: Appointment) -> str:
        """Who comes."""
        return str(row.order.shopper)

    @display(
        description=_("state"),
        label={"booked": "success", "held": "warning", "cancelled": "danger", "released": "info"},
    )
    def state_label(self, row: Appointment) -> tuple[str, str]:
        """The state as a tag."""
        return row.state, row.get_state_display()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Move it to the time that was chosen; a time taken meanwhile changes nothing and is said."""
        require(request, area=self.area, act="change", merchant_id=obj.merchant_id)
        chosen = form.cleaned_data.get("move_to")
        if not chosen:
            return
        try:
            move_by_staff(appointment_id=obj.pk, starts_at=moment_of(chosen), actor_id=request.user.pk)
        except OrderError as error:
            messages.error(request, error.message)

    @action(description=_("Cancel and pay back"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> None:
        """Cancel appointments: each is paid back, its time is free, its shopper is told."""
        for row in queryset:
            require(request, area=self.area, act="change", merchant_id=row.merchant_id)
            try:
                cancel_by_staff(appointment_id=row.pk, actor_id=request.user.pk)
            except OrderError as error:
                messages.error(request, f"{row}: {error.message}")
            else:
                messages.success(request, str(row))
