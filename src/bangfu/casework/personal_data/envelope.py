"""Encryption of one value, bound to the row and field it belongs to: moved elsewhere, it does not open."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bangfu.casework.database.keys import KeyFile

__all__ = ["BoundElsewhere", "Sealed", "blind_index", "opened", "sealed"]

_NONCE, _TAG = 12, 16


class BoundElsewhere(Exception):  # noqa: N818 - it names what was found
    """A ciphertext that was changed, or copied from another row or field."""


@dataclass(frozen=True)
class Sealed:
    """A value as it is kept."""

    key_id: int
    ciphertext: bytes
    blind_key_id: int
    blind_index: bytes


def bound_to(table_name: str, row_id: str, field: str) -> bytes:
    """What the ciphertext is bound to."""
    return f"{table_name}\x1f{row_id}\x1f{field}".encode()


def sealed(value: str, *, binding: bytes, field: str, keys: KeyFile) -> Sealed:
    """A value encrypted with the current key and indexed with the current blind key."""
    cipher, key = keys.data[keys.current]
    nonce = os.urandom(_NONCE)
    text = value.encode()
    if cipher == "AES-256-GCM":
        body = _aes(key).encrypt(nonce, text, binding)
    else:
        worker = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        worker.authenticate_additional_data(binding)
        body = worker.update(text) + worker.finalize() + worker.tag
    blind = blind_index(value, field=field, key=keys.blind[keys.current_blind])
    return Sealed(keys.current, nonce + body, keys.current_blind, blind)


def opened(ciphertext: bytes, *, key_id: int, binding: bytes, keys: KeyFile) -> str:
    """The value; ``BoundElsewhere`` where it was changed or moved."""
    cipher, key = keys.data[key_id]
    nonce, body = ciphertext[:_NONCE], ciphertext[_NONCE:]
    try:
        if cipher == "AES-256-GCM":
            return _aes(key).decrypt(nonce, body, binding).decode()
        worker = Cipher(algorithms.SM4(key), modes.GCM(nonce, body[-_TAG:])).decryptor()
        worker.authenticate_additional_data(binding)
        return (worker.update(body[:-_TAG]) + worker.finalize()).decode()
    except InvalidTag as changed:
        raise BoundElsewhere("the ciphertext was changed or belongs to another row") from changed


def blind_index(value: str, *, field: str, key: bytes) -> bytes:
    """The same value of the same field gives the same 16 bytes, from which nothing can be read without the key."""
    return hmac.new(key, f"{field}\x1f{value}".encode(), hashlib.sha256).digest()[:16]


@lru_cache(maxsize=8)
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)
