"""Names as public notices show them: the surname and a star for each further character (docs/decisions/0060)."""

from __future__ import annotations

import unicodedata

__all__ = ["masked_name"]

# Surnames of two characters: common ones, and those of this country's south-west.
_SURNAMES = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
    "仲孙钟离长孙宇文司徒鲜于司空令狐轩辕呼延拓跋百里东郭西门南门第五左丘梁丘公西公良淳于单于乌孙完颜"
    "纳兰巫马漆雕乐正壤驷拓拔夹谷谷梁段干闾丘亓官司寇仉督子车颛孙"
)
_TWO = frozenset(_SURNAMES[at : at + 2] for at in range(0, len(_SURNAMES), 2))
_DOTS = "·•‧・．.･∙"
_SHORTEST_WITH_TWO = 3  # 欧阳 alone is 欧 with the given name 阳
_LONGEST = 8  # stars after it tell nothing


def masked_name(name: str) -> str:
    """王小明 → 王**, 欧阳修 → 欧阳*, 阿依古丽·买买提 → 阿******, Ann Lee → A*****; a single character → *.

    The length is kept up to eight characters. What is not a letter or a character goes first, so that a note beside
    the name (王小明（户主）) does not come through.
    """
    text = unicodedata.normalize("NFKC", name)
    head = text.split("(")[0].strip(_DOTS + " ") or text
    letters = "".join(one for one in head if one.isalpha())
    if len(letters) <= 1:
        return "*" if letters or text.strip() else ""
    kept = 2 if letters[:2] in _TWO and len(letters) >= _SHORTEST_WITH_TWO else 1
    return letters[:kept] + "*" * (min(len(letters), _LONGEST) - kept)
