"""Goods that are files: what is kept for a variant, and who may fetch it how often."""

from __future__ import annotations

import uuid
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import MerchantOwned
from catalog.products.models import Variant


def private_storage() -> Storage:
    """Return where files lie that no address leads to: they leave only through a signed link."""
    return FileSystemStorage(location=settings.PRIVATE_FILES_ROOT, base_url=None)


def stored_name(row: DigitalFile, file_name: str) -> str:
    """Return where an upload is kept: its own name is not part of the path."""
    return f"{row.merchant_id}/{uuid.uuid4().hex}{PurePath(file_name).suffix.lower()[:12]}"


class DigitalFile(MerchantOwned):
    """A file that is sold as a variant, or as part of it."""

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="digital_files", verbose_name=_("variant")
    )
    file = models.FileField(_("file"), storage=private_storage, upload_to=stored_name, max_length=300)
    name = models.CharField(_("file name"), max_length=200, help_text=_("As the shopper saves it."))
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), default=0, editable=False)
    is_active = models.BooleanField(_("for sale"), default=True)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        ordering = ["variant_id", "name", "id"]

    def __str__(self) -> str:
        return self.name


class DownloadGrant(MerchantOwned):
    """A file that an order paid for. `used` rises by a conditional UPDATE only, never above `allowed`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.CASCADE, related_name="downloads", verbose_name=_("order line")
    )
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="downloads", verbose_name=_("order")
    )
    file = models.ForeignKey(DigitalFile, on_delete=models.PROTECT, related_name="grants", verbose_name=_("file"))
    allowed = models.PositiveIntegerField(_("downloads allowed"))
    used = models.PositiveIntegerField(_("downloads used"), default=0)
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last downloaded"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("download of an order")
        verbose_name_plural = _("downloads of orders")
        ordering = ["line_id", "granted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["line", "file"], name="download_granted_once"),
            models.CheckConstraint(condition=Q(used__lte=F("allowed")), name="download_within_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.used}/{self.allowed}"
