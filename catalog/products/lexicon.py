"""What a merchant's own catalog teaches the search: names of brands, categories and values, Chinese as it is written.

Learned once for each state of the index and kept by process: a search reads none of it again.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from django.conf import settings
from django.db import connection

from catalog.accounts.models import Brand, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.languages import ENGLISH, TRADITIONAL
from catalog.products.documents import attribute_text
from catalog.products.models import Category, Offer, Product, ProductStatus, Variant
from catalog.products.thesaurus import listed_words
from catalog.products.vocabulary import all_names, is_stated_when_free, names, word
from catalog.search import chinese_spelling
from catalog.search.analysis import fold, is_chinese
from catalog.search.backend import backend
from catalog.search.lexicon import PHRASE_MAX, Lexicon, Named, Phrase, Substance, gathered, phrase_of
from catalog.search.limits import measured_in
from catalog.search.measures import UNITS_IN_CHINESE
from catalog.search.pregnancy import AVOIDED
from catalog.search.stating import FREE_FROM
from catalog.search.stemming import stem
from catalog.search.vocabulary import Vocabulary

log = logging.getLogger(__name__)
# Whom or what a product is for, not what it is made of.
_SUITED = frozenset({"skin_types", "hair_types", "activity", "season", "suits"})
# What it is against: "without redness" is no wish for a product that leaves redness alone.
_NEVER_TURNED_DOWN = frozenset({FREE_FROM, "concerns", "conflicts_with", "avoid_in_pregnancy", "step", "finish"})
# Told of a product, but nobody's words for what is looked for.
_NOT_ASKED_FOR = frozenset({FREE_FROM, "conflicts_with", "avoid_in_pregnancy", "step"})
_CONTAINS = re.compile(r"(?:contains|has|with)_(?P<what>\w+)$")
_DENIED = re.compile(r"^(?:no|不含|無|无|免)\s*|[\s-]free$")
_JOINTS = re.compile(r"\s*(?:,|/|&|、|與|和|及|\band\b)\s*")
_EASING = "去除祛抗淡消控"
_RESTS_AFTER, _REST_S = 10, 0.005
_WORD = re.compile(r"[a-z0-9]+")
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")


@dataclass
class Facts:
    """What is read of the products: attribute values, and all Chinese of titles and of descriptions."""

    values: dict[tuple[str, str], None] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    neighbours: set[tuple[str, str]] = field(default_factory=set)
    titled: set[str] = field(default_factory=set)
    measured: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    characters: int = 0

    def add(self, attributes: Mapping[str, Any], titles: Iterable[str], texts: Iterable[str]) -> None:
        """Add one product."""
        for name, given in attributes.items():
            for value in given if isinstance(given, list) else [given]:
                if isinstance(value, str) and any(map(str.isalpha, value)) and len(value) <= 60:
                    self.values[name, value] = None
                elif value is True:
                    self.values[name, "true"] = None
                self.measure(name, value)
        self.titles += _runs(titles)
        for title in titles:
            self.titled.update(self.hear(title))
        if self.characters < settings.SEARCH_LEXICON_CHARS_MAX:
            runs = _runs(texts)
            for text in texts:
                self.hear(text)
            self.texts += runs
            self.characters += sum(map(len, runs))

    def measure(self, name: str, value: object) -> None:
        """Add what a value measures, as filters take it."""
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            text = attribute_text(value)
            if (name, text) not in self.measured and (told := measured_in(name, text)):
                self.measured[name, text] = told

    def hear(self, text: str) -> list[str]:
        """Add which Latin words stand side by side; return the words."""
        words = [stem(each) for each in _WORD.findall(text.lower())]
        self.neighbours.update(pairwise(words))
        return words


def learned(*, rest_s: float = 0.0) -> Lexicon:
    """Return what the catalog of the merchant in scope teaches now; the newest products where there are very many.

    After some products it rests for `rest_s`, so that searches beside it go on.
    """
    facts = Facts()
    rows = Product.objects.filter(status=ProductStatus.ACTIVE).order_by("-pk")
    newest = rows.values_list("attributes", "title", "titles", "descriptions", "tags")[
        : settings.SEARCH_LEXICON_PRODUCTS_MAX
    ]
    count = 0
    for attributes, title, titles, texts, tags in newest.iterator(chunk_size=1_000):
        facts.add(attributes, (title, *titles.values()), (*texts.values(), *map(str, tags)))
        count += 1
        if rest_s and count % _RESTS_AFTER == 0:
            time.sleep(rest_s)
    options = Variant.objects.order_by("-pk").values_list("options", flat=True)[: settings.SEARCH_LEXICON_PRODUCTS_MAX]
    facts.texts += _runs(str(value) for given in options for value in given.values())
    named = list(chain(_brands(), _categories(), _values(facts.values)))
    for text, each in named:
        heard = facts.hear(text)
        if each.kind != "attribute":
            facts.titled.update(heard)
    names_in_chinese = _runs(text for text, _ in named)
    return Lexicon(
        names=gathered(named),
        substances=_substances(facts.values),
        currencies=frozenset(Offer.objects.order_by().values_list("currency", flat=True).distinct()),
        chinese=chinese_spelling.learned([*facts.titles, *names_in_chinese], facts.texts, _well_written()),
        warnings=frozenset({AVOIDED} & facts.values.keys()),
        neighbours=facts.neighbours,
        titled=facts.titled,
        measured=facts.measured,
        is_whole=count < settings.SEARCH_LEXICON_PRODUCTS_MAX and facts.characters < settings.SEARCH_LEXICON_CHARS_MAX,
    )


@lru_cache(maxsize=1)
def _well_written() -> tuple[str, ...]:
    """Return Chinese words of any shop: other words for things, names of values, units."""
    return tuple(_runs((*listed_words(), *all_names(), *UNITS_IN_CHINESE)))


def _brands() -> Iterator[tuple[str, Named]]:
    for name in Brand.objects.values_list("name", flat=True)[: settings.SEARCH_LEXICON_PRODUCTS_MAX]:
        yield name, Named("brand", name)


def _categories() -> Iterator[tuple[str, Named]]:
    """Yield each category under its names, and under the parts of a name such as "Boots and shoes"."""
    for path, spoken in Category.objects.values_list("path", "names")[: settings.SEARCH_LEXICON_PRODUCTS_MAX]:
        for name in dict.fromkeys(spoken.values()):
            for part in dict.fromkeys((name, *_JOINTS.split(name))):
                yield part, Named("category", path)


def _values(values: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Named]]:
    for name, value in values:
        if value != "true" and name not in _NOT_ASKED_FOR:
            spoken = names(name, value)
            spoken += tuple(chain.from_iterable(map(_eased, spoken))) if name == "concerns" else ()
            yield from ((each, Named("attribute", value, name)) for each in spoken)


def _eased(concern: str) -> Iterator[str]:
    """Yield how Chinese says that a thing is good against a concern: 去黑頭, 抗痘 of 痘痘."""
    if is_chinese(concern):
        one = concern[0] if len(concern) == 2 and concern[0] == concern[1] else concern
        yield from (f"{verb}{one}" for verb in _EASING)


def _substances(values: Iterable[tuple[str, str]]) -> dict[Phrase, Substance]:
    """Return what can be turned down, by its names."""
    held: defaultdict[Phrase, dict[tuple[str, str], None]] = defaultdict(dict)
    suited: defaultdict[Phrase, dict[tuple[str, str], None]] = defaultdict(dict)
    stated: dict[Phrase, str] = {}
    for name, value in values:
        if name == FREE_FROM:
            stated |= dict.fromkeys(_names_without(value), value)
        elif name in _SUITED:
            for spoken in names(name, value):
                suited[phrase_of(spoken)][name, value] = None
        elif name not in _NEVER_TURNED_DOWN:
            for phrase in _phrases(name, value):
                held[phrase][name, value] = None
    for phrase in filter(_is_short_chinese, stated):
        for longer in [each for each in held if phrase[0] in each]:
            held[phrase] |= held[longer]
    return {
        phrase: Substance(
            stated.get(phrase, ""),
            is_stated_when_free(stated.get(phrase, "")),
            tuple(held.get(phrase, ())),
            tuple(suited.get(phrase, ())),
        )
        for phrase in {*held, *suited, *stated}
        if 0 < len(phrase) <= PHRASE_MAX
    }


def _names_without(value: str) -> set[Phrase]:
    """Return the names of what a value of `free_from` is free of."""
    denied = (_DENIED.sub("", each) for each in names(FREE_FROM, value))
    return {phrase_of(each) for each in (*names("key_ingredients", value), *names("without", value), *denied)}


def _phrases(name: str, value: str) -> set[Phrase]:
    """Return the names of a value and every part of a name in Latin script: "duck down" is down."""
    if value == "true":
        contains = _CONTAINS.match(name)
        what = contains["what"] if contains else name
        return {phrase_of(each) for each in names("key_ingredients", what)}
    found: set[Phrase] = set()
    own = (value.replace("_", " "), word(name, value, ENGLISH), word(name, value, TRADITIONAL))
    # What else a kind of thing is called names parts of it: a remover may be an oil, "no oil" means not that.
    for spoken in own if name == "kind" else (*own, *names(name, value)):
        phrase = phrase_of(spoken)
        found.add(phrase)
        if spoken.isascii() and spoken in own:
            found |= {phrase[start:end] for start in range(len(phrase)) for end in range(start + 1, len(phrase) + 1)}
    return found


def _is_short_chinese(phrase: Phrase) -> bool:
    return len(phrase) == 1 and not phrase[0].isascii()


def _runs(texts: Iterable[str]) -> list[str]:
    return [run for text in texts if not text.isascii() for run in _RUN.findall(fold(text))]


class LexiconCache:
    """Lexicons by merchant. Each belongs to one state of the engine's vocabulary and is learned again after it.

    Of a small catalog at once; of a large one beside the searches, which go on with the old one.
    """

    def __init__(self) -> None:
        self._held: dict[int, tuple[Lexicon, Vocabulary, float]] = {}
        self._learning: set[int] = set()
        self._lock = threading.Lock()

    def of(self, merchant_id: int) -> Lexicon:
        """Return the lexicon of the merchant in scope, as it was some minutes ago at most; empty until it is learned.

        Raises: SearchUnavailable.
        """
        vocabulary = backend().vocabulary(merchant_id)
        held = self._held.get(merchant_id)
        if held and held[1] is vocabulary:
            return held[0]
        small = settings.SEARCH_LEXICON_SMALL if held else settings.SEARCH_VOCABULARY_SMALL
        if vocabulary.products <= small:
            return self._learn(merchant_id, vocabulary)
        if held is None or time.monotonic() - held[2] > settings.SEARCH_VOCABULARY_PAUSE_S:
            self._learn_beside(merchant_id, vocabulary)
        return held[0] if held else Lexicon()

    def _learn(self, merchant_id: int, vocabulary: Vocabulary, *, rest_s: float = 0.0) -> Lexicon:
        found = learned(rest_s=rest_s)
        self._held[merchant_id] = (found, vocabulary, time.monotonic())
        return found

    def _learn_beside(self, merchant_id: int, vocabulary: Vocabulary) -> None:
        with self._lock:
            if merchant_id in self._learning:
                return
            self._learning.add(merchant_id)
        threading.Thread(target=self._learn_quietly, args=[merchant_id, vocabulary], daemon=True).start()

    def _learn_quietly(self, merchant_id: int, vocabulary: Vocabulary) -> None:
        try:
            with merchant_scope(Merchant.objects.get(pk=merchant_id)):
                self._learn(merchant_id, vocabulary, rest_s=_REST_S)
        except Exception:  # the old one serves on, and a later search tries again
            log.exception("the names in the catalog of merchant %s could not be learned", merchant_id)
        finally:
            self._learning.discard(merchant_id)
            connection.close()


_cache = LexiconCache()
lexicon_of = _cache.of
