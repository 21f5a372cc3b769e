"""Every document that matches, page by page, in one moment's state of the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.search.elasticsearch_client import answering, patient_client

_PAGE = 5_000
_KEPT_FOR = "1m"


def scan(alias: str, merchant_id: int, clause: Mapping[str, Any], field: str = "") -> Iterator[Mapping[str, Any]]:
    """Yield the hits of a merchant's documents by product id, with the stored values of `field`.

    Raises: SearchUnavailable.
    """
    with answering():
        patient_client().indices.refresh(index=alias)
        moment = patient_client().open_point_in_time(index=alias, routing=str(merchant_id), keep_alive=_KEPT_FOR)["id"]
        after: list[int] | None = None
        try:
            while hits := _page(moment, clause, [field] if field else [], after):
                yield from hits
                after = hits[-1]["sort"]
        finally:
            patient_client().close_point_in_time(id=moment)


def _page(
    moment: str, clause: Mapping[str, Any], fields: Sequence[str], after: list[int] | None
) -> list[Mapping[str, Any]]:
    answer = patient_client().search(
        pit={"id": moment, "keep_alive": _KEPT_FOR},
        query={"bool": {"filter": [clause]}},
        sort=[{"product_id": "asc"}],
        size=_PAGE,
        search_after=after,
        source=False,
        docvalue_fields=[{"field": name} for name in fields],
        track_total_hits=False,
    )
    return list(answer["hits"]["hits"])
