"""bangfu policy: what the documents say for a place and a day, whether packs are in order, and what changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bangfu.cli.language import say
from bangfu.cli.options import AsJson, Language, Packs, day, place

PRODUCTS = ("assistance", "transition", "poverty")


def _product(text: str) -> str:
    if text not in PRODUCTS:
        message = f"{text}: poverty, transition, assistance"
        raise typer.BadParameter(say(f"产品应为其中之一：{message}", f"one of these is meant: {message}"))
    return text


Product = Annotated[
    str | None,
    typer.Option(
        metavar="P",
        parser=_product,
        help=say(
            "poverty、transition 或 assistance；不给则取当日有效的",
            "poverty, transition or assistance; else the one in force",
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    policy = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        help=say("政策：查看、检查、比较", "Policy: show, check, compare"),
    )
    policy.command(
        "show",
        help=say("某地某日适用的要素，逐项带条款", "The terms of a place on a day, each with its clause"),
    )(_show)
    policy.command("check", help=say("检查政策包", "Check packs"))(_check)
    policy.command(
        "diff", help=say("比较两个文件，或同一地两日", "Compare two documents, or two days of a place")
    )(_diff)
    app.add_typer(policy, name="policy")


def _show(
    where: Annotated[
        str, typer.Argument(metavar="PLACE", parser=place, help=say("行政区划代码", "Division code"))
    ],
    on: Annotated[date, typer.Argument(metavar="DAY", parser=day, help=say("日期", "The day"))],
    *,
    product: Product = None,
    packs: Packs = None,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views.policy import show

    show(where, on, product=product, packs=packs or [], as_json=as_json)


def _check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help=say("政策包文件或文件夹；不给则查自带的", "Pack files or folders; else the installed ones"),
        ),
    ] = None,
    *,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views.policy import check

    raise typer.Exit(check(paths or [], as_json=as_json))


def _diff(
    one: Annotated[
        str,
        typer.Argument(
            metavar="A", help=say("文件编号、政策包文件，或日期", "A pack's id, a pack file, or a day")
        ),
    ],
    two: Annotated[str, typer.Argument(metavar="B", help=say("同上", "The same"))],
    *,
    where: Annotated[
        str | None,
        typer.Option(
            "--place",
            metavar="PLACE",
            parser=place,
            help=say("比较两日时的地区", "The place, where two days are compared"),
        ),
    ] = None,
    product: Product = None,
    packs: Packs = None,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views.compare import diff

    diff(one, two, place=where, product=product, packs=packs or [], as_json=as_json)
