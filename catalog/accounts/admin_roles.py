"""Who may do what with rows that people do not write: read only, or the platform's alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalog.accounts.tenancy import is_platform_staff


class ReadOnly:
    """Rows that code writes and people read."""

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Nobody adds these by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes these by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes these by hand."""
        return False


class PlatformOnly:
    """Rows of the platform itself."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to platform staff."""
        return is_platform_staff(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show rows to platform staff."""
        return is_platform_staff(request.user)
