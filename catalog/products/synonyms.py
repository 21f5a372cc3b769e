"""What a row of synonyms must hold, and the sheet of all of them: out, and in row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.accounts.models import Merchant
from catalog.products.attribute_csv import RowError, inert
from catalog.products.merchandising_models import Synonym, query_key
from catalog.search.analysis import tokens

COLUMNS = ("words", "one_way", "active")
_BETWEEN = "|"
_YES, _NO = ("yes", "true", "1"), ("", "no", "false", "0")


class SynonymRefused(ValueError):
    """Words that could not stand for each other; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sheet."""

    words: tuple[str, ...]
    is_one_way: bool
    is_active: bool


def checked_words(words: Sequence[str]) -> list[str]:
    """Return the words as they are kept: each once in any case and script.

    Raises: SynonymRefused.
    """
    kept: dict[str, str] = {}
    for word in (" ".join(str(each).split()) for each in words):
        if not word:
            continue
        if len(word) > settings.SYNONYM_CHARS_MAX:
            most = settings.SYNONYM_CHARS_MAX
            said = _("“%(word)s…” is longer than %(most)d characters.")
            raise SynonymRefused(said % {"word": word[:20], "most": most})
        if not tokens(word):
            raise SynonymRefused(_("“%(word)s” holds no word that can be searched for.") % {"word": word})
        kept.setdefault(query_key(word), word)
    if len(kept) < 2:
        raise SynonymRefused(_("Name at least two different words; case and Chinese script make no difference."))
    if len(kept) > settings.SYNONYM_WORDS_MAX:
        most = settings.SYNONYM_WORDS_MAX
        raise SynonymRefused(_("More than %(most)d words: write two rows.") % {"most": most})
    return list(kept.values())


def export_synonyms(*, merchant: Merchant) -> str:
    """Return every row of the merchant as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in Synonym.objects.filter(merchant=merchant).order_by("pk"):
        words = f" {_BETWEEN} ".join(map(str, row.words))
        writer.writerow((inert(words), _word(row.is_one_way), _word(row.is_active)))
    return out.getvalue()


def import_synonyms(*, merchant: Merchant, text: str) -> tuple[int, list[RowError]]:
    """Write the rows of a sheet; with any error nothing is written.

    Returns: how many rows were written, and what is wrong. A row with the same words as one that is there changes it;
    what the sheet does not name stays.
    """
    rows, errors = read_synonyms(text)
    if errors:
        return 0, errors
    with transaction.atomic():
        known = {_key(row.words): row for row in Synonym.objects.filter(merchant=merchant).order_by("-pk")}
        for row in rows:
            found = known.get(_key(row.words)) or Synonym(merchant=merchant)
            found.words, found.is_one_way, found.is_active = list(row.words), row.is_one_way, row.is_active
            found.save()
    return len(rows), []


def read_synonyms(text: str) -> tuple[list[Row], list[RowError]]:
    """Return the rows of a sheet, and what is wrong in it."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if "words" not in (reader.fieldnames or ()):
        return [], [RowError(1, _("Columns are missing: %(names)s.") % {"names": "words"})]
    rows: list[Row] = []
    errors: list[RowError] = []
    seen: dict[frozenset[str], int] = {}
    for number, cells in enumerate(reader, start=2):
        if number - 1 > settings.SYNONYM_ROWS_MAX:
            most = settings.SYNONYM_ROWS_MAX
            return [], [RowError(number, _("There are more than %(most)d rows; split the sheet.") % {"most": most})]
        try:
            row = _row({name: (cells.get(name) or "").strip() for name in COLUMNS})
            first = seen.setdefault(_key(row.words), number)
            if first != number:
                raise SynonymRefused(_("The same words stand in row %(row)d.") % {"row": first})
            rows.append(row)
        except SynonymRefused as error:
            errors.append(RowError(number, str(error)))
    return rows, errors


def _row(cells: dict[str, str]) -> Row:
    words = checked_words(cells["words"].removeprefix("'").split(_BETWEEN))
    return Row(tuple(words), _holds(cells, "one_way", missing=False), _holds(cells, "active", missing=True))


def _holds(cells: dict[str, str], name: str, *, missing: bool) -> bool:
    given = cells[name].lower()
    if not given:
        return missing
    if given not in (*_YES, *_NO):
        raise SynonymRefused(_("%(name)s: write yes or no, not “%(given)s”.") % {"name": name, "given": cells[name]})
    return given in _YES


def _key(words: Sequence[object]) -> frozenset[str]:
    return frozenset(query_key(str(word)) for word in words)


def _word(holds: bool) -> str:
    return "yes" if holds else "no"
