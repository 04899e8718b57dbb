"""Encryption of one value, bound to the row and field it belongs to: moved elsewhere, it does not open."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from bangfu.casework.database.ciphers import DoesNotOpen, decrypted, encrypted
from bangfu.casework.database.keys import KeyFile

__all__ = ["BoundElsewhere", "Sealed", "blind_index", "bound_to", "opened", "sealed"]


class BoundElsewhere(Exception):  # noqa: N818 - it names what was found
    """A ciphertext that was changed, or copied from another row or field, or whose key is gone."""


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
    ciphertext = encrypted(value.encode(), bound_to=binding, keys=keys)
    blind = blind_index(value, field=field, key=keys.blind[keys.current_blind])
    return Sealed(keys.current, ciphertext, keys.current_blind, blind)


def opened(ciphertext: bytes, *, key_id: int, binding: bytes, keys: KeyFile) -> str:
    """The value; ``BoundElsewhere`` where it was changed or moved, or its key is gone."""
    try:
        return decrypted(ciphertext, key_id=key_id, bound_to=binding, keys=keys).decode()
    except DoesNotOpen as changed:
        raise BoundElsewhere("the ciphertext was changed or belongs to another row") from changed


def blind_index(value: str, *, field: str, key: bytes) -> bytes:
    """The same value of the same field gives the same 16 bytes, from which nothing can be read without the key."""
    return hmac.new(key, f"{field}\x1f{value}".encode(), hashlib.sha256).digest()[:16]
