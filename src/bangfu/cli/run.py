"""Runs the application and turns whatever comes out of it into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from bangfu.cli.app import app
from bangfu.cli.output import DONE, OUR_FAULT


def run(words: Sequence[str]) -> int:
    """Run one command line; the exit code is the answer, nothing is raised."""
    try:
        code = _left_with(words)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader went away: not our fault, and nothing more to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where nothing may escape
        from bangfu.cli.failures import report

        return report(error, as_json="--json" in words)
    return code


def _left_with(words: Sequence[str]) -> int:
    try:
        app(args=list(words), prog_name="bangfu")
    except SystemExit as left:
        if left.code is None:
            return DONE
        return left.code if isinstance(left.code, int) else OUR_FAULT
    return DONE
