"""A file that is whole or not there, whoever is killed and whenever the power fails."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

__all__ = ["written"]


def written(path: Path, content: bytes) -> None:
    """Put a content at a path, readable by its owner alone: beside its place first, then, once the disk has it, there.

    What a killed process leaves beside the place ends in ``.new`` and holds what it was about to write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name as well, not the content alone
    finally:
        os.close(folder)
