"""What the shop asks of a search engine, shaped after Elasticsearch; adapters fill it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from catalog.search.understood import Conditions, Understood

if TYPE_CHECKING:
    from catalog.search.cursors import Cursor
    from catalog.search.vocabulary import Vocabulary

Match = Literal["", "every", "some"]  # hits have every word, or some; "" = every when enough products have them


class SearchUnavailable(Exception):
    """The engine does not answer. Never to be told as "we do not have it"."""


@dataclass(frozen=True, slots=True)
class ProductDocument:
    """A product as the index holds it. Texts are in every language at once: a shopper may search in any."""

    product_id: int
    merchant_id: int
    title: str
    description: str = ""
    category: str = ""  # names in every language, for matching
    category_path: str = ""  # slugs, "skincare/serum", for filtering
    brand: str = ""
    model: str = ""
    skus: tuple[str, ...] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # name -> values, for facets and filters
    attribute_text: str = ""  # the same values in words, in every language, for matching
    attribute_names: str = ""  # what is said of it at all: "waterproof", "keyboard layout"
    prices: Mapping[str, int] = field(default_factory=dict)  # currency -> lowest price, minor units
    in_stock: bool = True
    is_for_sale: bool = True
    creator_ids: tuple[int, ...] = ()  # whose shelf it stands on
    popularity: float = 0.0  # 0 to 1, among the merchant's own products; never what a sale earns anybody


@dataclass(frozen=True, slots=True)
class SearchRules:
    """What holds for one query: what the merchant decided, and what shoppers chose before.

    Filters hold for pinned products too.
    """

    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)  # words -> other words that will do for them
    pinned: tuple[int, ...] = ()  # product ids that stand first, in this order
    boosts: Mapping[int, float] = field(default_factory=dict)  # product id -> factor of its score
    hidden: tuple[int, ...] = ()
    chosen: Mapping[int, float] = field(default_factory=dict)  # product id -> chosen more than usual, -1 to 1


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """A search of one merchant's products. `limit` 1 to SEARCH_PAGE_SIZE_MAX."""

    merchant_id: int
    text: str = ""
    currency: str = ""  # needed when a price limit is set
    price_min: int | None = None  # minor units, inclusive
    price_max: int | None = None
    category_path: str = ""  # this category and what is below it
    brands: tuple[str, ...] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # all names, any value of each
    excluded_attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    product_ids: tuple[int, ...] | None = None
    excluded_product_ids: tuple[int, ...] = ()
    creator_id: int | None = None
    in_stock_only: bool = False
    for_sale_only: bool = False
    facets: tuple[str, ...] = ()  # "category", "brand", "price", "in_stock" or attribute names
    sort: str = "relevance"  # or "price", "-price", "title", "newest"
    limit: int = 10
    offset: int = 0
    after: Cursor | None = None  # the page after that one; goes without an offset
    match: Match = ""
    corrects: bool = True  # False: misspelt words are looked for as they are written
    rules: SearchRules = field(default_factory=SearchRules)
    conditions: Conditions = field(default_factory=Conditions)  # what the words demand, once they are understood


@dataclass(frozen=True, slots=True)
class ProductHit:
    """A product found. Prices and stock are read from the database, never from here.

    Scores are comparable within one answer only.
    """

    product_id: int
    score: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits, how many there are in all, and how many per facet value.

    `corrected` is the query that was answered when words of it were misspelt, empty otherwise.
    """

    hits: tuple[ProductHit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    corrected: str = ""
    understood: Understood = field(default_factory=Understood)
    match: Match = ""  # what the hits have of the words; "" without words
    next: Cursor | None = None  # the page after this one; None: this is the last


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a product stands where it does for a query; `place` None: it is not among the first hits.

    `parts` are (signal, points), largest first, and add up to `score`; `answered` says in which texts of the product
    each word of the query was found, `missing` which were not found; `rules` names what the merchant decided.
    """

    score: float
    parts: tuple[tuple[str, float], ...]
    place: int | None = None  # from 1
    answered: tuple[tuple[str, tuple[str, ...]], ...] = ()
    missing: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # "pinned", "boosted", "hidden"


@dataclass(frozen=True, slots=True)
class Completions:
    """What a half-typed query may become, best first."""

    product_ids: tuple[int, ...] = ()
    brands: tuple[str, ...] = ()
    category_paths: tuple[str, ...] = ()


class SearchBackend(Protocol):
    """A product index. Every method raises SearchUnavailable when the engine does not answer."""

    def prepare(self) -> None:
        """Make an empty index, unless there is one."""
        ...

    def index(self, documents: Iterable[tuple[ProductDocument, int]]) -> int:
        """Write (document, version) pairs; an older version than the stored one is ignored. Return how many came."""
        ...

    def delete(self, product_id: int, *, merchant_id: int, version: int) -> None:
        """Remove a merchant's product, unless a newer version is stored; the removal's version is remembered."""
        ...

    def search(self, query: ProductQuery) -> SearchPage:
        """Return the page of products that match."""
        ...

    def suggest(self, merchant_id: int, prefix: str, *, limit: int = 5) -> list[str]:
        """Return completions of `prefix` from titles, brands and categories."""
        ...

    def complete(self, merchant_id: int, prefix: str, *, limit: int = 5) -> Completions:
        """Return products, brands and categories in which every typed word stands, at most `limit` of each."""
        ...

    def explain(self, query: ProductQuery, product_id: int) -> Explanation:
        """Return why `product_id` has its score under `query`."""
        ...

    def vocabulary(self, merchant_id: int) -> Vocabulary:
        """Return the words of a merchant's products, as they were some minutes ago at most."""
        ...

    def product_ids(self, merchant_id: int) -> set[int]:
        """Return every product id indexed for a merchant (verification)."""
        ...

    def fingerprints(self, merchant_id: int) -> dict[int, str]:
        """Return {product id: fingerprint of its document} of everything indexed for a merchant (verification)."""
        ...

    def rebuilding(self) -> AbstractContextManager[SearchBackend]:
        """Lend an index to write everything into; after the block it is the one that is searched.

        Searches and writes go on meanwhile and none is lost. An engine without a second index lends itself.
        """
        ...

    def clear(self, merchant_id: int | None = None) -> None:
        """Forget one merchant's documents, or all."""
        ...
