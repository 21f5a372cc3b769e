"""How text becomes search terms; the same for every engine, at index time and at query time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import opencc

# Han with its extensions, kana and the two iteration signs: written without spaces between words.
_CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_CJK}]+")
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
# Words that say nothing about a product. Dropped from queries only, and only when something else is left.
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any anything are at be can do does for from have i in is it me my of on or please some something that"
        " the these this those to under want what which with you your",
    )
)
_STOP_CHARACTERS = frozenset("的了吗呢吧啊我你您有没是和与跟想要请给哪个这那些")
# Ingredient names that OpenCC leaves alone although the mainland writes them otherwise: 醯胺 is 酰胺.
_CHEMISTRY = str.maketrans("醯胺", "酰胺")
TERMS_MAX = 48  # a query longer than this is cut: an essay is not a search


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """What a query asks for: Latin words, and pairs and single characters of Chinese."""

    words: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to look for."""
        return not (self.words or self.pairs or self.characters)


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    # Characters only, no regional words: a word must fold alike whatever stands beside it.
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """Return `text` in one width, one case and one Chinese script."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", storable(text)).casefold()
    return str(_to_simplified().convert(folded)).translate(_CHEMISTRY) if _RUN.search(folded) else folded


def storable(text: str) -> str:
    """Return `text` without the lone surrogates that JSON may carry and no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def index_text(text: str) -> str:
    """Return `text` as it is indexed: words as they are, each Chinese run as characters and character pairs."""
    folded = fold(text).replace("\0", " ")
    return _RUN.sub(lambda run: f" {' '.join(_grams(run.group()))} ", folded)


def query_terms(text: str) -> QueryTerms:
    """Return what to look for; function words count only when the query holds nothing else."""
    tokens = _TOKEN.findall(fold(text))
    runs = [token for token in tokens if _RUN.match(token)]
    words = dict.fromkeys(token for token in tokens if not _RUN.match(token))
    pairs = dict.fromkeys(pair for run in runs for pair in _pairs(run) if not _STOP_CHARACTERS.issuperset(pair))
    characters = dict.fromkeys("".join(runs))
    # Beside Chinese a lone letter is part of a name: "A 醇" is retinol.
    telling_words = [word for word in words if word not in _STOP_WORDS or (runs and len(word) == 1)]
    telling_characters = [character for character in characters if character not in _STOP_CHARACTERS]
    if telling_words or telling_characters:
        words, characters = dict.fromkeys(telling_words), dict.fromkeys(telling_characters)
    return QueryTerms(
        words=tuple(words)[:TERMS_MAX], pairs=tuple(pairs)[:TERMS_MAX], characters=tuple(characters)[:TERMS_MAX]
    )


def text_terms(text: str) -> QueryTerms:
    """Return every term of a text in order, repeats and all, for an engine that indexes terms."""
    tokens = _TOKEN.findall(fold(text))
    runs = [token for token in tokens if _RUN.match(token)]
    return QueryTerms(
        words=tuple(token for token in tokens if not _RUN.match(token)),
        pairs=tuple(pair for run in runs for pair in _pairs(run)),
        characters=tuple("".join(runs)),
    )


def prefix_terms(text: str) -> tuple[str, ...]:
    """Return the pieces of a half-typed query in order: words, and single Chinese characters."""
    pieces: list[str] = []
    for token in _TOKEN.findall(fold(text)):
        pieces.extend(token if _RUN.match(token) else [token])
    return tuple(pieces[:TERMS_MAX])


def typed_text(text: str) -> str:
    """Return every piece of a text that `prefix_terms` could ask for, in order."""
    return " ".join(" ".join(token) if _RUN.match(token) else token for token in _TOKEN.findall(fold(text)))


def _pairs(run: str) -> Iterator[str]:
    return (run[i : i + 2] for i in range(len(run) - 1))


def _grams(run: str) -> Iterator[str]:
    yield from run
    yield from _pairs(run)
