"""The chain read again: every edit, deletion, insertion and reorder has a name."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from bangfu.casework.database import durable
from bangfu.casework.words import Words

__all__ = ["Anchor", "Fault", "anchors_in", "coded", "faults", "head", "kept"]

FAULTS = {
    "row_edited": Words("记录内容被改动", "a row was edited"),
    "row_missing": Words("记录被删除", "a row was deleted"),
    "row_unlinked": Words("记录不在链上", "a row stands outside the chain"),
    "order_changed": Words("记录的次序被改动", "the order was changed"),
    "number_missing": Words("链上缺号", "a number of the chain is missing"),
    "anchor_differs": Words("与当日锚点不符", "it differs from the day's anchor"),
    "tail_cut": Words("锚点之前的记录被截去", "rows before an anchor were cut off"),
    "anchor_forged": Words("锚点文件被改动", "an anchor file was changed"),
}


@dataclass(frozen=True)
class Fault:
    """Something the chain shows: code (``FAULTS``), number in the chain, row, its act and subject."""

    code: str
    number: int
    row_id: int | None = None
    act: str = ""
    subject: str = ""

    @property
    def words(self) -> Words:
        """The fault in words."""
        return FAULTS[self.code]


@dataclass(frozen=True)
class Anchor:
    """The head of the chain on a day, kept outside the database."""

    day: date
    number: int
    hash: bytes

    def code(self, key: bytes) -> str:
        """What a forger without the key cannot write."""
        told = f"{self.day.isoformat()} {self.number} {self.hash.hex()}"
        return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def coded(content: Mapping[str, Any], key: bytes) -> bytes:
    """The code of a row's content: who edits the row and has no key cannot make it again."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def head() -> tuple[int, bytes]:
    """Number and hash of the last link; 0 and nothing before the first."""
    with connection.cursor() as cursor:
        cursor.execute("select number, hash from casework_trail_link order by number desc limit 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, b"")


def faults(*, key: bytes, anchors: Sequence[Anchor]) -> Iterator[Fault]:
    """Everything wrong with the chain, in its order. All rows must be in scope.

    Args:
        key: The trail's key.
        anchors: Those whose codes are right; days on which nothing was done share a number.
    """
    expected, last = 0, b""
    heads: dict[int, set[bytes]] = {}
    for one in anchors:
        heads.setdefault(one.number, set()).add(one.hash)
    for number, row_id, link_hash, text, mac, act, subject in _links():
        expected += 1
        if number != expected:
            yield Fault("number_missing", expected)
            expected = number
        elif text is None:
            yield Fault("row_missing", number, row_id)
        else:
            made = hashlib.sha256(last + hashlib.sha256(text.encode() + bytes(mac)).digest()).digest()
            if not hmac.compare_digest(coded(json.loads(text), key), bytes(mac)):
                yield Fault("row_edited", number, row_id, act, subject)
            elif made != link_hash:
                yield Fault("order_changed", number, row_id, act, subject)
        if heads.get(number, {link_hash}) != {link_hash}:
            yield Fault("anchor_differs", number, row_id, act or "", subject or "")
        last = link_hash
    for number in sorted(heads):
        if number > expected:
            yield Fault("tail_cut", number)
    yield from _unlinked()


def _links() -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "select l.number, l.row_id, l.hash, r.content::text, r.mac, r.act, r.subject from casework_trail_link l"
            " left join casework_trail_row r on r.id = l.row_id order by l.number"
        )
        for row in cursor:
            yield row[0], row[1], bytes(row[2]), *row[3:]


def _unlinked() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.id, r.act, r.subject from casework_trail_row r"
            " where not exists (select from casework_trail_link l where l.row_id = r.id) order by r.id"
        )
        for row_id, act, subject in cursor.fetchall():
            yield Fault("row_unlinked", 0, row_id, act, subject)


def kept(anchor: Anchor, folder: Path, *, key: bytes) -> None:
    """The day's anchor as a file; one that is there already is left as it is."""
    path = folder / f"{anchor.day.isoformat()}.json"
    if not path.exists():
        told = {"day": anchor.day.isoformat(), "number": anchor.number, "hash": anchor.hash.hex()}
        text = json.dumps(told | {"code": anchor.code(key)}, indent=1) + "\n"
        durable.written(path, text.encode("ascii"))


def anchors_in(folder: Path, *, key: bytes) -> tuple[list[Anchor], list[Fault]]:
    """The anchors of a folder by day, and those that were changed or cannot be read."""
    found, forged = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="ascii"))
            anchor = Anchor(date.fromisoformat(told["day"]), int(told["number"]), bytes.fromhex(told["hash"]))
            right = path.stem == told["day"] and hmac.compare_digest(anchor.code(key), told["code"])
        except (ValueError, KeyError, TypeError):
            forged.append(Fault("anchor_forged", 0))
            continue
        if right:
            found.append(anchor)
        else:
            forged.append(Fault("anchor_forged", anchor.number))
    return found, forged
