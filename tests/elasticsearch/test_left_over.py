"""A reindex that was killed after the swap leaves its old index behind; the next one removes it."""

from __future__ import annotations

import pytest

from catalog.search.elasticsearch_backend import ElasticsearchSearch
from catalog.search.elasticsearch_client import patient_client
from catalog.search.elasticsearch_mapping import index_body
from catalog.search.ports import ProductDocument

pytestmark = pytest.mark.engine


def test_the_next_rebuild_removes_what_a_killed_one_left(elasticsearch: ElasticsearchSearch) -> None:
    elasticsearch.prepare()
    left_over = elasticsearch.names.new_index()
    patient_client().indices.create(index=left_over, **index_body())

    with elasticsearch.rebuilding() as target:
        target.index([(ProductDocument(product_id=1, merchant_id=1, title="Tea"), 1)])

    held = list(patient_client().indices.get(index=elasticsearch.names.indices))
    assert left_over not in held
    assert len(held) == 1
    assert elasticsearch.product_ids(1) == {1}
