"""bangfu generate, template: a county to try things on, and the workbook that people fill in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bangfu.cli.language import say
from bangfu.cli.options import AsJson, Language, day


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("generate", help=say("生成一个合成的演示县", "Make a synthetic county"))(_generate)
    app.command("template", help=say("写出填报模板", "Write the workbook that people fill in"))(_template)


def _generate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("写到的文件夹", "Where to write it"))],
    *,
    loans: Annotated[int, typer.Option(metavar="N", min=1, help=say("贷款笔数", "How many loans"))],
    seed: Annotated[
        int,
        typer.Option(metavar="S", help=say("同一种子得到同样的文件", "The same seed gives the same files")),
    ] = 1,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of", metavar="DAY", parser=day, help=say("资料截止日", "The day the county is told up to")
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="F", help="csv, parquet, xlsx")] = "csv",
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views.county import generate

    generate(folder, loans=loans, seed=seed, as_of=as_of, form=form, as_json=as_json)


def _template(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.xlsx", help=say("写到的工作簿", "The workbook to write"))
    ],
    *,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views.county import template

    template(out)
