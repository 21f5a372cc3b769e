"""What a member of staff may see and do: request scope, roles, and the admin class every page inherits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from catalog.accounts import audit
from catalog.accounts.models import Creator, Membership, Merchant, Role
from catalog.accounts.scoping import every_merchant, merchant_scope

M = TypeVar("M", bound=models.Model)
AnyUser = AbstractBaseUser | AnonymousUser

# What each role may do, by area; an area is named by the admin class. "view" | "change" (change includes add, delete).
# A role that is not listed under an area does not see it.
PERMISSIONS: dict[str, dict[str, str]] = {
    Role.OWNER: {
        "shop": "change", "double": "change", "live": "change", "orders": "change",
        "conversations": "change", "insight": "view", "staff": "change", "work": "change",
    },
    Role.EDITOR: {"shop": "change", "double": "change", "live": "change", "conversations": "view"},
    Role.ANALYST: {"shop": "view", "orders": "view", "conversations": "view", "insight": "view"},
    Role.AGENT: {"shop": "view", "conversations": "change", "orders": "change", "live": "change"},
    Role.CREATOR: {"shop": "view", "double": "change", "live": "change", "conversations": "view", "insight": "view"},
}  # fmt: skip


def memberships_of(user: AnyUser) -> list[Membership]:
    """Return a staff user's memberships, with their merchants; one query a request (kept on the user)."""
    if not user.is_authenticated:
        return []
    kept: list[Membership] | None = getattr(user, "_memberships", None)
    if kept is None:
        with every_merchant():
            kept = list(Membership.objects.filter(user_id=user.pk).select_related("merchant", "creator"))
        user._memberships = kept  # type: ignore[attr-defined]  # a cache for this request
    return kept


def is_platform_staff(user: AnyUser) -> bool:
    """Return whether the user runs the platform and sees every merchant."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


def merchants_of(user: AnyUser) -> list[Merchant]:
    """Return the merchants a staff user works for; all of them for platform staff."""
    if is_platform_staff(user):
        return list(Merchant.objects.all())
    return [membership.merchant for membership in memberships_of(user)]


def role_allows(user: AnyUser, *, area: str, act: str, merchant_id: int | None = None) -> bool:
    """Return whether the user may `act` ("view" or "change") in an area, at one merchant or at any of his."""
    if is_platform_staff(user):
        return True
    levels = [
        PERMISSIONS[membership.role].get(area, "")
        for membership in memberships_of(user)
        if merchant_id is None or membership.merchant_id == merchant_id
    ]
    return "change" in levels or (act == "view" and "view" in levels)


def only_creator_of(user: AnyUser) -> int | None:
    """Return the creator a user is limited to (creator role at every merchant), or None."""
    memberships = memberships_of(user)
    if is_platform_staff(user) or not memberships or any(row.role != Role.CREATOR for row in memberships):
        return None
    return memberships[0].creator_id


class StaffScopeMiddleware:
    """Scopes every request of a signed-in member of staff to his merchants."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside the scope; others pass unscoped, where an unscoped query is an error."""
        user = request.user
        if not user.is_authenticated or not getattr(user, "is_staff", False):
            return self.get_response(request)
        if is_platform_staff(user):
            with every_merchant():
                return self.get_response(request)
        with merchant_scope(merchants_of(user)):
            return self.get_response(request)


def require(request: HttpRequest, *, area: str, act: str = "view", merchant_id: int | None = None) -> None:
    """Let a staff view go on only for those who may.

    Raises: Http404 when the merchant is not one of the user's, PermissionDenied when the role does not allow it.
    """
    user = request.user
    if merchant_id is not None and merchant_id not in {merchant.pk for merchant in merchants_of(user)}:
        raise Http404
    if not role_allows(user, area=area, act=act, merchant_id=merchant_id):
        raise PermissionDenied


