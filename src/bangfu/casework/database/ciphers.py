"""Bytes encrypted with a key of the key file and bound to where they belong: moved elsewhere, they do not open."""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bangfu.casework.database.keys import KeyFile

__all__ = ["DoesNotOpen", "decrypted", "encrypted"]

_NONCE, _TAG = 12, 16


class DoesNotOpen(Exception):  # noqa: N818 - it names what was found
    """The bytes were changed, cut off or moved, or the key they name is gone."""


def encrypted(content: bytes, *, bound_to: bytes, keys: KeyFile) -> bytes:
    """Nonce, encrypted content and tag, made with the key in use."""
    cipher, key = keys.data[keys.current]
    nonce = os.urandom(_NONCE)
    if cipher == "AES-256-GCM":
        return nonce + _aes(key).encrypt(nonce, content, bound_to)
    worker = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    worker.authenticate_additional_data(bound_to)
    return nonce + worker.update(content) + worker.finalize() + worker.tag


def decrypted(held: bytes, *, key_id: int, bound_to: bytes, keys: KeyFile) -> bytes:
    """The content.

    Args:
        held: What ``encrypted`` gave.
        key_id: The number of the key it was made with.
        bound_to: What it was bound to.
        keys: The key file.

    Raises:
        DoesNotOpen: It was changed, cut off or moved, or the key is gone.
    """
    if key_id not in keys.data or len(held) < _NONCE + _TAG:
        raise DoesNotOpen("the key is gone or the content is cut off")
    cipher, key = keys.data[key_id]
    nonce, body = held[:_NONCE], held[_NONCE:]
    try:
        if cipher == "AES-256-GCM":
            return _aes(key).decrypt(nonce, body, bound_to)
        worker = Cipher(algorithms.SM4(key), modes.GCM(nonce, body[-_TAG:])).decryptor()
        worker.authenticate_additional_data(bound_to)
        return worker.update(body[:-_TAG]) + worker.finalize()
    except InvalidTag as changed:
        raise DoesNotOpen("the content was changed or belongs elsewhere") from changed


@lru_cache(maxsize=8)
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)
