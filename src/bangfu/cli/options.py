"""Arguments and options that commands share, each with its meaning in both languages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bangfu.cli.language import LANGUAGES, say

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")


def day(text: str) -> date:
    """A day as the command line takes it: 2021-03-29.

    Raises:
        typer.BadParameter: Another form, or no such day.
    """
    if isinstance(text, date):
        return text
    if not (_DAY.fullmatch(text) and text.isascii()):
        raise typer.BadParameter(
            say(f"日期应写成 2021-03-29，不是 {text}", f"a day is written 2021-03-29, not {text}")
        )
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(say(f"没有这一天：{text}", f"there is no such day: {text}")) from None


def place(text: str) -> str:
    """A place: 2, 4, 6, 9 or 12 digits of the division code.

    Raises:
        typer.BadParameter: Anything else.
    """
    if not (_PLACE.fullmatch(text) and text.isascii()):
        message = say(
            f"地区应为2、4、6、9或12位行政区划代码，不是 {text}",
            f"a place is a division code of 2, 4, 6, 9 or 12 digits, not {text}",
        )
        raise typer.BadParameter(message)
    return text


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise typer.BadParameter(say(f"语言为 zh 或 en，不是 {text}", f"a language is zh or en, not {text}"))
    return text


FactsPath = Annotated[
    Path,
    typer.Argument(
        metavar="FACTS",
        help=say(
            "资料：文件夹（CSV、Parquet）或一个工作簿",
            "The facts: a folder of CSV or Parquet, or one workbook",
        ),
    ),
]
MapFile = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="FILE",
        help=say(
            "宽表（一行一笔的台账）的映射文件，或随附映射的名称",
            "Mapping file for a wide ledger, or the name of one that is shipped",
        ),
    ),
]
KnownAt = Annotated[
    date | None,
    typer.Option(
        "--known-at",
        metavar="DAY",
        parser=day,
        help=say("只用截至该日已登记的资料", "Use only what was recorded up to this day"),
    ),
]
LeaveOut = Annotated[
    bool,
    typer.Option(
        "--leave-out-bad-rows",
        help=say("跳过有误的行继续，并逐行列出", "Go on without bad rows, and list them"),
    ),
]
Packs = Annotated[
    list[Path] | None,
    typer.Option(
        "--packs",
        metavar="DIR",
        help=say("另加的政策包文件夹或文件，可重复", "Folder or file of packs to add; may be repeated"),
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help=say("在标准输出打印一个 JSON 文档", "Print one JSON document on standard output")
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help=say("有拒绝或发现问题时退出码为1", "Exit with 1 where something is refused or found"),
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="zh|en",
        parser=_language,
        help=say("语言；也可设 BANGFU_LANG", "Language; BANGFU_LANG sets it as well"),
    ),
]
Office = Annotated[
    str,
    typer.Option(
        "--office", metavar="NAME", help=say("填报单位，印在表头", "The office that files, printed on top")
    ),
]
