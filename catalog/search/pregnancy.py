"""Words that say a product has to be fit for pregnant people."""

from __future__ import annotations

import re

AVOIDED = ("avoid_in_pregnancy", "true")  # the attribute that warns of it
_SAID = re.compile(
    r"(?<![a-z])(?:(?:is |are |ok |okay |suitable |fit )*safe )?(?:for |in |during |while |when )*pregnan(?:cy|t)"
    r"(?: women| people| skin)?(?:[\s-](?:safe|friendly|approved|ok|okay))?(?![a-z])"
    r"|(?:适合)?(?:孕妇|孕妈妈?|怀孕|孕期|备孕)(?:中|期间|时)?也?(?:可以?|能|适|安心)?(?:安全)?(?:使?用|擦)?"
)


def pregnancy_in(folded: str) -> tuple[int, int] | None:
    """Return where a folded query asks for what pregnant people may use, None when it does not."""
    found = _SAID.search(folded)
    return found.span() if found else None
