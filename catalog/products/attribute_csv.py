"""The attribute graph as CSV (vertical, subject, kind, object, source, holds): out with what ships, in by rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.accounts.models import Merchant
from catalog.products.attribute_graph import Node, node_of, shipped_edges
from catalog.products.attribute_models import Attribute, Relation, RelationKind

COLUMNS = ("vertical", "subject", "kind", "object", "source", "holds")
_NEEDED = ("subject", "kind", "object", "source")
_YES, _NO = ("", "yes", "true", "1"), ("no", "false", "0")
_NAME_MAX, _VALUE_MAX, _SOURCE_MAX, _VERTICAL_MAX = 60, 120, 300, 40


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a row, counted as in a spreadsheet: the header is 1."""

    row: int
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One relation of a sheet."""

    vertical: str
    subject: Node
    kind: str
    object: Node
    source: str
    holds: bool


def export_relations(*, merchant: Merchant) -> str:
    """Return the whole graph as CSV: the merchant's own relations, then what ships and was not spoken of."""
    own = [
        Row(each.subject.vertical, (each.subject.name, each.subject.value), each.kind,
            (each.object.name, each.object.value), each.source, each.is_active)
        for each in Relation.objects.filter(merchant=merchant).select_related("subject", "object")
    ]  # fmt: skip
    known = {(row.subject, row.kind, row.object) for row in own}
    shipped = [
        Row(edge.vertical, edge.subject, edge.kind, edge.object, edge.source, True)
        for edge in shipped_edges()
        if (edge.subject, edge.kind, edge.object) not in known
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in (*own, *shipped):
        cells = (row.vertical, ":".join(row.subject), row.kind, ":".join(row.object), row.source)
        writer.writerow((*map(inert, cells), "yes" if row.holds else "no"))
    return out.getvalue()


def import_relations(*, merchant: Merchant, text: str) -> tuple[int, list[RowError]]:
    """Write the relations of a sheet; with any error nothing is written.

    Returns: how many relations were written, and what is wrong. A relation that is there already takes the sheet's
    source and whether it holds; what the sheet does not name stays.
    """
    rows, errors = read_relations(text)
    if errors:
        return 0, errors
    with transaction.atomic():
        for row in rows:
            ends = [_attribute(merchant, node, row.vertical) for node in (row.subject, row.object)]
            Relation.objects.update_or_create(
                merchant=merchant,
                subject=ends[0],
                kind=row.kind,
                object=ends[1],
                defaults={"source": row.source, "is_active": row.holds},
            )
    return len(rows), []


def read_relations(text: str) -> tuple[list[Row], list[RowError]]:
    """Return the relations of a sheet, and what is wrong in it."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        return [], [RowError(1, _("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})]
    rows: list[Row] = []
    errors: list[RowError] = []
    seen: dict[tuple[Node, str, Node], int] = {}
    for number, cells in enumerate(reader, start=2):
        if number - 1 > settings.ATTRIBUTE_RELATIONS_MAX:
            most = settings.ATTRIBUTE_RELATIONS_MAX
            return [], [
                RowError(number, _("There are more than %(most)d relations; split the sheet.") % {"most": most})
            ]
        try:
            row = _row({name: (cells.get(name) or "").strip() for name in COLUMNS})
            first = seen.setdefault((row.subject, row.kind, row.object), number)
            if first != number:
                raise ValueError(_("The same relation stands in row %(row)d.") % {"row": first})
            rows.append(row)
        except ValueError as error:
            errors.append(RowError(number, str(error)))
    return rows, errors


def _row(cells: dict[str, str]) -> Row:
    subject, other = _node(cells["subject"], "subject"), _node(cells["object"], "object")
    kind, holds = cells["kind"].lower(), cells["holds"].lower()
    if kind not in RelationKind.values:
        raise ValueError(
            _("kind: “%(given)s” is not one of %(kinds)s.")
            % {"given": cells["kind"], "kinds": ", ".join(RelationKind.values)}
        )
    if subject == other:
        raise ValueError(_("subject and object are the same value."))
    if not cells["source"]:
        raise ValueError(_("source: say where this is known from."))
    for name, most in (("source", _SOURCE_MAX), ("vertical", _VERTICAL_MAX)):
        if len(cells[name]) > most:
            raise ValueError(_("%(name)s: longer than %(most)d characters.") % {"name": name, "most": most})
    if holds not in (*_YES, *_NO):
        raise ValueError(_("holds: write yes or no, not “%(given)s”.") % {"given": cells["holds"]})
    return Row(cells["vertical"], subject, kind, other, cells["source"], holds in _YES)


def _node(text: str, column: str) -> Node:
    try:
        name, value = node_of(text)
    except ValueError:
        raise ValueError(
            _("%(column)s: “%(given)s” is not written as attribute:value, such as key_ingredients:retinal.")
            % {"column": column, "given": text}
        ) from None
    if len(name) > _NAME_MAX or len(value) > _VALUE_MAX or "\0" in text:
        raise ValueError(_("%(column)s: attribute or value is too long.") % {"column": column})
    return name, value


def _attribute(merchant: Merchant, node: Node, vertical: str) -> Attribute:
    found, _made = Attribute.objects.get_or_create(
        merchant=merchant, name=node[0], value=node[1], defaults={"vertical": vertical}
    )
    return found


def inert(cell: str) -> str:
    """Keep a spreadsheet from reading a cell as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
