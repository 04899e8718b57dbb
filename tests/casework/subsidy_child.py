"""A step of a subsidy cycle in a process of its own, which halts inside of it and waits: see test_subsidy_killed."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime
from pathlib import Path

database, step, subject, known_at, halt, file = sys.argv[1:]

from bangfu.web.making import start_django  # noqa: E402 - after the arguments are known

start_django()

from django.db import connections  # noqa: E402
from tests.casework.subsidy_steps import STEPS  # noqa: E402

for alias in ("default", "owner"):
    connections[alias].settings_dict["NAME"] = database

module_name, function = halt.split(":")
module = importlib.import_module(f"bangfu.casework.{module_name}")
original = getattr(module, function)


def halted(*args, **options):
    found = original(*args, **options)
    sys.stdout.write("halted\n")
    sys.stdout.flush()
    sys.stdin.read(1)
    return found


setattr(module, function, halted)
STEPS[step](subject, datetime.fromisoformat(known_at), Path(file).read_bytes() if file else b"")
