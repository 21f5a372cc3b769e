"""What the Elasticsearch index looks like: settings, analyzers, fields. Loads on an unmodified Elasticsearch 8.

Texts come cut into terms by catalog.search.analysis, so every engine finds the same; the analyzers here only fold
accents and take word endings off. Latin words, pairs and single characters of Chinese stand in fields of their own, so
that the one does not count in the length of the other.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

LAYOUT = 1  # part of every index's name; raised when what stands below changes, then `reindex` is due
# combined_fields is BM25F, which beats summing a BM25 per field (docs/search.md); its weights are at least 1.
WEIGHTS: dict[str, float] = {"title": 5, "description": 2, "category": 1, "brand": 5, "attributes": 1}
WORDS, PAIRS, CHARACTERS = "words", "pairs", "characters"

_PLAIN_TERMS = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_STEMMED_TERMS = {"type": "text", "analyzer": "words", "index_options": "freqs"}
_KEYWORD = {"type": "keyword"}


def index_body() -> dict[str, Any]:
    """Return settings and mappings of a new index."""
    return {"settings": _settings(), "mappings": _mappings()}


def _settings() -> dict[str, Any]:
    return {
        "number_of_shards": settings.ELASTICSEARCH_SHARDS,
        "number_of_replicas": settings.ELASTICSEARCH_REPLICAS,
        "refresh_interval": "1s",
        # Deletes that must be remembered are documents; a real delete (clear) is to be forgotten at once.
        "gc_deletes": "0s",
        "max_result_window": settings.SEARCH_WINDOW_MAX,
        "max_terms_count": 1_000_000,
        "analysis": {
            "analyzer": {
                "words": {"type": "custom", "tokenizer": "standard", "filter": ["asciifolding", "porter_stem"]},
                "typed": {"type": "custom", "tokenizer": "standard", "filter": ["asciifolding"]},
            }
        },
    }


def _mappings() -> dict[str, Any]:
    return {
        "dynamic": "strict",
        "_routing": {"required": True},
        # Terms are of no use to a reader, and the shop's database holds what an index is rebuilt from.
        "_source": {"includes": ["product_id", "merchant_id", "labels"]},
        "dynamic_templates": [{"amounts": {"path_match": "prices.*", "mapping": {"type": "long"}}}],
        "properties": {
            "merchant_id": _KEYWORD,
            "product_id": {"type": "long"},
            # A removal is a document without a merchant: its version holds, and no search can find it.
            "removed_from": _KEYWORD,
            "fingerprint": {**_KEYWORD, "index": False},
            WORDS: _fields(_STEMMED_TERMS),
            PAIRS: _fields(_PLAIN_TERMS),
            CHARACTERS: _fields(_PLAIN_TERMS),
            "typed": {
                "type": "text",
                "analyzer": "typed",
                "index_options": "freqs",
                "index_prefixes": {"min_chars": 1, "max_chars": 10},
            },
            "labels": {"type": "object", "enabled": False},
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
