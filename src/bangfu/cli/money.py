"""bangfu interest, subsidy, explain: what a loan costs and who pays, with the basis."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bangfu.cli.language import say
from bangfu.cli.options import (
    AsJson,
    FactsPath,
    KnownAt,
    Language,
    LeaveOut,
    MapFile,
    Office,
    Packs,
    Strict,
    day,
)
from bangfu.cli.output import DONE, FOUND

METHODS = ("daily_360", "daily_365", "whole_periods")
From = Annotated[
    date, typer.Option("--from", metavar="DAY", parser=day, help=say("起日，计入", "First day, counted"))
]
To = Annotated[
    date, typer.Option("--to", metavar="DAY", parser=day, help=say("止日，不计入", "Last day, not counted"))
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "interest", help=say("一笔本金在一段时间的利息", "The interest of one principal over a time")
    )(_interest)
    app.command("subsidy", help=say("算出一个时期的贴息清册", "Compute a period's subsidy list"))(_subsidy)
    app.command(
        "explain",
        help=say("一笔贷款的利息和贴息，逐步带条款", "One loan's interest and subsidy, step by step"),
    )(_explain)


def _interest(
    *,
    principal: Annotated[str, typer.Option(metavar="YUAN", help=say("本金（元）", "Principal in yuan"))],
    rate: Annotated[str, typer.Option(metavar="PERCENT", help=say("年利率（%）", "Annual rate in percent"))],
    start: From,
    end: To,
    method: Annotated[
        str,
        typer.Option(
            metavar="METHOD",
            help=say(
                "计息方式：daily_360 按日÷360，whole_periods 逐笔按期，daily_365 仅供审计",
                "daily_360, whole_periods, or daily_365 (only to audit)",
            ),
        ),
    ] = "daily_360",
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views.interest import show

    show(principal=principal, rate=rate, start=start, end=end, method=method, as_json=as_json)


def _subsidy(
    facts: FactsPath,
    *,
    start: From,
    end: To,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            help=say("写出 .xlsx、.csv 或 .parquet", "Write .xlsx, .csv or .parquet"),
        ),
    ] = None,
    mapping: MapFile = None,
    known_at: KnownAt = None,
    leave_out_bad_rows: LeaveOut = False,
    packs: Packs = None,
    office: Office = "",
    as_json: AsJson = False,
    strict: Strict = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.reading import book_from, facts_from
    from bangfu.cli.views import subsidy

    subsidy.check_target(out)
    book = book_from(packs)
    read = facts_from(facts, mapping=mapping, known_at=known_at, leave_out=leave_out_bad_rows)
    refused = subsidy.run(read, book, start=start, end=end, out=out, office=office, as_json=as_json)
    raise typer.Exit(FOUND if refused and strict else DONE)


def _explain(
    facts: FactsPath,
    loan_id: Annotated[str, typer.Argument(metavar="LOAN_ID", help=say("借款合同号", "The loan"))],
    *,
    start: Annotated[
        date | None,
        typer.Option(
            "--from",
            metavar="DAY",
            parser=day,
            help=say("起日；不给则自放款日", "First day; else the disbursement"),
        ),
    ] = None,
    end: Annotated[
        date | None,
        typer.Option(
            "--to",
            metavar="DAY",
            parser=day,
            help=say("止日，不计入；不给则至到期日", "Last day, not counted; else the maturity"),
        ),
    ] = None,
    mapping: MapFile = None,
    known_at: KnownAt = None,
    leave_out_bad_rows: LeaveOut = False,
    packs: Packs = None,
    as_json: AsJson = False,
    strict: Strict = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.reading import book_from, facts_from
    from bangfu.cli.views import explain

    book = book_from(packs)
    read = facts_from(facts, mapping=mapping, known_at=known_at, leave_out=leave_out_bad_rows)
    refused = explain.run(read, book, loan_id, start=start, end=end, as_json=as_json)
    raise typer.Exit(FOUND if refused and strict else DONE)