class _Scoped:
    """What pages and inlines share: rows, choices and permissions limited to the user's merchants and role."""

    area: str = "shop"
    creator_path: str = ""  # look-up to the creator, for staff who see one creator only
    is_append_only: bool = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows of the user's merchants (the request's scope), and of his creator when he is one."""
        rows: models.QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        creator_id = only_creator_of(request.user)
        if creator_id is not None and self.creator_path:
            rows = rows.filter(**{self.creator_path: creator_id})
        return rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows of the user's merchants; another merchant's id is refused as unknown."""
        related = db_field.remote_field.model
        if related is Merchant:
            kwargs["queryset"] = Merchant.objects.filter(pk__in=[row.pk for row in merchants_of(request.user)])
        elif hasattr(related, "merchant"):
            kwargs["queryset"] = related.objects.all()  # scoped by the request
            only = only_creator_of(request.user)
            if related is Creator and only is not None:
                kwargs["queryset"] = kwargs["queryset"].filter(pk=only)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """View as the role allows."""
        return role_allows(request.user, area=self.area, act="view", merchant_id=_merchant_id(obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Change as the role allows; never what is append-only."""
        allowed = role_allows(request.user, area=self.area, act="change", merchant_id=_merchant_id(obj))
        return allowed and not self.is_append_only

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Add as the role allows."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Delete as the role allows."""
        return self.has_change_permission(request, obj)


def _refuse_strangers(row: Any) -> None:
    """Refuse a row that points at another merchant's row, even when the user works for both.

    Raises: PermissionDenied.
    """
    for field in row._meta.concrete_fields:
        target = getattr(row, field.name) if field.is_relation and hasattr(field.related_model, "merchant") else None
        if target is not None and target.merchant_id != row.merchant_id:
            raise PermissionDenied


def _merchant_id(row: Any) -> int | None:
    if isinstance(row, Merchant):
        return row.pk
    merchant_id: int | None = getattr(row, "merchant_id", None)
    return merchant_id


def _validating(form: Any, merchant: Merchant | None) -> Any:
    """Return the form with the merchant known before it validates: `slug once a merchant` is told, not a crash."""

    class Validating(form):  # type: ignore[misc]  # a class made by Django
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if self.instance.merchant_id is None and merchant is not None:
                self.instance.merchant = merchant

        def _get_validation_exclusions(self) -> set[str]:
            excluded: set[str] = super()._get_validation_exclusions()
            return excluded - {"merchant"} if self.instance.merchant_id else excluded

    Validating.__name__ = form.__name__
    return Validating


class MerchantAdmin(_Scoped, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """The base of every admin page of merchant-owned rows."""

    list_per_page = 50
    compressed_fields = True
    warn_unsaved_form = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to those who may see anything in it."""
        return self.has_view_permission(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; it knows the merchant while it validates."""
        form = super().get_form(request, obj, change, **kwargs)
        return _validating(form, self._only_merchant(request)) if hasattr(self.model, "merchant") else form

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Iterable[str] | None:
        """Hide the merchant from staff of one merchant: there is nothing to choose."""
        exclude = list(super().get_exclude(request, obj) or ())
        if self._only_merchant(request) and "merchant" not in exclude:
            exclude.append("merchant")
        return exclude or None

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, dict[str, Any]]]:
        """Return the groups of fields; staff of one merchant are not asked which."""
        groups: list[tuple[Any, dict[str, Any]]] = list(super().get_fieldsets(request, obj))
        if self._only_merchant(request) is None:
            return groups
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name != "merchant")})
            for title, options in groups
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give a new row the user's merchant.

        Raises: PermissionDenied when the row would go to a merchant where the user's role does not allow it.
        """
        only = self._only_merchant(request)
        if not change and only is not None and getattr(obj, "merchant_id", None) is None:
            obj.merchant = only
        if not role_allows(request.user, area=self.area, act="change", merchant_id=obj.merchant_id):
            raise PermissionDenied
        _refuse_strangers(obj)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Give new inline rows their parent's merchant."""
        for row in formset.save(commit=False):
            if hasattr(row, "merchant_id") and row.merchant_id is None:
                row.merchant_id = form.instance.merchant_id
            if hasattr(row, "merchant_id"):
                _refuse_strangers(row)
            row.save()
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> Any:
        """Say 404 for what is not the user's, where Django leads home with a message.

        Raises: Http404.
        """
        raise Http404

    def changeable(self, request: HttpRequest, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Return the rows of the merchants where the user's role allows a change; for acts on many rows."""
        if is_platform_staff(request.user):
            return rows
        allowed = [
            merchant.pk
            for merchant in merchants_of(request.user)
            if role_allows(request.user, area=self.area, act="change", merchant_id=merchant.pk)
        ]
        return rows.filter(merchant_id__in=allowed)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write Django's history and the merchant's audit log."""
        self._audit(request, obj, "add")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write Django's history and the merchant's audit log."""
        self._audit(request, obj, "change")
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Write Django's history and the merchant's audit log."""
        for row in queryset:
            self._audit(request, row, "delete")
        return super().log_deletions(request, queryset)

    def _audit(self, request: HttpRequest, row: Any, act: str) -> None:
        merchant_id = _merchant_id(row)
        if merchant_id is not None:
            action = f"{act} {row._meta.model_name}"
            audit.note(merchant_id=merchant_id, actor_id=request.user.pk, action=action, subject=str(row))

    def _only_merchant(self, request: HttpRequest) -> Merchant | None:
        merchants = merchants_of(request.user)
        return merchants[0] if len(merchants) == 1 else None


class _Inline(_Scoped):
    """Rows below a parent: they are the parent's merchant's."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the rows' forms; they know the merchant while they validate."""
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        merchants = merchants_of(request.user)
        merchant = obj.merchant if obj else merchants[0] if len(merchants) == 1 else None
        formset.form = _validating(formset.form, merchant)
        return formset


class MerchantTabularInline(_Inline, TabularInline):  # type: ignore[misc]  # unfold is untyped
    """Rows of a parent, as a table."""

    extra = 0
    exclude = ("merchant",)


class MerchantStackedInline(_Inline, StackedInline):  # type: ignore[misc]  # unfold is untyped
    """Rows of a parent, one under the other."""

    extra = 0
    exclude = ("merchant",)
