"""What a shopper is looking for, as typed slots that a conversation fills turn by turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

from django.conf import settings

from catalog.money import Money

_LISTS = ("skin_types", "concerns", "categories", "avoid", "allergies", "activities", "uses", "said")
_MONEY = ("budget_min", "budget_max")


@dataclass(frozen=True, slots=True)
class Needs:
    """Values are the attribute vocabulary's (`oily`, `redness`); a slot that nobody spoke about is empty."""

    text: str = ""
    skin_types: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # category slugs or names, in any form: "sleeping_bag", "睡袋"
    avoid: tuple[str, ...] = ()  # ingredients; "pregnancy" stands for what is not for pregnant people
    allergies: tuple[str, ...] = ()  # must be known to be absent: where the data are silent the product is left out
    activities: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()  # ingredients the shopper already uses
    budget_min: Money | None = None
    budget_max: Money | None = None
    quantity: int | None = None
    is_pregnant: bool = False
    said: tuple[str, ...] = ()  # the messages about what is wanted, oldest first
    words: Mapping[str, str] = field(default_factory=dict)  # value -> how the shopper said it: {"oily": "大油田"}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Needs:
        """Read what `to_json` wrote; names that are not known are ignored."""
        given: dict[str, Any] = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        for name in _LISTS:
            if name in given:
                given[name] = _values(given[name])
        for name in _MONEY:
            if isinstance(given.get(name), Mapping):
                given[name] = Money(int(given[name]["minor"]), str(given[name]["currency"]))
        return cls(**given)

    def to_json(self) -> dict[str, object]:
        """Return the filled slots as plain JSON."""
        written: dict[str, object] = {}
        for name, value in asdict(self).items():
            if value:
                written[name] = list(value) if isinstance(value, tuple) else value
        for name in _MONEY:
            amount: Money | None = getattr(self, name)
            if amount is not None:
                written[name] = {"minor": amount.minor, "currency": amount.currency}
        return written

    def merge(self, set: Mapping[str, object] | None = None, clear: Iterable[str] = ()) -> Needs:
        """Return these needs with the slots in `set` replaced and those in `clear` emptied.

        `words` are added to those known before: the shopper does not repeat what was already said.
        """
        kept = {name: value for name, value in self.to_json().items() if name not in frozenset(clear)}
        changed = Needs.from_json({**kept, **(set or {})})
        return replace(changed, words={**self.words, **changed.words})

    @property
    def for_pregnancy(self) -> bool:
        """Whether only what is fit for pregnant people may be shown."""
        return self.is_pregnant or "pregnancy" in self.avoid

    @property
    def messages(self) -> tuple[str, ...]:
        """Everything that was said of what is wanted, oldest first, the wish of this moment last and once."""
        now = self.text.strip()
        earlier = tuple(each for each in self.said if not (now and (each.startswith(now) or now.startswith(each))))
        newest = next((each for each in reversed(self.said) if now and each.startswith(now)), now)
        return (*earlier, newest) if newest else earlier

    def hears(self, message: str) -> Needs:
        """Return these needs with one more message remembered; the oldest make room, but never the first."""
        kept = [each for each in self.said if each != message]
        most = settings.WISH_MESSAGES_MAX
        said = (*kept, message[: settings.WISH_CHARS_MAX])
        return replace(self, said=said if len(said) <= most else (said[0], *said[-most + 1 :]))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known yet."""
        return not self.to_json()


def _values(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    return tuple(dict.fromkeys(str(value) for value in cast("Iterable[object]", given)))
