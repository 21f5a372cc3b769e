"""How text becomes search terms; the same for every engine, at index time and at query time.

Engines get terms that are ready: folded, stemmed, measures in one spelling, Chinese as characters and their pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import opencc

from catalog.search.measures import number_of, with_measures
from catalog.search.stemming import stem

# Han with its extensions, kana and the two iteration signs: written without spaces between words.
CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{CJK}]+")
_LATIN = rf"[^\W_{CJK}]+"
_NUMBER = r"\d+/\d+(?!\w)|\d+(?:\.\d+)+(?!\w)"
# Measures as `with_measures` marks them, Chinese runs, numbers, words and compounds (tn-2110).
_TOKEN = re.compile(rf"=[\d./]+[a-z]+|[{CJK}]+|{_NUMBER}|{_LATIN}(?:-{_LATIN})*")
_ASCII_TOKEN = re.compile(rf"=[\d./]+[a-z]+|{_NUMBER}|[a-z0-9]+(?:-[a-z0-9]+)*")  # the same, in half the time
_IS_NUMBER = re.compile(r"[\d./]+")
_PLAIN = re.compile(rf"[{CJK}]+|{_LATIN}")
_TYPED = re.compile(f"[{CJK}]|{_LATIN}")  # the same, a Chinese run in single characters
_ACCENTS = re.compile("[\u0300-\u036f]")
# Words that say nothing about a product. Dropped from queries only, and only when something else is left.
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any anything are at be can do does for from have i in is it me my of on or please some something that"
        " the these this those to under want what which with you your",
    )
)
STOP_CHARACTERS = frozenset("的了吗呢吧啊我你您有没是和与跟想要请给哪个这那些")
# Ingredient names that OpenCC leaves alone although the mainland writes them otherwise: 醯胺 is 酰胺.
_CHEMISTRY = ("醯", "酰")
TERMS_MAX = 48  # a query longer than this is cut: an essay is not a search
_JOINED_MAX = 24  # characters of a compound that is also found as one word


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
    return simplified(one_width(text))


def one_width(text: str) -> str:
    """Return `text` in one width and one case, the first half of folding."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", storable(text)).casefold()


def simplified(folded: str) -> str:
    """Return a text of one width and case in one Chinese script, the second half of folding."""
    first = None if folded.isascii() else _RUN.search(folded)
    if not first:
        return folded
    before, chinese = folded[: first.start()], folded[first.start() :]
    return before + str(_to_simplified().convert(chinese)).replace(*_CHEMISTRY)


def storable(text: str) -> str:
    """Return `text` without the lone surrogates that JSON may carry and no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def without_accents(folded: str) -> str:
    """Return a folded text with "é" as "e"; Chinese and kana are left alone."""
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))


def is_chinese(term: str) -> bool:
    """Whether a term is written without spaces: Han or kana."""
    return not term.isascii() and _RUN.match(term) is not None


def tokens(text: str) -> list[str]:
    """Return the pieces of a text in order: words as written, compounds with hyphens, measures ("=500gb"), runs."""
    return tokens_of(without_accents(fold(text)).replace("\0", " "))


def tokens_of(cleaned: str) -> list[str]:
    """Return the pieces of a text that is folded and without accents."""
    measured = with_measures(cleaned)
    return (_ASCII_TOKEN if measured.isascii() else _TOKEN).findall(measured)


def index_terms(text: str) -> Iterator[str]:
    """Yield every term that finds a text, in order, repeats and all.

    A measure is found with its unit and as its number; a compound as its parts and as one word; a Chinese run as its
    characters and its pairs.
    """
    for token in tokens(text):
        yield from token_terms(token)


def token_terms(token: str) -> tuple[str, ...]:
    """Return the terms that find one piece of a text."""
    return (*token, *pairs(token)) if is_chinese(token) else _latin_terms(token)


def _latin_terms(token: str) -> tuple[str, ...]:
    if token[0] == "=":
        return number_of(token[1:]), token[1:]
    if "-" in token:
        joined = token.replace("-", "")
        return (*map(stem, token.split("-")), *([stem(joined)] if len(joined) <= _JOINED_MAX else ()))
    return (stem(token),)


def words(text: str) -> Iterator[str]:
    """Yield what spelling and rarity are learned from: Latin words as they are written, numbers, measures; no SKUs."""
    for token in tokens(text):
        yield from token_words(token)


def token_words(token: str) -> tuple[str, ...]:
    """Return what spelling and rarity are learned from in one piece of a text."""
    return () if is_chinese(token) else _latin_words(token)


def _latin_words(token: str) -> tuple[str, ...]:
    if token[0] == "=":
        return number_of(token[1:]), token[1:]
    parts = token.split("-")
    compound = [token.replace("-", "")] if len(parts) > 1 else []
    return tuple(part for part in (*parts, *compound) if part.isalpha() or _IS_NUMBER.fullmatch(part))


def prefix_terms(text: str) -> tuple[str, ...]:
    """Return the pieces of a half-typed query in order: words, and single Chinese characters."""
    pieces: list[str] = []
    for token in _PLAIN.findall(without_accents(fold(text))):
        pieces.extend(token if is_chinese(token) else [token])
    return tuple(pieces[:TERMS_MAX])


def typed_pieces(cleaned: str) -> list[str]:
    """Return every piece that `prefix_terms` could ask for of a text that is folded and without accents, in order."""
    return _TYPED.findall(cleaned)


def pairs(run: str) -> Iterator[str]:
    """Yield the pairs of characters of a Chinese run."""
    return (run[i : i + 2] for i in range(len(run) - 1))


def index_text(text: str) -> str:
    """Return `text` as it is indexed: words as they are, each Chinese run as characters and character pairs."""
    folded = fold(text).replace("\0", " ")
    return _RUN.sub(lambda run: f" {' '.join(_grams(run.group()))} ", folded)


def query_terms(text: str) -> QueryTerms:
    """Return what to look for; function words count only when the query holds nothing else."""
    tokens = _PLAIN.findall(fold(text))
    runs = [token for token in tokens if _RUN.match(token)]
    words = dict.fromkeys(token for token in tokens if not _RUN.match(token))
    two = dict.fromkeys(pair for run in runs for pair in pairs(run) if not STOP_CHARACTERS.issuperset(pair))
    characters = dict.fromkeys("".join(runs))
    # Beside Chinese a lone letter is part of a name: "A 醇" is retinol.
    telling_words = [word for word in words if word not in STOP_WORDS or (runs and len(word) == 1)]
    telling_characters = [character for character in characters if character not in STOP_CHARACTERS]
    if telling_words or telling_characters:
        words, characters = dict.fromkeys(telling_words), dict.fromkeys(telling_characters)
    return QueryTerms(
        words=tuple(words)[:TERMS_MAX], pairs=tuple(two)[:TERMS_MAX], characters=tuple(characters)[:TERMS_MAX]
    )


def text_terms(text: str) -> QueryTerms:
    """Return every term of a text in order, repeats and all, for an engine that indexes terms."""
    tokens = _PLAIN.findall(fold(text))
    runs = [token for token in tokens if _RUN.match(token)]
    return QueryTerms(
        words=tuple(token for token in tokens if not _RUN.match(token)),
        pairs=tuple(pair for run in runs for pair in pairs(run)),
        characters=tuple("".join(runs)),
    )


def _grams(run: str) -> Iterator[str]:
    yield from run
    yield from pairs(run)
