"""Products and removals as Elasticsearch documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson

from catalog.search.analysis import fold, is_chinese, storable
from catalog.search.elasticsearch_mapping import CHARACTERS, PAIRS, WORDS
from catalog.search.fingerprints import fingerprint
from catalog.search.ports import ProductDocument
from catalog.search.reranking import padded
from catalog.search.texts import Terms, analysed

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


@lru_cache(maxsize=4_096)
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
    spelled = {attribute_key(name): _spelled(values) for name, values in document.attributes.items()}
    brand, brand_key = _value(document.brand)
    return {
        "merchant_id": str(document.merchant_id),
        "product_id": document.product_id,
        "fingerprint": fingerprint(document),
        **_by_kind(read.terms),
        "ranked": {
            "texts": [padded(terms.every) for terms in read.terms.values()],
            "in_stock": document.in_stock,
            "popularity": document.popularity,
        },
        "spelled": read.spelled,
        "typed": read.typed,
        "labels": {
            "brand": storable(document.brand),
            "categories": storable(document.category),
            "titles": storable(document.title),
        },
        "title_key": value_key(document.title),
        "brand": brand,
        "brand_key": brand_key,
        "category_path": label(document.category_path),
        "category_within": _paths_within(document.category_path),
        "attributes": {name: list(values) for name, values in spelled.items()},
        "attribute_labels": {name: list(values.values()) for name, values in spelled.items()},
        "prices": dict(document.prices),
        "in_stock": document.in_stock,
        "is_for_sale": document.is_for_sale,
        "creator_ids": [str(creator_id) for creator_id in document.creator_ids],
    }


@lru_cache(maxsize=4_096)
def _paths_within(path: str) -> tuple[str, ...]:
    steps = path.split("/")
    return tuple(label("/".join(steps[: depth + 1])) for depth in range(len(steps)))


def _spelled(values: Sequence[str]) -> dict[str, str]:
    """Return {value as compared: first spelling of it}."""
    return {key: spelling for spelling, key in map(_value, reversed(values))}


@lru_cache(maxsize=10_000)
def _value(value: str) -> tuple[str, str]:
    """Return a value that many products have, in the merchant's spelling and as it is compared."""
    return label(value), value_key(value)


def _by_kind(texts: Mapping[str, Terms]) -> dict[str, dict[str, str]]:
    """Return {kind: {text: its terms of that kind}}; a text without Chinese has words only."""
    chinese = {name: terms for name, terms in texts.items() if not terms.every.isascii()}
    return {
        WORDS: {name: terms.words for name, terms in texts.items()},
        PAIRS: {name: terms.pairs for name, terms in chinese.items()},
        CHARACTERS: {name: terms.characters for name, terms in chinese.items()},
    }


@lru_cache(maxsize=50_000)
def kind_of(term: str) -> str:
    """Return which fields hold a term."""
    if not is_chinese(term):
        return WORDS
    return PAIRS if len(term) > 1 else CHARACTERS
