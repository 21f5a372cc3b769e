"""The REST interface describes itself without a guess: a client made from it knows every name and type."""

from __future__ import annotations

import io

from django.core.management import call_command


def test_the_description_is_whole() -> None:
    # A type that cannot be told, or two things of one name, is a warning; each is an error here.
    call_command("spectacular", "--fail-on-warn", stdout=io.StringIO())
