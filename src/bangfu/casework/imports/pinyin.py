"""Names as they sort: each character by its most common reading, with the tone, characters apart."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, pinyin

__all__ = ["sorted_as"]

_LONGEST = 160


def sorted_as(name: str) -> str:
    """The key a Chinese name sorts by: ``王国庆`` is ``wang2 guo2 qing4``."""
    return " ".join(map(_syllable, name))[:_LONGEST]


@lru_cache(maxsize=32_768)
def _syllable(character: str) -> str:
    """One character; what has no reading stands for itself."""
    return str(pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)[0][0])
