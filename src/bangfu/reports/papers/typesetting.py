"""From plain values to the bytes of a PDF: typst, our own sources, the two Noto faces, and nothing else.

Values go in as one JSON text through ``sys.inputs`` and are never read as markup, so a name with ``#`` in it
is printed as it stands. No clock is read: the day in the file is that of the imprint, and the same values give the
same bytes. Every paper is PDF/A-2b, which archives keep (LD2021-7).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pylopdf_fonts_zh_cn
import typst

from bangfu.reports.papers.glyphs import glyphs_of

SOURCES = Path(__file__).parent
BEIJING = timezone(timedelta(hours=8))
MISSING = "□"
STANDARD: Literal["a-2b"] = "a-2b"

# Marks that turn the direction of a line: a name could make the paper read as something else.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LAST_CONTROL, _FIRST_HIGH_CONTROL, _LAST_HIGH_CONTROL = 0x1F, 0x7F, 0x9F
_SHORT_HASH = 16
# The standard asks for a day in the file; a paper that does not say when it was printed bears none of its own.
_NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)

# One compiler for the process; it keeps the parsed sources and faces. It is not made for two threads at once.
_LOCK = threading.Lock()
# The process the compiler was made in: its threads do not come along into a fork, where it would wait for ever.
_MADE_IN: list[int] = []


class ForkedAfterPrinting(RuntimeError):  # noqa: N818 - it says what happened
    """This process was forked from one that had printed already; start it anew (spawn) or print in the parent."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What stands at the foot of every paper.

    Attributes:
        printed_by: Who printed it, as it is to be shown; nothing leaves the words out.
        printed_at: When, with its zone; shown in Beijing time.
        content_hash: SHA-256 in hex of what was printed; ``None`` computes it from the paper's own values, an
            empty text prints none (a blank form).
    """

    printed_by: str = ""
    printed_at: datetime | None = None
    content_hash: str | None = None

    def __post_init__(self) -> None:
        """Refuse a time without its zone."""
        if self.printed_at is not None and self.printed_at.tzinfo is None:
            raise ValueError("printed_at needs a zone")


def content_hash(paper: Any) -> str:
    """SHA-256, in hex, of a paper's values without its imprint: who prints and when changes nothing.

    Args:
        paper: One of the dataclasses of this package.
    """
    values = dataclasses.asdict(paper)
    values.pop("imprint", None)
    text = json.dumps(
        [type(paper).__name__, values],
        ensure_ascii=False,
        sort_keys=True,
        default=_plain,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def typeset(template: str, *, paper: Any, data: Mapping[str, Any]) -> bytes:
    """The PDF of a paper.

    Args:
        template: The name of a source beside this file, without ``.typ``.
        paper: The dataclass, for its imprint and its hash.
        data: What the source reads: texts, lists and mappings of texts, all as they are to stand.

    Raises:
        ForkedAfterPrinting: The parent of this process had printed before the fork.
    """
    missing: set[str] = set()
    shown = _shown({**data, "foot": _foot(paper)}, missing)
    shown["missing"] = "、".join(f"U+{ord(letter):04X}" for letter in sorted(missing))
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    if _MADE_IN and _MADE_IN[0] != os.getpid():
        raise ForkedAfterPrinting
    with _LOCK:
        _MADE_IN[:] = [os.getpid()]
        made = _compiler().compile(
            input=str(SOURCES / f"{template}.typ"), format="pdf", sys_inputs={"data": text},
            pdf_standards=[STANDARD],
        )  # fmt: skip
    if not isinstance(made, bytes):
        raise TypeError(f"{template} gave no PDF")
    return made


def day(on: date | None) -> str:
    """2026年3月5日; nothing for no day."""
    return f"{on.year}年{on.month}月{on.day}日" if on else ""


def day_parts(on: date | None) -> list[str]:
    """Year, month and day as texts; three empty ones for no day, to be written by hand."""
    return [str(on.year), str(on.month), str(on.day)] if on else ["", "", ""]


def grouped_hash(digest: str, *, size: int = 4) -> str:
    """A digest in groups, to be compared by eye."""
    return " ".join(digest[start : start + size] for start in range(0, len(digest), size))


def masked_id(number: str) -> str:
    """The first six and the last four of an ID number; a number that is masked already stays, a short one is hidden."""
    bare = number.strip()
    if not bare or "*" in bare:
        return bare
    kept = 10
    return f"{bare[:6]}{'*' * (len(bare) - kept)}{bare[-4:]}" if len(bare) > kept else "*" * len(bare)


def _foot(paper: Any) -> dict[str, Any]:
    imprint: Imprint = paper.imprint
    digest = content_hash(paper) if imprint.content_hash is None else imprint.content_hash
    at = imprint.printed_at.astimezone(BEIJING) if imprint.printed_at else None
    when = f"{day(at)} {at:%H:%M}" if at else ""
    moment = (at or _NO_MOMENT).astimezone(UTC)  # the file format reads it so
    names = ("year", "month", "day", "hour", "minute", "second")
    made = dict(zip(names, moment.timetuple()[: len(names)], strict=True))
    return {"hash": grouped_hash(digest[:_SHORT_HASH]), "by": imprint.printed_by, "at": when, "made": made}


@cache
def _compiler() -> typst.Compiler:
    folder = pylopdf_fonts_zh_cn.serif_path().parent
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    return typst.Compiler(root=str(SOURCES), font_paths=fonts, ignore_system_fonts=True)


@cache
def _glyphs() -> frozenset[int]:
    """What both faces can show."""
    return glyphs_of(pylopdf_fonts_zh_cn.serif_path()) & glyphs_of(pylopdf_fonts_zh_cn.sans_path())


def _shown(value: Any, missing: set[str]) -> Any:
    """The values with every sign that cannot be printed made a box, which is seen and filled in by hand."""
    if isinstance(value, str):
        return "".join(_letter(letter, missing) for letter in value.replace("\r\n", "\n"))
    if isinstance(value, Mapping):
        return {str(name): _shown(one, missing) for name, one in value.items()}
    if isinstance(value, Iterable):
        return [_shown(one, missing) for one in value]
    return value


def _letter(letter: str, missing: set[str]) -> str:
    number = ord(letter)
    if letter in "\n\t" or number in _glyphs():
        return letter
    if (
        number <= _LAST_CONTROL
        or _FIRST_HIGH_CONTROL <= number <= _LAST_HIGH_CONTROL
        or letter in _DIRECTIONS
    ):
        return MISSING
    missing.add(letter)
    return MISSING


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no plain value")
