"""A guest signs in from a conversation: it goes with him to his account. No code ever enters what the model reads."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Merchant, Shopper
from catalog.orders.signing_in import sign_in_with_code, sign_in_with_link
from conversations.chat.models import Conversation, Speaker, Surface
from conversations.chat.services import say


def confirm_code(*, merchant: Merchant, guest: Shopper, email: str, code: str) -> Shopper:
    """Return the account a code opens; cart, orders and conversations of the guest go with him.

    Call it outside a transaction: a wrong guess is counted. Raises: catalog.accounts.sign_in.WrongCode.
    """
    account = sign_in_with_code(merchant=merchant, guest_id=guest.pk, email=email, code=code)
    return _with_conversations(account, guest.pk)


def confirm_link(*, merchant: Merchant, guest: Shopper, token: str) -> Shopper:
    """Return the account a signed link opens; as confirm_code. Raises: catalog.accounts.sign_in.WrongCode."""
    account = sign_in_with_link(merchant=merchant, guest_id=guest.pk, token=token)
    return _with_conversations(account, guest.pk)


@transaction.atomic
def _with_conversations(account: Shopper, guest_id: uuid.UUID) -> Shopper:
    is_guest = Shopper.objects.filter(pk=guest_id, identified_at=None, external_id="").exists()
    if guest_id != account.pk and is_guest:
        Conversation.objects.filter(shopper_id=guest_id).exclude(surface=Surface.LIVE).update(shopper=account)
    return account


def tell_signed_in(conversation: Conversation) -> None:
    """Say in the conversation that the shopper is signed in now."""
    with override(conversation.language):
        text = _("You are signed in.")
    say(conversation_id=conversation.pk, speaker=Speaker.SYSTEM, text=text, once_key=f"signed-in:{uuid.uuid4()}")
