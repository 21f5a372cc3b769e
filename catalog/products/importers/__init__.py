"""A merchant's product sheet into the shop: formats, dry run, import, undo."""

from catalog.products.importers.detection import FORMATS
from catalog.products.importers.issues import Issue
from catalog.products.importers.run import run_import
from catalog.products.importers.summary import Summary
from catalog.products.importers.undo import CannotUndo, Undone, undo_import

__all__ = ["FORMATS", "CannotUndo", "Issue", "Summary", "Undone", "run_import", "undo_import"]
