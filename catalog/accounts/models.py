"""Who: merchants (tenants), their creators and staff, and the shoppers who talk to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.accounts.scoping import MerchantManager
from catalog.languages import in_language, reader_language

currency_code = RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as TWD."))
hex_colour = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("A colour such as #1C6454."))


class Merchant(models.Model):
    """The tenant. An agency is a merchant with many creators."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, default="TWD", validators=[currency_code])
    # Which currency a shopper sees by language; a language not named here sees `currency`.
    language_currencies = models.JSONField(_("currencies by language"), default=dict, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Taipei")
    country = models.CharField(_("country"), max_length=2, default="TW")
    accent_colour = models.CharField(_("accent colour"), max_length=7, default="#1C6454", validators=[hex_colour])
    # {"TWD": 500000}: a refund above this many minor units waits for a person; a currency not named has no limit.
    refund_limits = models.JSONField(_("refund limits by currency"), default=dict, blank=True)
    return_address = models.TextField(_("return address"), max_length=500, blank=True)  # printed on return labels
    is_demo = models.BooleanField(_("demo shop"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def currency_for(self, language: str) -> str:
        """Return the currency that a shopper of `language` is quoted."""
        code: str = self.language_currencies.get(language, self.currency)
        return code


class MerchantOwned(models.Model):
    """A row that belongs to one merchant; unscoped queries are errors."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", verbose_name=_("merchant"))

    objects = MerchantManager["MerchantOwned"]()

    class Meta:
        abstract = True


class Creator(MerchantOwned):
    """A person with fans, whose AI double speaks in this shop."""

    slug = models.SlugField(_("slug"))
    names = models.JSONField(_("names"), default=dict, help_text=_("Full name by language."))
    short_names = models.JSONField(_("short names"), default=dict, help_text=_("What fans call them, by language."))
    bios = models.JSONField(_("about"), default=dict, blank=True)
    avatar_url = models.CharField(_("portrait"), max_length=500, blank=True)
    stage_url = models.CharField(_("stage picture"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["merchant", "slug"], name="creator_slug_once")]

    def __str__(self) -> str:
        return self.name(reader_language())

    def name(self, language: str) -> str:
        """Return the full name in `language`."""
        return in_language(self.names, language) or self.slug

    def short_name(self, language: str) -> str:
        """Return what fans say, in `language`."""
        return in_language(self.short_names, language) or self.name(language)


class Brand(MerchantOwned):
    """The maker's name on a product."""

    slug = models.SlugField(_("slug"), allow_unicode=True, max_length=120)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["merchant", "slug"], name="brand_slug_once")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member of staff may do."""

    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    ANALYST = "analyst", _("Analyst")
    AGENT = "agent", _("Support agent")
    CREATOR = "creator", _("Creator")


class Membership(MerchantOwned):
    """A staff user's role at a merchant; the creator role sees one creator only."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("creator"))

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=~models.Q(role=Role.CREATOR) | models.Q(creator__isnull=False),
                name="creator_role_names_creator",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class Shopper(MerchantOwned):
    """A person who talks to a double or buys; anonymous until he says who he is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    # When a code sent to `email` was given back: until then the address is only what somebody typed.
    identified_at = models.DateTimeField(_("signed in since"), null=True, blank=True, editable=False)
    # Set by importers of past customers; never by a shopper.
    external_id = models.CharField(_("external id"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("shopper")
        verbose_name_plural = _("shoppers")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "external_id"], condition=~models.Q(external_id=""), name="shopper_external_once"
            )
        ]

    def __str__(self) -> str:
        return self.display_name or str(_("Guest %(id)s") % {"id": str(self.id)[:8]})


class Consent(MerchantOwned):
    """What a shopper agreed to, when, to which wording; withdrawal is a date, not a deletion."""

    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, verbose_name=_("shopper"))
    kind = models.CharField(_("kind"), max_length=40)
    wording = models.TextField(_("wording"))
    wording_version = models.CharField(_("version of the wording"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    source = models.CharField(_("given at"), max_length=40, blank=True)  # "cart", "chat"
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.CharField(_("withdrawn at"), max_length=40, blank=True)  # "cart", "chat", "mail"

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["shopper", "kind"], condition=models.Q(withdrawn_at=None), name="consent_stands_once"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class AuditEntry(MerchantOwned):
    """Who changed what, in words a merchant can read; append-only."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, verbose_name=_("who"))
    action = models.CharField(_("act"), max_length=80)
    subject = models.CharField(_("subject"), max_length=200)
    detail = models.JSONField(_("detail"), default=dict)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} · {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the entry once.

        Raises: ValueError on a second save.
        """
        if self.pk:
            raise ValueError("an audit entry is never changed")
        super().save(*args, **kwargs)


class SignInCode(MerchantOwned):
    """A request for a one-time code: the same row whether or not anybody has that address; the code is not kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Keyed hashes: the table of requests is no list of addresses.
    email_hash = models.CharField(_("e-mail (hash)"), max_length=64)
    asked_by = models.UUIDField(_("asked by"))  # the guest whose browser asked; only he can use the code
    address_hash = models.CharField(_("network address (hash)"), max_length=64, blank=True)
    code_hash = models.CharField(_("code (hash)"), max_length=64, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in code")
        verbose_name_plural = _("sign-in codes")
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["merchant", "email_hash", "-asked_at"], name="sign_in_by_email"),
            models.Index(fields=["merchant", "asked_by", "-asked_at"], name="sign_in_by_guest"),
            models.Index(fields=["merchant", "address_hash", "-asked_at"], name="sign_in_by_address"),
        ]

    def __str__(self) -> str:
        return str(self.id)[:8]
