"""A shopper's messages through the product: read, remembered, answered. Imported after Django is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.accounts.models import Merchant
from catalog.languages import ENGLISH
from catalog.products.assortment import sells
from catalog.products.matching import Advice, advise
from catalog.products.models import Product
from catalog.products.needs import Needs
from conversations.chat.intents import Reading, read
from conversations.chat.memory import remembered


@dataclass(slots=True)
class Listener:
    """One conversation: what was heard, what was shown, whether a question was asked already."""

    merchant: Merchant
    currency: str
    needs: Mapping[str, Any] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)
    has_asked: bool = False
    reading: Reading | None = None

    def hears(self, text: str) -> None:
        """Read a message and remember what it says."""
        self.reading = read(text, language=ENGLISH, sells=self._sells)
        self.needs = remembered(needs=self.needs, reading=self.reading, text=text, currency=self.currency)

    def was_answered(self, act: str, external_ids: Sequence[str]) -> None:
        """Remember what the assistant did."""
        self.has_asked = self.has_asked or act == "clarify"
        found = Product.objects.filter(external_id__in=external_ids).values_list("pk", flat=True)
        self.shown.extend(each for each in found if each not in self.shown)

    def answers(self, *, limit: int) -> tuple[list[tuple[str, Mapping[str, str]]], str]:
        """Return what would be recommended now, best first: (the store's id, options); and "clarify" or "recommend"."""
        advice = self._advice(limit)
        found = advice.matches
        names = dict(
            Product.objects.filter(pk__in=[match.product.product_id for match in found]).values_list(
                "pk", "external_id"
            )
        )
        ranked = [(names[match.product.product_id], match.choice.options) for match in found]
        return ranked, "clarify" if advice.question else "recommend"

    def _sells(self, text: str) -> bool:
        return sells(merchant_id=self.merchant.pk, text=text, language=ENGLISH, currency=self.currency)

    def _advice(self, limit: int) -> Advice:
        return advise(
            merchant_id=self.merchant.pk,
            creator_id=None,
            needs=Needs.from_json(self.needs),
            language=ENGLISH,
            currency=self.currency,
            has_asked=self.has_asked,
            has_shown=bool(self.shown),
            limit=limit,
        )
