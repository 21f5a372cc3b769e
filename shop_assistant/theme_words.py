"""Words of the admin's theme, which ships in English only: listed so that our catalogue holds them."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

# Each stands in a template of django-unfold 0.91 word for word; what Django translates itself is left out.
WORDS = (
    # lists
    _("Apply Filters"),
    _("Date from"),
    _("Date to"),
    _("Expand row"),
    _("From"),
    _("More actions"),
    _("Next"),
    _("No data"),
    _("No results found"),
    _("Not enough data."),
    _("Previous"),
    _("Record picture"),
    _("Reset filters"),
    _("Run"),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("To"),
    _("Type to search"),
    # search of everything
    _("All applications"),
    _("Loading more results..."),
    _("No recent searches"),
    _("No results matching your query"),
    _("Recent searches"),
    _("Search apps and models..."),
    # forms
    _("Add new item"),
    _("Add row"),
    _("Cancel"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Date"),
    _("False"),
    _("General"),
    _("Image preview"),
    _("This item will be deleted."),
    _("Toggle password visibility"),
    _("True"),
    # frame and sign-in
    _("Dark"),
    _("Forgotten your password or username?"),
    _("Go back"),
    _("Light"),
    _("Return to site"),
    _("System"),
    _("Welcome back to"),
    _("You have been successfully logged out from the administration"),
)
# The spaces belong to the template, which does not trim its block.
FOUND = ngettext_lazy(
    "\n                Found %(counter)s result in %(time)s seconds\n            ",
    "\n                Found %(counter)s results in %(time)s seconds\n            ",
    "counter",
)
