"""The command line: a command translates what was typed, makes one call, translates the answer back."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from bangfu.cli import language


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0 done, 1 refused or found, 2 bad input, 3 our own fault."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    language.settle(words, os.environ)
    from bangfu.cli import run  # the wording of the help is fixed while this loads

    sys.exit(run.run(words))
