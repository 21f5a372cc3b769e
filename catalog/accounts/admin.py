"""Admin: the shop itself, its creators and staff, its shoppers, the audit log, and the outbox below."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.accounts.admin_roles import PlatformOnly, ReadOnly
from catalog.accounts.admin_theme import ThemedAdmin, action, display
from catalog.accounts.models import AuditEntry, Brand, Consent, Creator, Membership, Merchant, Shopper
from catalog.accounts.staff_forms import CreatorForm, MembershipForm, MerchantForm
from catalog.accounts.tenancy import MerchantAdmin, is_platform_staff, merchants_of
from catalog.outbox import leases
from catalog.outbox.models import OutboxMessage, ScheduledRun

admin.site.unregister(Group)
admin.site.unregister(User)


@admin.register(User)
class UserAdmin(PlatformOnly, ThemedAdmin):  # type: ignore[misc]  # unfold is untyped
    """Accounts; merchants add their staff under Staff instead."""

    list_display = ("username", "email", "is_staff", "is_superuser", "is_active")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("username", "email")
    fields = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser")
    readonly_fields = ("last_login", "date_joined")


@admin.register(Merchant)
class MerchantShopAdmin(MerchantAdmin):
    """The shop's own details."""

    area = "staff"
    form = MerchantForm
    list_display = ("name", "slug", "currency", "timezone", "country", "is_demo")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "slug", "country", "timezone")}),
        (_("Money"), {"fields": ("currency", "language_currencies")}),
        (_("Look"), {"fields": ("accent_colour",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merchant]:
        """Return the user's merchants."""
        return Merchant.objects.filter(pk__in=[row.pk for row in merchants_of(request.user)])

    def get_readonly_fields(self, request: HttpRequest, obj: Merchant | None = None) -> tuple[str, ...]:
        """A shop's address is in links that are out in the world."""
        return ("slug",) if obj else ()

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Only the platform opens shops."""
        return is_platform_staff(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the platform closes shops."""
        return is_platform_staff(request.user)

    def save_model(self, request: HttpRequest, obj: Merchant, form: Any, change: bool) -> None:
        """Save; the row is its own merchant."""
        obj.save()


@admin.register(Creator)
class CreatorAdmin(MerchantAdmin):
    """The people with fans."""

    area = "staff"
    form = CreatorForm
    creator_path = "pk"
    list_display = ("__str__", "slug", "merchant")
    search_fields = ("slug", "names")
    list_select_related = ("merchant",)


@admin.register(Brand)
class BrandAdmin(MerchantAdmin):
    """Makers' names."""

    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Membership)
class MembershipAdmin(MerchantAdmin):
    """Who works for the shop, and as what."""

    area = "staff"
    form = MembershipForm
    list_display = ("user", "role_label", "creator", "merchant")
    list_filter = ("role",)
    list_select_related = ("user", "creator", "merchant")
    search_fields = ("user__username", "user__email")

    @display(description=_("role"), label=True, ordering="role")
    def role_label(self, row: Membership) -> str:
        """The role in words."""
        return str(row.get_role_display())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form whether it makes a new account."""
        form = super().get_form(request, obj, change, **kwargs)
        form.is_new = obj is None
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A new member gets an account; an old one keeps it."""
        account = ["username", "password"] if obj is None else []
        merchant = ["merchant"] if self._only_merchant(request) is None else []
        return [*account, "role", "creator", *merchant]


@admin.register(Shopper)
class ShopperAdmin(ReadOnly, MerchantAdmin):
    """The people who talk and buy."""

    area = "conversations"
    list_display = ("__str__", "email", "language", "created_at")
    list_filter = ("language",)
    search_fields = ("display_name", "email")


@admin.register(Consent)
class ConsentAdmin(ReadOnly, MerchantAdmin):
    """What shoppers agreed to."""

    area = "staff"
    list_display = ("shopper", "kind", "wording_version", "source", "granted_at", "withdrawn_at", "withdrawn_by")
    list_select_related = ("shopper",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, MerchantAdmin):
    """The audit log."""

    area = "staff"
    list_display = ("at", "actor", "action", "subject")
    list_filter = ("action",)
    search_fields = ("subject", "actor__username")
    list_select_related = ("actor",)
    date_hierarchy = "at"


class OutboxStateFilter(admin.SimpleListFilter):
    """Waiting, stuck, given up or delivered."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The states."""
        return [
            ("stuck", _("Failing")),
            ("dead", _("Given up")),
            ("waiting", _("Waiting")),
            ("delivered", _("Delivered")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        """Filter by the state."""
        undelivered = Q(delivered_at=None, dead_at=None)
        states = {
            "stuck": undelivered & Q(attempts__gt=0),
            "dead": Q(dead_at__isnull=False),
            "waiting": undelivered,
            "delivered": Q(delivered_at__isnull=False),
        }
        chosen = states.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(MerchantAdmin):
    """Background work: what is stuck, and sending it again."""

    area = "work"
    list_display = ("created_at", "topic", "key", "subscriber_name", "state", "attempts", "error_line")
    list_filter = (OutboxStateFilter, "lane", "topic")
    search_fields = ("key", "topic")
    actions = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        """Return the messages of the user's merchants; all of them for platform staff."""
        rows = OutboxMessage.objects.all()
        if is_platform_staff(request.user):
            return rows
        return rows.filter(merchant_id__in=[row.pk for row in merchants_of(request.user)])

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Only services publish."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Messages stay."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show every field, change none."""
        return [field.name for field in OutboxMessage._meta.fields]

    @display(description=_("subscriber"))
    def subscriber_name(self, row: OutboxMessage) -> str:
        """The subscriber without its package."""
        return row.subscriber.rsplit(".", 1)[-1]

    @display(
        description=_("state"),
        label={"delivered": "success", "dead": "danger", "failing": "warning", "waiting": "info"},
    )
    def state(self, row: OutboxMessage) -> tuple[str, Any]:
        """Where the message stands."""
        if row.delivered_at:
            return "delivered", _("Delivered")
        if row.dead_at:
            return "dead", _("Given up")
        return ("failing", _("Failing")) if row.attempts else ("waiting", _("Waiting"))

    @display(description=_("last error"))
    def error_line(self, row: OutboxMessage) -> str:
        """The first words of the last error."""
        return row.error[:80]

    @action(description=_("Send again"), permissions=["change"])
    def replay(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        """Put messages back in line."""
        count = leases.replay(self.changeable(request, queryset).values_list("pk", flat=True))
        text = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
        messages.success(request, text % {"count": count})


@admin.register(ScheduledRun)
class ScheduledRunAdmin(PlatformOnly, ReadOnly, ThemedAdmin):  # type: ignore[misc]  # unfold is untyped
    """When periodic work last ran."""

    list_display = ("name", "last_run_at")
