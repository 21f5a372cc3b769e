"""A catalog of any size and questions to it, generated: plausible, varied, bilingual, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from catalog.search.ports import ProductDocument, ProductQuery
from tests.benchmarks.catalog_words import (
    CHINESE_SYLLABLES,
    COLOURS,
    KINDS,
    QUALITIES,
    SENTENCES,
    SYLLABLES,
    Kind,
)

SEED = 20
CURRENCY = "USD"
FACETS = ("category", "brand", "price", "in_stock", "colour")
SKIN_TYPES, CONCERNS = ("oily", "dry", "sensitive", "combination"), ("redness", "acne", "dullness", "dehydration")
ACTIVITIES = ("hiking", "camping", "trail_running", "climbing")
_BRANDS, _SERIES = 400, 12_000
_POPULAR = 1.6  # exponent of the draw: the first brands and series have far more products than the last


def product(number: int, *, merchant_id: int, seed: int = SEED) -> ProductDocument:
    """Return product `number` (from 1) of the generated catalog."""
    draw = random.Random(f"{seed}-{number}")
    kind = draw.choice(KINDS)
    name, material, colour = draw.choice(kind.names), draw.choice(kind.materials), draw.choice(COLOURS)
    qualities, size = draw.sample(QUALITIES, 2 + draw.randrange(2)), draw.choice(kind.sizes)
    brand, series = _brand(_drawn(draw, _BRANDS)), _series(_drawn(draw, _SERIES))
    model = f"{series[:2].upper()}-{draw.randrange(100, 9_999)}"
    told = draw.sample(SENTENCES, 2 + draw.randrange(3))
    return ProductDocument(
        product_id=number,
        merchant_id=merchant_id,
        title=_title(kind, (brand, series), (name, material, colour), qualities, (model, size)),
        description="\n".join((" ".join(en for en, _ in told), "".join(zh for _, zh in told))),
        category="\n".join(kind.category),
        category_path=kind.path,
        brand=brand,
        model=model,
        skus=(f"{model}-{colour[0][:2].upper()}{number % 10}", f"{model}-{size.replace(' ', '').upper()}"),
        attributes={"colour": [colour[0]], "material": [material[0]], "quality": [en for en, _ in qualities]},
        attribute_text=" ".join((*colour, *material, *(word for pair in qualities for word in pair))),
        attribute_names="colour material quality",
        prices=_prices(draw, kind),
        in_stock=draw.random() < 0.9,
        is_for_sale=draw.random() < 0.98,
        creator_ids=(draw.randrange(1, 40),) if draw.random() < 0.05 else (),
        popularity=round(draw.random() ** 6, 4),
    )


def products(count: int, *, merchant_id: int, first: int = 1, seed: int = SEED) -> Iterator[ProductDocument]:
    """Yield products `first`, `first` + 1, … of the catalog, `count` of them."""
    return (product(number, merchant_id=merchant_id, seed=seed) for number in range(first, first + count))


def rows(count: int, *, has_only_titles: bool = False, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Yield the catalog as lines for the product's own importer; of each product its id and title, if so wished."""
    for each in products(count, merchant_id=0, seed=seed):
        english, chinese = each.title.split("\n")
        row: dict[str, Any] = {"id": f"g{each.product_id}", "title": english}
        if not has_only_titles:
            description = each.description.split("\n")
            row |= {
                "titles": {"en": english, "zh-hant": chinese},
                "descriptions": {"en": description[0], "zh-hant": description[1]},
                "brand": each.brand,
                "model": each.model,
                "sku": each.skus[0],
                "category": each.category_path.replace("/", " > "),
                "attributes": {**each.attributes, **_suits(each)},
                "price": each.prices[CURRENCY] / 100,
                "stock": 20 if each.in_stock else 0,
            }
        yield row


def texts(count: int, *, catalog: int, seed: int = SEED) -> list[str]:
    """Return `count` different things that shoppers type, about products of a catalog of that size."""
    draw = random.Random(f"{seed}-asked")
    found: dict[str, None] = {}
    while len(found) < count:
        found[_text(draw, product(draw.randint(1, catalog), merchant_id=0, seed=seed))] = None
    return list(found)


