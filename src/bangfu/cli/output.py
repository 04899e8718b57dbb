"""What reaches the user: one JSON document or a table on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bangfu.cli.language import say, spoken

DONE, FOUND, BAD_INPUT, OUR_FAULT = 0, 1, 2, 3
MOST_LINES = 1000


class BadInput(Exception):  # noqa: N818 - it names what the user gave
    """Raised by a command where what was typed cannot be done; the sentence is for the user."""


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON document on standard output, and nothing else."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def tell(*lines: str) -> None:
    """Lines for the user on standard error."""
    for line in lines:
        sys.stderr.write(line + "\n")


def tell_some(lines: Sequence[str], *, most: int = MOST_LINES) -> None:
    """Lines on standard error; of very many the first, and how many more there are."""
    tell(*lines[:most])
    if len(lines) > most:
        more = len(lines) - most
        tell(say(f"……另有 {more} 条，用 --json 可全部列出", f"… and {more} more; --json lists them all"))


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", right: Sequence[int] = ()
) -> None:
    """A table on standard output; columns in ``right`` are numbers."""
    from rich import box
    from rich.table import Table

    drawn = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for number, header in enumerate(headers):
        drawn.add_column(header, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    say_out(drawn)


def say_out(*what: Any) -> None:
    """Text or a drawn table on standard output, markup off."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    console = Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)
    for one in what:
        console.print(one, soft_wrap=isinstance(one, str))


@contextmanager
def step(zh: str, en: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done and for how long; silent elsewhere.

    Gives what may be told of the parts of it, as they begin.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(say(zh, en), total=None)
        yield lambda part: progress.update(task, description=f"{say(zh, en)}: {part}")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside the target to write to; it takes the target's place only when all went well."""
    handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_umask())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def facts_line(told: str) -> str:
    """The facts of a refusal or finding (JSON text) on one line."""
    if spoken() == "zh":
        from bangfu.reports.fact_words import facts_words

        return facts_words(told)
    shown = ((name, value) for name, value in json.loads(told).items() if value is not None)
    return ", ".join(f"{name} {value}" for name, value in shown)


def code_words(code: str) -> str:
    """The register's wording of a refusal or finding."""
    from bangfu.refusals import CODES

    known = CODES.get(code)
    return code if known is None else (known.zh if spoken() == "zh" else known.en)
