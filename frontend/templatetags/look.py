"""What templates need of the look: icons of the sprite, clocks, initials."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.accounts.models import Creator

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of icons.svg; the text beside it carries the name."""
    classes = f"icon {size}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, static("frontend/icons.svg"), name
    )


@register.filter
def clock(seconds: int) -> str:
    """Write seconds as on a time line: 1:37, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def initial(text: str) -> str:
    """Return the first letter, for the place of a missing picture."""
    return text.strip()[:1] or "?"


@register.filter
def in_words(creator: Creator, language: str) -> str:
    """Return a creator's full name in `language`."""
    return creator.name(language)