def queries(count: int, *, merchant_id: int, catalog: int, seed: int = SEED) -> list[ProductQuery]:
    """Return `count` searches as a shop's page sends them: words, one or two filters, every facet."""
    draw = random.Random(f"{seed}-filters")
    asked = []
    for text in texts(count, catalog=catalog, seed=seed):
        limit = draw.choice((None, 5_000, 20_000, 60_000))
        asked.append(
            ProductQuery(
                merchant_id=merchant_id,
                text=text,
                currency=CURRENCY,
                price_max=limit,
                in_stock_only=limit is None,
                for_sale_only=True,
                facets=FACETS,
                limit=20,
            )
        )
    return asked


def prefixes(asked: Sequence[str], seed: int = SEED) -> list[str]:
    """Return what stands in the search box some letters before each text is finished."""
    draw = random.Random(f"{seed}-typing")
    return [text[: max(1, draw.randint(len(text) // 3, len(text) - 1))] if len(text) > 1 else text for text in asked]


def _suits(each: ProductDocument) -> dict[str, list[str]]:
    """Return what needs are matched by: skin and concerns of what is put on it, activities of what is taken along."""
    draw = random.Random(f"suits-{each.product_id}")
    if each.category_path.startswith("beauty"):
        return {
            "skin_types": draw.sample(SKIN_TYPES, 1 + draw.randrange(2)),
            "concerns": draw.sample(CONCERNS, 1 + draw.randrange(2)),
            "free_from": draw.sample(("fragrance", "alcohol", "parabens"), 2),
        }
    return {"activity": draw.sample(ACTIVITIES, 1)} if each.category_path.startswith("outdoor") else {}


def _text(draw: random.Random, about: ProductDocument) -> str:
    english, chinese = about.title.split("\n")
    kind = next(each for each in KINDS if each.path == about.category_path)
    name = next(each for each in kind.names if each[0] in english.lower())
    quality, colour, size = about.attributes["quality"][0], about.attributes["colour"][0], english.rsplit(", ", 1)[-1]
    in_chinese = dict(QUALITIES)[quality]
    return draw.choice(
        (
            name[0],
            f"{colour} {name[0]}",
            f"{quality} {name[0]}",
            f"{quality} {colour} {name[0]}",
            f"{about.brand} {name[0]}",
            f"{name[0]} {size}",
            f"{about.brand} {english.split()[1]} {quality} {name[0]}",
            f"{about.attributes['material'][0]} {name[0]} for {quality}",
            about.model,
            english.split()[1],
            name[1],
            f"{in_chinese}{name[1]}",
            f"{about.brand} {name[1]} {dict(COLOURS)[colour]}",
            chinese.split()[1],
            _slipped(draw, f"{quality} {name[0]}"),
        )
    )


def _slipped(draw: random.Random, text: str) -> str:
    place = draw.randrange(1, len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _title(
    kind: Kind,
    made_by: tuple[str, str],
    what: Sequence[tuple[str, str]],
    qualities: Sequence[tuple[str, str]],
    variety: tuple[str, str],
) -> str:
    (name, name_zh), (material, material_zh), (colour, colour_zh) = what
    english = " ".join((*made_by, *(en for en, _ in qualities[:2]), material, name, variety[0]))
    chinese = f"{made_by[0]} {''.join(zh for _, zh in qualities[:2])}{material_zh}{name_zh} {_chinese_name(made_by[1])}"
    return f"{english}, {colour}, {variety[1]}\n{chinese} {colour_zh} {variety[1]}"


def _prices(draw: random.Random, kind: Kind) -> dict[str, int]:
    low, high = kind.prices
    dollars = low + (high - low) * draw.random() ** 2
    return {CURRENCY: int(dollars) * 100 + 90, "TWD": int(dollars * 31) * 100}


def _drawn(draw: random.Random, count: int) -> int:
    return int(count * draw.random() ** _POPULAR)


def _brand(number: int) -> str:
    return _word(number, 2).capitalize()


def _series(number: int) -> str:
    return _word(number + 7_001, 3).capitalize()


def _word(number: int, syllables: int) -> str:
    found = ""
    for _ in range(syllables):
        number, place = divmod(number, len(SYLLABLES))
        found += SYLLABLES[(place * 11 + 5 * len(found)) % len(SYLLABLES)]
    return found


def _chinese_name(series: str) -> str:
    return "".join(CHINESE_SYLLABLES[ord(letter) % len(CHINESE_SYLLABLES)] for letter in series[:4:2])
