"""The name of a file as it may be shown and given back: no path, nothing that hides or turns around what it says."""

from __future__ import annotations

import unicodedata

_LONGEST = 120
_FORBIDDEN = frozenset('<>:"|?*\\/')
# Names that old office systems take for devices.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})


def cleaned(name: str, *, ending: str) -> str:
    """The last part of a path, without control and direction characters, with the ending of what it really is.

    Args:
        name: As the browser sent it; may hold a path of any system.
        ending: The ending of the type that was found, such as ``.pdf``.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        sign
        for sign in last
        if (sign not in _FORBIDDEN and unicodedata.category(sign)[0] not in "CZ") or sign == " "
    )
    stem = " ".join(kept.split())
    for known in (".pdf", ".png", ".jpg", ".jpeg", ".xlsx", ".docx", ".zip", ".csv", ".txt"):
        if stem.lower().endswith(known):
            stem = stem[: -len(known)]
    stem = stem.strip(". ")
    if not stem or stem.lower() in _DEVICES:
        stem = "文件"
    return stem[:_LONGEST] + ending
