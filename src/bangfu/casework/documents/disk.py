"""The contents on the disk: encrypted, each bound to the id of its file; whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from bangfu.casework.database.keys import KeyFile

# A file on the disk: this mark, two bytes of the key's number, the nonce, the encrypted content with its tag.
_MARK, _NONCE, _TAG = b"BANGFU1\n", 12, 16
_HEAD = len(_MARK) + 2


class FileDamaged(Exception):  # noqa: N818 - it names what was found
    """A file on the disk that was changed, exchanged for another or lost."""


def written(file_id: UUID, content: bytes, *, keys: KeyFile) -> None:
    """Put a content on the disk: beside its place first, then, after the disk has it, into its place."""
    place = _place(file_id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(_sealed(file_id, content, keys=keys))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(file_id: UUID, *, keys: KeyFile) -> bytes:
    """A content in the clear; ``FileDamaged`` where it is lost, changed or another file's."""
    place = _place(file_id)
    if not place.is_file():
        raise FileDamaged("the content is not on the disk")
    held = place.read_bytes()
    number = int.from_bytes(held[len(_MARK) : _HEAD], "big")
    if not held.startswith(_MARK) or number not in keys.data:
        raise FileDamaged("the content has no mark or names a key that is gone")
    cipher, key = keys.data[number]
    nonce, body, bound = held[_HEAD : _HEAD + _NONCE], held[_HEAD + _NONCE :], _bound(file_id)
    try:
        if cipher == "AES-256-GCM":
            return AESGCM(key).decrypt(nonce, body, bound)
        worker = Cipher(algorithms.SM4(key), modes.GCM(nonce, body[-_TAG:])).decryptor()
        worker.authenticate_additional_data(bound)
        return worker.update(body[:-_TAG]) + worker.finalize()
    except InvalidTag as changed:
        raise FileDamaged("the content was changed or belongs to another file") from changed


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


def _sealed(file_id: UUID, content: bytes, *, keys: KeyFile) -> bytes:
    cipher, key = keys.data[keys.current]
    nonce, bound = os.urandom(_NONCE), _bound(file_id)
    if cipher == "AES-256-GCM":
        body = AESGCM(key).encrypt(nonce, content, bound)
    else:
        worker = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        worker.authenticate_additional_data(bound)
        body = worker.update(content) + worker.finalize() + worker.tag
    return _MARK + keys.current.to_bytes(2, "big") + nonce + body
