"""A new data key for everything that is encrypted; the old one goes when nothing needs it any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bangfu.casework.database.keys import KeyFile
from bangfu.web.site import Site

__all__ = ["rotated"]

_BATCH = 2_000
_SETTLE_S = 2.0  # longer than a request holds the keys it read
_ROUNDS = 5


def rotated(
    site: Site, *, cipher: str, now: datetime, told: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Encrypt everything again with a new key; after an interruption, go on with the one that was begun.

    Args:
        site: Its server runs and Django is ready; it may serve meanwhile.
        cipher: Of the new key; that of the key in use where it is empty.
        now: The moment.
        told: Hears how far it is.

    Returns:
        ``key``, ``cipher``, ``values``, ``files``, ``dropped`` (numbers of the keys that went).
    """
    keys = KeyFile.read(site.keys)
    begun = len(keys.data) > 1 and (not cipher or keys.data[keys.current][0] == cipher)
    if not begun:
        keys = keys.with_new_data_key(cipher or keys.data[keys.current][0])
        keys.write(site.keys)
    values = files = 0
    dropped: list[int] = []
    for _ in range(_ROUNDS):
        more_values, more_files = _encrypted(keys, told, now=now)
        values, files = values + more_values, files + more_files
        if _still_used(keys):
            continue
        fresh = keys.without_old_data_keys()
        fresh.write(site.keys)
        # Whoever read the keys before may still write with the old one: look again before it is gone for good.
        time.sleep(_SETTLE_S)
        if not _still_used(keys):
            dropped = sorted(set(keys.data) - set(fresh.data))
            break
        keys.write(site.keys)
    made = {"key": keys.current, "cipher": keys.data[keys.current][0], "values": values, "files": files}
    _noted(made, dropped, now=now)
    return {**made, "dropped": dropped}


def _encrypted(keys: KeyFile, told: Callable[[str], None], *, now: datetime) -> tuple[int, int]:
    """Values and files encrypted again, batch by batch, each batch whole or not at all."""
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.documents import api as documents
    from bangfu.casework.personal_data import api as personal_data

    scope = Actor.site(now=now).scope
    values = files = 0
    while True:
        with entered(scope):
            done = personal_data.rotated(keys, batch=_BATCH)
        if not done:
            break
        values += done
        told(f"{values:,}")
    while done := documents.rotated(keys):
        files += done
    return values, files


def _still_used(keys: KeyFile) -> bool:
    """Whether a value or a file needs a key that is not in use any more. Waits for whoever is writing."""
    from django.db import connections

    from bangfu.casework.documents import disk

    door = connections["owner"]
    with door.cursor() as cursor:
        cursor.execute("begin")
        try:
            cursor.execute("set local lock_timeout = '300s'")
            cursor.execute("select set_config('bangfu.everything', 'on', true)")
            cursor.execute("lock table casework_personal_datum in share mode")
            cursor.execute(
                "select exists (select from casework_personal_datum where key_id <> %s)", [keys.current]
            )
            (used,) = cursor.fetchone() or (True,)
        finally:
            cursor.execute("rollback")
    return bool(used) or any(
        disk.key_of(file_id) != keys.current for file_id, _ in disk.on_disk() if file_id is not None
    )


def _noted(made: dict[str, Any], dropped: list[int], *, now: datetime) -> None:
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered

    actor = Actor.site(now=now)
    with entered(actor.scope):
        after = {**made, "dropped": dropped}
        trail.record(actor=actor, act="keys.rotated", subject=("site", "keys"), after=after)
