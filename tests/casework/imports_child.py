"""An import in a process of its own, which halts after a table and waits to be killed: see test_imports_killed."""

from __future__ import annotations

import sys
from datetime import datetime

database, batch_id, halt_after, moment = sys.argv[1:]

from bangfu.web.making import start_django  # noqa: E402 - after the arguments are known

start_django()

from django.db import connections  # noqa: E402

from bangfu.casework.database.actor import Actor  # noqa: E402
from bangfu.casework.database.session import entered  # noqa: E402
from bangfu.casework.imports import api as imports  # noqa: E402

for alias in ("default", "owner"):
    connections[alias].settings_dict["NAME"] = database


def halted(table: str, _: int) -> None:
    if table == halt_after:
        sys.stdout.write("halted\n")
        sys.stdout.flush()
        sys.stdin.read(1)


actor = Actor.site(now=datetime.fromisoformat(moment), via="job")
with entered(actor.scope):
    imports.run(actor=actor, batch_id=batch_id, progress=halted)
