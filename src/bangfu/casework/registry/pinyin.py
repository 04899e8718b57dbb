"""Names as they sort and as they are typed: each character by its reading, family names by theirs."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, pinyin

_LONGEST = 160
_LETTERS = re.compile(r"[a-z]+", re.ASCII)
# Characters that are read otherwise when they are a family name.
_FAMILY = {
    "单": "shan4", "解": "xie4", "仇": "qiu2", "区": "ou1", "曾": "zeng1", "查": "zha1", "任": "ren2", "华": "hua4",
    "盖": "ge3", "覃": "qin2", "朴": "piao2", "冼": "xian3", "尉": "yu4", "乐": "yue4", "召": "shao4", "折": "she2",
    "缪": "miao4", "宓": "fu2", "员": "yun4", "晁": "chao2", "卜": "bu3", "翟": "zhai2", "种": "chong2", "祭": "zhai4",
}  # fmt: skip
_FAMILY_OF_TWO = {
    "尉迟": "yu4 chi2",
    "万俟": "mo4 qi2",
    "单于": "chan2 yu2",
    "长孙": "zhang3 sun1",
    "澹台": "tan2 tai2",
}


def sorted_as(name: str) -> str:
    """The key a Chinese name sorts by: ``王国庆`` is ``wang2 guo2 qing4``, ``单小明`` ``shan4 xiao3 ming2``."""
    two = _FAMILY_OF_TWO.get(name[:2])
    if two:
        first, rest = two, name[2:]
    else:
        first, rest = _FAMILY.get(name[:1], ""), name[1:] if name[:1] in _FAMILY else name
    return " ".join(part for part in (first, *map(_syllable, rest)) if part)[:_LONGEST]


@lru_cache(maxsize=32_768)
def _syllable(character: str) -> str:
    """One character; what has no reading stands for itself."""
    return str(pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)[0][0])


def is_latin(typed: str) -> bool:
    """Whether somebody typed a reading instead of characters."""
    return _LETTERS.fullmatch(folded(typed)) is not None


def folded(typed: str) -> str:
    """A typed reading: small letters, no blanks, no tones."""
    return re.sub(r"[\s0-9'’]", "", typed).lower()


def initials(typed: str) -> str:
    """The pattern that finds ``wgq`` for ``wang2 guo2 qing4``."""
    return "^" + " ".join(f"{letter}[a-z]*[1-5]" for letter in folded(typed))
