"""What the tests of logs and traces share."""

from __future__ import annotations

import pytest

from catalog.accounts.models import Merchant
from conversations.chat.models import Conversation
from conversations.chat.services import open_conversation
from tests.factories import make_creator, make_shopper


@pytest.fixture
def conversation(in_scope: Merchant) -> Conversation:
    return open_conversation(
        merchant=in_scope,
        creator=make_creator(merchant=in_scope),
        shopper=make_shopper(merchant=in_scope),
        surface="direct",
        language="en",
        currency="USD",
    )
