"""What a demo shop sells that is not sent: services that are booked for a time, and files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

import yaml
from django.core.files import File

from catalog.accounts.models import Creator, Merchant
from catalog.money import Money
from catalog.orders.appointment_models import OpeningHours, Resource, Service
from catalog.orders.digital_models import DigitalFile
from catalog.products.fields import MediaFields, ProductFields, VariantFields
from catalog.products.models import Product, Shelf
from catalog.products.services import save_product

Row = Mapping[str, Any]  # a parsed YAML mapping: the edge where demo files are read


def make_services(creator: Creator, folder: Path) -> None:
    """Make the services and downloads that `services.yaml` describes, and put them on the creator's shelf."""
    described = yaml.safe_load((folder / "services.yaml").read_text(encoding="utf-8"))
    merchant = creator.merchant
    resources = {row["name"]: _make_resource(merchant, row) for row in described["resources"]}
    for row in described["services"]:
        service = _make_service(merchant, row, _make_product(merchant, row))
        service.resources.set([resources[name] for name in row["resources"]])
        _put_on_shelf(creator, service.product, row)
    for row in described["downloads"]:
        product = _make_product(merchant, row)
        _make_file(product, folder / "files" / row["file"])
        _put_on_shelf(creator, product, row)


def _make_resource(merchant: Merchant, row: Row) -> Resource:
    resource = Resource.objects.create(merchant=merchant, name=row["name"], kind=row["kind"], seats=row["seats"])
    for span in row["hours"]:
        for weekday in span["days"]:
            OpeningHours.objects.create(
                merchant=merchant,
                resource=resource,
                weekday=weekday,
                opens=time.fromisoformat(span["from"]),
                closes=time.fromisoformat(span["to"]),
            )
    return resource


def _make_product(merchant: Merchant, row: Row) -> Product:
    prices = {currency: Money.parse(amount, currency).minor for currency, amount in row["prices"].items()}
    variant = VariantFields(sku=row["sku"], prices=prices, requires_shipping=False)
    fields = ProductFields(
        slug=row["handle"],
        title=row["titles"]["en"],
        titles=row["titles"],
        descriptions=row["descriptions"],
        category_path=row["category"],
        category_names=row["category_names"],
        external_id=row["external_id"],
        variants=(variant,),
        media=(MediaFields(url=row["image"], alt_texts=row["titles"]),),
    )
    return save_product(merchant=merchant, fields=fields)


def _make_service(merchant: Merchant, row: Row, product: Product) -> Service:
    names = ("duration_minutes", "buffer_minutes", "step_minutes", "lead_hours", "horizon_days", "places")
    return Service.objects.create(merchant=merchant, product=product, **{name: row[name] for name in names})


def _make_file(product: Product, path: Path) -> None:
    variant = product.variants.get()
    with path.open("rb") as content:
        DigitalFile.objects.create(
            merchant=product.merchant,
            variant=variant,
            name=path.name,
            size_bytes=path.stat().st_size,
            file=File(content, name=path.name),
        )


def _put_on_shelf(creator: Creator, product: Product, row: Row) -> None:
    Shelf.objects.create(
        merchant=creator.merchant, creator=creator, product=product, position=int(row["shelf_position"])
    )
