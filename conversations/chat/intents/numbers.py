"""Numbers in a chat; the search reads them alike."""

from __future__ import annotations

from catalog.search.numbers import ARABIC as ARABIC
from catalog.search.numbers import CHINESE_NUMBER as CHINESE_NUMBER
from catalog.search.numbers import NUMBER as NUMBER
from catalog.search.numbers import number as number
from catalog.search.numbers import vague_range as vague_range
