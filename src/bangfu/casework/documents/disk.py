"""The contents on the disk: encrypted, each bound to the id of its file; whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from bangfu.casework.database import durable
from bangfu.casework.database.ciphers import DoesNotOpen, decrypted, encrypted
from bangfu.casework.database.keys import KeyFile

# A file on the disk: this mark, two bytes of the key's number, what ``encrypted`` gives.
_MARK, _NUMBER = b"BANGFU1\n", 2
_HEAD = len(_MARK) + _NUMBER


class FileDamaged(Exception):  # noqa: N818 - it names what was found
    """A file on the disk that was changed, exchanged for another or lost."""


def written(file_id: UUID, content: bytes, *, keys: KeyFile) -> None:
    """Put a content on the disk, encrypted with the key in use; whole or not there."""
    sealed = encrypted(content, bound_to=_bound(file_id), keys=keys)
    place = _place(file_id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    durable.written(place, _MARK + keys.current.to_bytes(_NUMBER, "big") + sealed)


def read(file_id: UUID, *, keys: KeyFile) -> bytes:
    """A content in the clear; ``FileDamaged`` where it is lost, changed or another file's."""
    place = _place(file_id)
    if not place.is_file():
        raise FileDamaged("the content is not on the disk")
    held = place.read_bytes()
    number = int.from_bytes(held[len(_MARK) : _HEAD], "big")
    if not held.startswith(_MARK):
        raise FileDamaged("the content has no mark")
    try:
        return decrypted(held[_HEAD:], key_id=number, bound_to=_bound(file_id), keys=keys)
    except DoesNotOpen as changed:
        raise FileDamaged("the content was changed, is another file's, or its key is gone") from changed


def key_of(file_id: UUID) -> int:
    """The number of the key a content is encrypted with."""
    with _place(file_id).open("rb") as held:
        return int.from_bytes(held.read(_HEAD)[len(_MARK) :], "big")


def on_disk() -> Iterator[tuple[UUID | None, Path]]:
    """Every file in the folder with the id it is named by; None where it is not named by one, as after a crash."""
    for path in sorted(settings.SITE.files.glob("*/*")):
        try:
            named = UUID(path.name)
        except ValueError:
            named = None
        yield named, path


def _place(file_id: UUID) -> Path:
    folder: Path = settings.SITE.files
    return folder / file_id.hex[:2] / str(file_id)


def _bound(file_id: UUID) -> bytes:
    return b"casework_stored_file\x1f" + str(file_id).encode() + b"\x1fcontent"
