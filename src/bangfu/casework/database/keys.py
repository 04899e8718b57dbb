"""The key file: data keys, blind-index keys and the trail's key, each with a number; outside the database always."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from bangfu.casework.database import durable
from bangfu.casework.words import Words

__all__ = ["CIPHERS", "KeyFile", "KeyFileMissing", "key_file"]

CIPHERS = ("AES-256-GCM", "SM4-GCM")
_LENGTH = {"AES-256-GCM": 32, "SM4-GCM": 16}


class KeyFileMissing(Exception):  # noqa: N818 - it names what is missing
    """The key file is not there: personal data cannot be read, and nothing is guessed."""

    words = Words(
        "缺少密钥文件，个人信息无法读取；请按运行手册“密钥丢失”处理",
        "the key file is missing; personal data cannot be read; see “key loss” in the runbook",
    )

    def __init__(self, path: Path) -> None:
        super().__init__(f"the key file is missing: {path.name}")


@dataclass(frozen=True)
class KeyFile:
    """Keys by number; the highest number is used for what is written.

    Attributes:
        data: Number → (cipher, key).
        blind: Number → key of the blind index (HMAC-SHA-256).
        trail: Key of the trail's row codes and anchors.
    """

    data: Mapping[int, tuple[str, bytes]]
    blind: Mapping[int, bytes]
    trail: bytes

    @property
    def current(self) -> int:
        """The data key in use."""
        return max(self.data)

    @property
    def current_blind(self) -> int:
        """The blind-index key in use."""
        return max(self.blind)

    @classmethod
    def make(cls, cipher: str = CIPHERS[0]) -> KeyFile:
        """A new file with one key of each sort."""
        return cls(
            {1: (cipher, secrets.token_bytes(_LENGTH[cipher]))},
            {1: secrets.token_bytes(32)},
            secrets.token_bytes(32),
        )

    def with_new_data_key(self, cipher: str) -> KeyFile:
        """The same with one data key more: what is written from now on uses it."""
        key = secrets.token_bytes(_LENGTH[cipher])
        return KeyFile({**self.data, self.current + 1: (cipher, key)}, self.blind, self.trail)

    def without_old_data_keys(self) -> KeyFile:
        """Only the key in use: after every value was encrypted with it."""
        return KeyFile({self.current: self.data[self.current]}, self.blind, self.trail)

    def write(self, path: Path) -> None:
        """Write it whole or not at all, readable by its owner alone."""
        told = {
            "data": {str(number): {"cipher": c, "key": _text(key)} for number, (c, key) in self.data.items()},
            "blind": {str(number): _text(key) for number, key in self.blind.items()},
            "trail": _text(self.trail),
        }
        durable.written(path, json.dumps(told, indent=1).encode("ascii"))

    @classmethod
    def read(cls, path: Path) -> KeyFile:
        """The keys of a file; ``KeyFileMissing`` where it is not there."""
        if not path.is_file():
            raise KeyFileMissing(path)
        told: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
        return cls(
            {int(n): (one["cipher"], _bytes(one["key"])) for n, one in told["data"].items()},
            {int(n): _bytes(key) for n, key in told["blind"].items()},
            _bytes(told["trail"]),
        )


def key_file() -> KeyFile:
    """The keys of this site; read again when the file changes."""
    path: Path = settings.SITE.keys
    if not path.is_file():
        raise KeyFileMissing(path)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> KeyFile:
    return KeyFile.read(path)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
