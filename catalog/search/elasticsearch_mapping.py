"""What the Elasticsearch index looks like: settings, analyzers, fields. Loads on an unmodified Elasticsearch 8.

Texts come as terms that are ready (catalog.search.analysis), so every engine finds the same and no analyzer has
anything left to do. Latin words, pairs and single characters of Chinese stand in fields of their own, so that the one
does not count in the length of the other.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from catalog.search.texts import WEIGHTS

LAYOUT = 2  # part of every index's name; raised when what stands below changes, then `reindex` is due
REFRESH_INTERVAL = "1s"  # a write is found after so long at most
WORDS, PAIRS, CHARACTERS = "words", "pairs", "characters"

_PLAIN_TERMS = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_KEYWORD = {"type": "keyword"}


def index_body() -> dict[str, Any]:
    """Return settings and mappings of a new index."""
    return {"settings": _settings(), "mappings": _mappings()}


def _settings() -> dict[str, Any]:
    return {
        "number_of_shards": settings.ELASTICSEARCH_SHARDS,
        "number_of_replicas": settings.ELASTICSEARCH_REPLICAS,
        "refresh_interval": REFRESH_INTERVAL,
        # Deletes that must be remembered are documents; a real delete (clear) is to be forgotten at once.
        "gc_deletes": "0s",
        "max_result_window": settings.SEARCH_WINDOW_MAX,
        "max_terms_count": 1_000_000,
        # Long texts are forgiven more than the usual .75: a product that says much of itself is no worse for it.
        "similarity": {"default": {"type": "BM25", "k1": 1.2, "b": 0.4}},
    }


def _mappings() -> dict[str, Any]:
    return {
        "dynamic": "strict",
        "_routing": {"required": True},
        # What an index is rebuilt from is in the shop's database.
        "_source": {"includes": ["product_id", "merchant_id", "labels", "ranked"]},
        "dynamic_templates": [{"amounts": {"path_match": "prices.*", "mapping": {"type": "long"}}}],
        "properties": {
            "merchant_id": _KEYWORD,
            "product_id": {"type": "long"},
            # A removal is a document without a merchant: its version holds, and no search can find it.
            "removed_from": _KEYWORD,
            "fingerprint": {**_KEYWORD, "index": False},
            WORDS: _fields(_PLAIN_TERMS),
            PAIRS: _fields(_PLAIN_TERMS),
            CHARACTERS: _fields(_PLAIN_TERMS),
            "typed": {
                "type": "text",
                "analyzer": "whitespace",
                "index_options": "freqs",
                "index_prefixes": {"min_chars": 1, "max_chars": 10},
            },
            "labels": {"type": "object", "enabled": False},
            "ranked": {"type": "object", "enabled": False},  # what catalog.search.reranking looks at
            "spelled": _KEYWORD,  # the product's words, each once: what spelling is learned from
            "title_key": _KEYWORD,
            "brand": _KEYWORD,
            "brand_key": _KEYWORD,
            "category_path": _KEYWORD,
            "category_within": _KEYWORD,  # the path and every path above it
            # Names are the merchant's own and many: one field for all of them, a key each.
            "attributes": {"type": "flattened"},
            "attribute_labels": {"type": "flattened", "index": False},
            "prices": {"type": "object", "dynamic": True},
            "in_stock": {"type": "boolean"},
            "is_for_sale": {"type": "boolean"},
            "creator_ids": _KEYWORD,
        },
    }


def _fields(terms: dict[str, Any]) -> dict[str, Any]:
    return {"properties": dict.fromkeys(WEIGHTS, terms)}
