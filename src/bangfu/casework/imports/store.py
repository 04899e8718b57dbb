"""What was uploaded, until it is in the tables: encrypted, in a folder of its own, taken away when it is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from bangfu.casework.database.keys import key_file
from bangfu.casework.database.refusals import Refused
from bangfu.casework.imports.uploads import unpacked
from bangfu.casework.words import Words

__all__ = ["forgotten", "kept_upload", "opened_upload", "swept"]

_NONCE, _NUMBER = 12, 2
GONE = Words("上传的文件已不在，请重新上传", "the uploaded file is no longer here; upload it again")


def kept_upload(batch_id: UUID, name: str, content: bytes) -> None:
    """Put an upload on the disk, encrypted and bound to its batch; whole or not at all."""
    place = _place(batch_id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = key_file()
    nonce = os.urandom(_NONCE)
    told = name.encode() + b"\0" + content
    sealed = AESGCM(_key(keys.current)).encrypt(nonce, told, _bound(batch_id))
    fresh = place.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(keys.current.to_bytes(_NUMBER, "big") + nonce + sealed)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(place)


@contextmanager
def opened_upload(batch_id: UUID) -> Iterator[Path]:
    """The upload as the readers want it: a folder or a workbook, in the clear, for as long as it is read.

    Raises:
        Refused: ``bad_file``, where it is gone, was changed, or its key is gone.
    """
    place, folder = _place(batch_id), _place(batch_id).with_suffix(".open")
    shutil.rmtree(folder, ignore_errors=True)  # left over from a run that was killed
    if not place.is_file():
        raise Refused("bad_file", field="file", why=GONE)
    held = place.read_bytes()
    number = int.from_bytes(held[:_NUMBER], "big")
    nonce, body = held[_NUMBER : _NUMBER + _NONCE], held[_NUMBER + _NONCE :]
    try:
        told = AESGCM(_key(number)).decrypt(nonce, body, _bound(batch_id))
    except (InvalidTag, KeyError) as changed:
        raise Refused("bad_file", field="file", why=GONE) from changed
    name, _, content = told.partition(b"\0")
    folder.mkdir(mode=0o700)
    try:
        yield unpacked(name.decode(), content, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forgotten(batch_id: UUID) -> None:
    """Take an upload away; what it held is in the tables, or nobody wants it."""
    _place(batch_id).unlink(missing_ok=True)
    shutil.rmtree(_place(batch_id).with_suffix(".open"), ignore_errors=True)


def swept(before: datetime) -> int:
    """Take away uploads that nobody confirmed; how many."""
    home: Path = settings.SITE.home
    old = [one for one in (home / "imports").glob("*") if one.stat().st_mtime < before.timestamp()]
    for one in old:
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)
    return len(old)


def _place(batch_id: UUID) -> Path:
    home: Path = settings.SITE.home
    return home / "imports" / str(batch_id)


def _bound(batch_id: UUID) -> bytes:
    return f"import\x1f{batch_id}".encode()


def _key(number: int) -> bytes:
    """The key for uploads, whatever cipher the vault uses: they live for days and are read here alone."""
    _, key = key_file().data[number]
    return key
