"""A site made by the commands, with a small county in it; every command in a process of its own, as at an office."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-c", "from bangfu.cli import main; main()")
LOADED = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from bangfu.web.making import start_django
start_django()
from bangfu.casework.database.actor import Actor
from bangfu.casework.imports import api
api.demo_county(actor=Actor.site(now=datetime(2026, 11, 20, 2, tzinfo=UTC)), folder=Path(sys.argv[1]))
"""
TOLD = """
import hashlib, json
from datetime import date, datetime, UTC
from bangfu.web.making import start_django
start_django()
from bangfu.casework.as_facts.api import facts_in_scope
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import entered
from bangfu.engine.subsidy import subsidy
with entered(Actor.site(now=datetime(2026, 11, 20, 2, tzinfo=UTC)).scope):
    facts = facts_in_scope()
marks = {name: hashlib.sha256(frame.write_csv().encode()).hexdigest() for name, frame in facts.tables.items()}
made = subsidy(facts, site_book(), start=date(2026, 3, 21), end=date(2026, 6, 21))
lines = hashlib.sha256(made.lines.write_json().encode()).hexdigest()
print(json.dumps({"facts": marks, "lines": lines, "rows": made.lines.height}))
"""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


def environment(home: Path) -> dict[str, str]:
    left_out = ("BANGFU_KEYS", "BANGFU_ANCHORS", "PROMETHEUS_MULTIPROC_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "BANGFU_HOME": str(home), "BANGFU_LANG": "en"}


def bangfu(home: Path, *words: object) -> Answer:
    done = subprocess.run(
        [*COMMAND, *map(str, words)], env=environment(home), capture_output=True, text=True, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def python(home: Path, source: str, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", source, *map(str, words)],
        env=environment(home), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def superuser(home: Path, statement: str) -> list[Any]:
    """Past all protections, as somebody with the machine could."""
    import psycopg

    from bangfu.web.making import cluster_of
    from bangfu.web.site import Site

    socket_folder = cluster_of(Site.at(home)).socket
    with psycopg.connect(f"host={socket_folder} user=postgres dbname=bangfu", autocommit=True) as door:
        cursor = door.execute("set session_replication_role = replica")
        cursor = door.execute(statement)
        return cursor.fetchall() if cursor.description else []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]
