"""Forms of the shop's details, its creators and its staff."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.accounts.admin_fields import ByLanguageField
from catalog.accounts.admin_theme import PasswordInput, TextInput
from catalog.accounts.models import Creator, Membership, Merchant, Role, currency_code


class CurrenciesField(ByLanguageField):
    """{language: currency}."""

    def clean(self, value: Any) -> Any:
        """Refuse what is not a currency code."""
        currencies = super().clean(value)
        for code in currencies.values():
            currency_code(code)
        return currencies


class MerchantForm(forms.ModelForm):  # type: ignore[type-arg]
    """The shop's details."""

    language_currencies = CurrenciesField(
        label=_("Currencies by language"), help_text=_("Empty = the shop's own currency.")
    )

    class Meta:
        model = Merchant
        fields = "__all__"  # noqa: DJ007 (the admin class names the fields)

    def clean_timezone(self) -> str:
        """Refuse a time zone nobody knows."""
        name = str(self.cleaned_data["timezone"])
        if name not in available_timezones():
            raise ValidationError(_("This time zone is not known. Use a name such as Asia/Taipei."))
        return name


class CreatorForm(forms.ModelForm):  # type: ignore[type-arg]
    """A creator's names and texts in each language."""

    names = ByLanguageField(label=_("Name"))
    short_names = ByLanguageField(label=_("Short name"), help_text=_("What fans call them."))
    bios = ByLanguageField(label=_("About"), rows=3)

    class Meta:
        model = Creator
        fields = "__all__"  # noqa: DJ007


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """A member of staff; a new one gets an account that is his alone."""

    is_new = False
    username = forms.CharField(max_length=150, required=False, widget=TextInput(), label=_("User name"))
    password = forms.CharField(
        required=False,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
        label=_("First password"),
        help_text=_("Tell it to them in person; they can change it after signing in."),
    )

    class Meta:
        model = Membership
        fields = ("role", "creator", "merchant")

    def clean(self) -> dict[str, Any]:
        """Check that a creator's role names the creator, and that a new account can be made."""
        cleaned = super().clean() or {}
        if cleaned.get("role") == Role.CREATOR and not cleaned.get("creator"):
            self.add_error("creator", _("The role Creator sees one creator only: choose which."))
        if self.is_new:
            self._check_account(cleaned)
        return cleaned

    def _check_account(self, cleaned: dict[str, Any]) -> None:
        name, password = cleaned.get("username", ""), cleaned.get("password", "")
        try:
            User.username_validator(name)
            validate_password(password, User(username=name))
        except ValidationError as error:
            self.add_error("password" if name else "username", error)
        if not name:
            self.add_error("username", _("Choose a user name."))
        elif User.objects.filter(username=name).exists():
            self.add_error("username", _("This user name is taken. Choose another."))

    def save(self, commit: bool = True) -> Membership:
        """Make the account, then the membership."""
        if self.is_new and self.instance.user_id is None:
            self.instance.user = User.objects.create_user(
                self.cleaned_data["username"], password=self.cleaned_data["password"], is_staff=True
            )
        membership: Membership = super().save(commit)
        return membership
