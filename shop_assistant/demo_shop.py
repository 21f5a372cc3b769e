"""Makes one demo shop from its folder, through the same services a merchant uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import new_shopper
from catalog.money import Money
from catalog.orders.models import DeliveryMethod
from catalog.products import indexing
from catalog.products.importers import run_import
from catalog.products.models import ContentItem, ContentProduct, Product, ProductStatus, Shelf, TranscriptLine
from conversations.live import services as live
from conversations.live.models import LiveRoom
from conversations.personas import services as personas
from conversations.personas.wording import WORDING_FIELDS, Wording
from shop_assistant.demo_services import make_services

Row = Mapping[str, Any]  # a parsed YAML mapping: the edge where demo files are read


def make(folder: Path) -> Merchant:
    """Make the shop described in `folder`; on an error nothing of it stays."""
    with transaction.atomic():
        described = _read(folder / "merchant.yaml")
        merchant = _make_merchant(described)
        with merchant_scope(merchant):
            creators = [_make_creator(merchant, row) for row in described["creators"]]
            _make_delivery_methods(merchant, described["delivery_methods"])
            run_import(merchant=merchant, path=folder / "products.jsonl", currency=merchant.currency)
            creator = creators[0]
            _fill_shelf(creator)
            make_services(creator, folder)
            _make_all_content(creator, _read(folder / "content.yaml"))
            _make_knowledge(merchant, folder)
            _make_persona(creator, folder)
            _make_room(creator, folder)
    with merchant_scope(merchant):
        indexing.reindex(merchant=merchant)
    return merchant


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _make_merchant(row: Row) -> Merchant:
    names = ("slug", "name", "currency", "language_currencies", "timezone", "country", "accent_colour")
    return Merchant.objects.create(is_demo=True, **{name: row[name] for name in names})


def _make_creator(merchant: Merchant, row: Row) -> Creator:
    names = ("slug", "names", "short_names", "bios", "avatar_url", "stage_url")
    return Creator.objects.create(merchant=merchant, **{name: row[name] for name in names})


def _make_delivery_methods(merchant: Merchant, rows: Sequence[Row]) -> None:
    for position, row in enumerate(rows):
        for currency, price in row["prices"].items():
            free_from = price.get("free_from")
            DeliveryMethod.objects.create(
                merchant=merchant,
                code=row["code"],
                names=row["names"],
                currency=currency,
                fee_minor=Money.parse(str(price["fee"]), currency).minor,
                free_from_minor=None if free_from is None else Money.parse(str(free_from), currency).minor,
                countries=row.get("countries", []),
                days=str(row.get("days", "")),
                position=position,
            )


def _fill_shelf(creator: Creator) -> None:
    products = Product.objects.filter(status=ProductStatus.ACTIVE).order_by("id")
    Shelf.objects.bulk_create(
        Shelf(merchant=creator.merchant, creator=creator, product=product, position=position)
        for position, product in enumerate(products)
    )


def _make_all_content(creator: Creator, rows: Sequence[Row]) -> None:
    """Make the content with its dates moved so that the newest is three days old: a demo is never stale."""
    newest = max(date.fromisoformat(row["published_at"]) for row in rows)
    later = timezone.now().date() - timedelta(days=3) - newest
    for row in rows:
        published = date.fromisoformat(row["published_at"]) + later
        _make_content(creator, row, datetime.combine(published, time(12), tzinfo=UTC))


def _make_content(creator: Creator, row: Row, published: datetime) -> None:
    content = ContentItem.objects.create(
        merchant=creator.merchant,
        creator=creator,
        slug=row["slug"],
        kind=row["kind"],
        titles=row.get("question") or row["titles"],
        bodies=row.get("bodies", {}),
        embed_url=row.get("embed_url", ""),
        poster_url=row.get("poster_url", ""),
        duration_s=row.get("duration_s", 0),
        published_at=published,
    )
    for line in row.get("transcript", ()):
        texts = {language: text for language, text in line.items() if language not in ("start", "end")}
        TranscriptLine.objects.create(
            merchant=creator.merchant, content=content, start_s=line["start"], end_s=line["end"], texts=texts
        )
    for shown in row.get("products", ()):
        ContentProduct.objects.create(
            merchant=creator.merchant,
            content=content,
            product=Product.objects.get(slug=shown["handle"]),
            start_s=shown.get("start"),
            end_s=shown.get("end"),
            notes=shown.get("notes", {}),
        )
    personas.ingest_content(content_id=content.pk)


def _make_knowledge(merchant: Merchant, folder: Path) -> None:
    for row in _read(folder / "policies.yaml"):
        personas.ingest_document(
            merchant=merchant, slug=row["slug"], kind="policy", titles=row["titles"], texts=row["texts"]
        )


def _make_persona(creator: Creator, folder: Path) -> None:
    described = _read(folder / "persona.yaml")
    wording = Wording(**{name: described[name] for name in WORDING_FIELDS if name in described})
    draft = personas.new_draft(creator=creator)
    personas.save_draft(persona_id=draft.pk, wording=wording)
    personas.publish(persona_id=draft.pk)


def _make_room(creator: Creator, folder: Path) -> None:
    row = _read(folder / "live.yaml")
    row = row[0] if isinstance(row, list) else row
    room = LiveRoom.objects.create(
        merchant=creator.merchant,
        creator=creator,
        slug=row["slug"],
        titles=row["titles"],
        poster_url=row.get("poster_url", ""),
    )
    live.open_room(room_id=room.pk)
    for earlier in row.get("earlier", ()):
        live.pin(room_id=room.pk, product_id=Product.objects.get(slug=earlier["handle"]).pk)
    for pinned in row.get("pinned", ()):
        ends_in_s = pinned.get("ends_in_s")
        live.pin(
            room_id=room.pk,
            product_id=Product.objects.get(slug=pinned["handle"]).pk,
            ends_at=timezone.now() + timedelta(seconds=ends_in_s) if ends_in_s else None,
        )
    for number, question in enumerate(row.get("questions", ())):
        asker = new_shopper(merchant=creator.merchant, language=question["language"])
        asker.display_name = question.get("asker_name", "")
        asker.save(update_fields=["display_name"])
        live.ask(
            merchant=creator.merchant,
            room_id=room.pk,
            shopper=asker,
            client_id=f"demo-question-{number}",
            text=question["text"],
            language=question["language"],
        )
