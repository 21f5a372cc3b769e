"""A product's attributes in the shopper's language: names, and values in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.products.vocabulary import word

# The attributes that matter most to a choice come first; others follow as the merchant wrote them.
_NAMES = {
    "skin_types": gettext_lazy("Suits"),
    "concerns": gettext_lazy("For"),
    "key_ingredients": gettext_lazy("Key ingredients"),
    "free_from": gettext_lazy("Free from"),
    "conflicts_with": gettext_lazy("Not together with"),
    "avoid_in_pregnancy": gettext_lazy("Avoid in pregnancy"),
    "step": gettext_lazy("Step"),
    "texture": gettext_lazy("Texture"),
    "finish": gettext_lazy("Finish"),
    "size_ml": gettext_lazy("Size (ml)"),
    "spf": gettext_lazy("SPF"),
    "activity": gettext_lazy("Activity"),
    "season": gettext_lazy("Season"),
    "weight_g": gettext_lazy("Weight (g)"),
    "waterproof_mm": gettext_lazy("Waterproof (mm)"),
    "capacity_l": gettext_lazy("Capacity (l)"),
    "comfort_c": gettext_lazy("Comfort (°C)"),
    "people": gettext_lazy("People"),
}


def facts_of(attributes: Mapping[str, object], language: str) -> dict[str, str]:
    """Return {name in words: value in words}; call inside the shop, whose language the names take."""
    known = [name for name in _NAMES if name in attributes]
    others = sorted(name for name in attributes if name not in _NAMES)
    facts = {fact_name(name): _value(name, attributes[name], language) for name in (*known, *others)}
    return {name: value for name, value in facts.items() if value}


def fact_name(name: str) -> str:
    """Return an attribute's name as people read it, in the language that is active."""
    return str(_NAMES[name]) if name in _NAMES else name.replace("_", " ")


def _value(name: str, value: object, language: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return _(", ").join(_value(name, part, language) for part in value)
    # What a product must not meet is named by the words of ingredients.
    attribute = "key_ingredients" if name == "conflicts_with" else name
    return word(attribute, value, language) if isinstance(value, str) else str(value)
