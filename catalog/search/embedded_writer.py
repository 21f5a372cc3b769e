"""How documents get into the embedded index and out of it; each call inside one transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog.search.analysis import fold, storable
from catalog.search.embedded_store import TABLES
from catalog.search.fingerprints import fingerprint
from catalog.search.ports import ProductDocument
from catalog.search.texts import WEIGHTS, Analysed, analysed

Versioned = tuple[ProductDocument, int]


def write(connection: sqlite3.Connection, batch: Sequence[Versioned]) -> None:
    """Write a batch of (document, version); what is stored in a newer version stays."""
    newest: dict[int, Versioned] = {}
    stored = _stored_versions(connection, [document.product_id for document, _ in batch])
    for document, version in batch:
        held = newest.get(document.product_id)
        if version >= (held[1] if held else stored.get(document.product_id, version)):
            newest[document.product_id] = (document, version)
    _forget(connection, [product_id for product_id in newest if product_id in stored])
    documents = [document for document, _ in newest.values()]
    read = {document.product_id: analysed(document) for document in documents}
    connection.executemany(
        f"INSERT INTO texts (rowid, {', '.join(WEIGHTS)}) VALUES (?{', ?' * len(WEIGHTS)})",
        map(_text_row, read.items()),
    )
    connection.executemany(
        "INSERT INTO typed (rowid, pieces) VALUES (?, ?)", [(key, each.typed) for key, each in read.items()]
    )
    number = _next_number(connection)
    connection.executemany(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*_document_row(document), number) for document in documents],
    )
    connection.executemany(
        "INSERT INTO labels VALUES (?, ?, ?, ?, ?)",
        [(*_label_row(document), " ".join(read[document.product_id].spelled)) for document in documents],
    )
    _count_words(connection, Counter((d.merchant_id, word) for d in documents for word in read[d.product_id].spelled))
    connection.executemany("INSERT INTO prices VALUES (?, ?, ?)", _price_rows(documents))
    connection.executemany("INSERT OR IGNORE INTO attributes VALUES (?, ?, ?, ?)", _attribute_rows(documents))
    connection.executemany(
        "INSERT OR IGNORE INTO creators VALUES (?, ?)",
        [(document.product_id, creator_id) for document in documents for creator_id in document.creator_ids],
    )
    connection.executemany(
        "REPLACE INTO versions VALUES (?, ?, ?)",
        [(document.product_id, document.merchant_id, version) for document, version in newest.values()],
    )


def remove(connection: sqlite3.Connection, product_id: int, merchant_id: int, version: int) -> None:
    """Remove a product and remember the version, unless a newer one is stored or it is another merchant's."""
    rows = connection.execute("SELECT merchant_id, version FROM versions WHERE product_id = ?", [product_id])
    held_by, held = next(rows, (merchant_id, version))
    if held_by != merchant_id or held > version:
        return
    _forget(connection, [product_id])
    connection.execute("REPLACE INTO versions VALUES (?, ?, ?)", [product_id, merchant_id, version])


def empty(connection: sqlite3.Connection, merchant_id: int | None) -> None:
    """Forget the documents and versions of one merchant, or of all."""
    if merchant_id is None:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
        return
    rows = connection.execute("SELECT product_id FROM documents WHERE merchant_id = ?", [merchant_id])
    _forget(connection, [row[0] for row in rows])
    for table in ("versions", "words"):
        connection.execute(f"DELETE FROM {table} WHERE merchant_id = ?", [merchant_id])


def _next_number(connection: sqlite3.Connection) -> int:
    """Return the number of this write: who has seen the one before reads what bears it (embedded_columns.py)."""
    connection.execute("UPDATE writes SET number = number + 1")
    return int(connection.execute("SELECT number FROM writes").fetchone()[0])


def _stored_versions(connection: sqlite3.Connection, product_ids: Sequence[int]) -> dict[int, int]:
    marks = ", ".join("?" * len(product_ids))
    rows = connection.execute(f"SELECT product_id, version FROM versions WHERE product_id IN ({marks})", product_ids)
    return dict(rows.fetchall())


def _forget(connection: sqlite3.Connection, product_ids: Sequence[int]) -> None:
    keys = [(product_id,) for product_id in product_ids]
    _count_words(connection, {key: -count for key, count in _held_words(connection, product_ids).items()})
    for table in ("texts", "typed"):
        connection.executemany(f"DELETE FROM {table} WHERE rowid = ?", keys)
    for table in ("documents", "labels", "prices", "attributes", "creators"):
        connection.executemany(f"DELETE FROM {table} WHERE product_id = ?", keys)


def _held_words(connection: sqlite3.Connection, product_ids: Sequence[int]) -> Counter[tuple[int, str]]:
    """Return {(merchant, word): products} of those products, as they are stored."""
    found: Counter[tuple[int, str]] = Counter()
    for product_id in product_ids:
        rows = connection.execute(
            "SELECT d.merchant_id, l.words FROM labels l JOIN documents d USING (product_id) WHERE l.product_id = ?",
            [product_id],
        )
        for merchant_id, spelled in rows:
            found.update((merchant_id, word) for word in spelled.split())
    return found


def _count_words(connection: sqlite3.Connection, changes: Mapping[tuple[int, str], int]) -> None:
    connection.executemany(
        "INSERT INTO words VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET products = products + excluded.products",
        [(merchant_id, word, count) for (merchant_id, word), count in changes.items()],
    )


def _text_row(read: tuple[int, Analysed]) -> tuple[object, ...]:
    product_id, texts = read
    return (product_id, *(terms.every for terms in texts.terms.values()))


def _document_row(document: ProductDocument) -> tuple[object, ...]:
    return (
        document.product_id,
        document.merchant_id,
        document.category_path,
        storable(document.brand),
        fold(document.brand),
        fold(document.title),
        document.in_stock,
        document.is_for_sale,
        document.popularity,
        fingerprint(document),
    )


def _label_row(document: ProductDocument) -> tuple[object, ...]:
    return (document.product_id, storable(document.title), storable(document.category), storable(document.brand))


def _price_rows(documents: Iterable[ProductDocument]) -> Iterator[tuple[int, str, int]]:
    for document in documents:
        for currency, amount in document.prices.items():
            yield document.product_id, currency, amount


def _attribute_rows(documents: Iterable[ProductDocument]) -> Iterator[tuple[int, str, str, str]]:
    for document in documents:
        for name, values in document.attributes.items():
            for value in values:
                yield document.product_id, storable(name), fold(value), storable(value)
