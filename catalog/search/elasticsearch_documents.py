"""Products and removals as Elasticsearch documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson

from catalog.search.analysis import fold, is_chinese, storable, typed_text
from catalog.search.elasticsearch_mapping import CHARACTERS, PAIRS, WORDS
from catalog.search.fingerprints import fingerprint
from catalog.search.ports import ProductDocument
from catalog.search.reranking import padded
from catalog.search.texts import analysed

_VALUE_MAX = 2_000  # characters; Lucene takes 32,766 bytes in a term, and name and value share one
_NAME_MAX = 3_000


@dataclass(frozen=True, slots=True)
class Write:
    """One versioned write: a product, or the memory of its removal."""

    product_id: int
    merchant_id: int
    version: int
    body: bytes

    @property
    def id(self) -> str:
        """The document's id. It names the merchant, so that no other merchant's write can meet it."""
        return document_id(self.merchant_id, self.product_id)


def document_id(merchant_id: int, product_id: int) -> str:
    """Return the id under which a merchant's product stands."""
    return f"{merchant_id}-{product_id}"


def written(document: ProductDocument, version: int) -> Write:
    """Return the write that makes the index hold `document`."""
    return Write(document.product_id, document.merchant_id, version, orjson.dumps(_source(document)))


def removed(product_id: int, *, merchant_id: int, version: int) -> Write:
    """Return the write that removes a product and remembers the version, which a real delete forgets in a minute."""
    body = {"product_id": product_id, "removed_from": str(merchant_id)}
    return Write(product_id, merchant_id, version, orjson.dumps(body))


def attribute_key(name: str) -> str:
    """Return an attribute's name as a key of a flattened field: no dot, no star, never empty."""
    return (quote(storable(name), safe="").replace(".", "%2E") or "%")[:_NAME_MAX]


def value_key(value: str) -> str:
    """Return a value as filters compare it."""
    return fold(value)[:_VALUE_MAX]


def label(value: str) -> str:
    """Return a value in the merchant's spelling, as an engine can hold it."""
    return storable(value)[:_VALUE_MAX]


def _source(document: ProductDocument) -> dict[str, Any]:
    read = analysed(document)
    texts = {name: " ".join(terms) for name, terms in read.terms.items()}
    maker = " ".join((document.brand, document.model, *document.skus))
    spelled = {attribute_key(name): _spelled(values) for name, values in document.attributes.items()}
    return {
        "merchant_id": str(document.merchant_id),
        "product_id": document.product_id,
        "fingerprint": fingerprint(document),
        **_by_kind(texts),
        "ranked": {
            "texts": [padded(text) for text in texts.values()],
            "in_stock": document.in_stock,
            "popularity": document.popularity,
        },
        "spelled": read.spelled,
        "typed": " ".join(map(typed_text, (document.title, document.category, maker))),
        "labels": {
            "brand": storable(document.brand),
            "categories": storable(document.category),
            "titles": storable(document.title),
        },
        "title_key": value_key(document.title),
        "brand": label(document.brand),
        "brand_key": value_key(document.brand),
        "category_path": label(document.category_path),
        "category_within": _paths_within(document.category_path),
        "attributes": {name: list(values) for name, values in spelled.items()},
        "attribute_labels": {name: list(values.values()) for name, values in spelled.items()},
        "prices": dict(document.prices),
        "in_stock": document.in_stock,
        "is_for_sale": document.is_for_sale,
        "creator_ids": [str(creator_id) for creator_id in document.creator_ids],
    }


def _paths_within(path: str) -> list[str]:
    steps = path.split("/")
    return [label("/".join(steps[: depth + 1])) for depth in range(len(steps))]


def _spelled(values: Sequence[str]) -> dict[str, str]:
    """Return {value as compared: first spelling of it}."""
    return {value_key(value): label(value) for value in reversed(values)}


def _by_kind(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return {kind: {text: its terms of that kind}}."""
    fields: dict[str, dict[str, str]] = {WORDS: {}, PAIRS: {}, CHARACTERS: {}}
    for name, text in texts.items():
        if text.isascii():
            fields[WORDS][name] = text
            continue
        split: dict[str, list[str]] = {WORDS: [], PAIRS: [], CHARACTERS: []}
        for term in text.split(" "):
            split[WORDS if term.isascii() else kind_of(term)].append(term)
        for kind, found in split.items():
            fields[kind][name] = " ".join(found)
    return fields


@lru_cache(maxsize=50_000)
def kind_of(term: str) -> str:
    """Return which fields hold a term."""
    if not is_chinese(term):
        return WORDS
    return PAIRS if len(term) > 1 else CHARACTERS
