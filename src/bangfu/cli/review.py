"""bangfu check, audit, monitor, selftest, verify-bundle: what is refused, what is wrong, whether we compute right."""

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
    place,
)
from bangfu.cli.output import DONE, FOUND

AsOf = Annotated[
    date,
    typer.Option("--as-of", metavar="DAY", parser=day, help=say("截至该日终了", "At the end of this day")),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "check", help=say("逐笔判定申请和贷款，带条款", "Decide applications and loans, with clauses")
    )(_check)
    app.command("audit", help=say("审计，写出问题清单和清退清单", "Audit: findings, and refunds to the fen"))(
        _audit
    )
    app.command(
        "monitor", help=say("不良、逾期、熔断，分机构和地区", "NPL, overdue, breaker by lender and area")
    )(_monitor)
    app.command("selftest", help=say("运行全部规则的算例", "Run the worked examples of every rule"))(
        _selftest
    )
    app.command(
        "verify-bundle",
        help=say(
            "离线核对封存的档案包", "Verify a sealed bundle offline: hashes, and each list computed again"
        ),
    )(_verify_bundle)


def _check(
    facts: FactsPath,
    *,
    on: Annotated[
        date,
        typer.Option(
            "--on", metavar="DAY", parser=day, help=say("判定申请的日期", "The day applications are judged")
        ),
    ],
    where: Annotated[
        str | None,
        typer.Option(
            "--place",
            metavar="P",
            parser=place,
            help=say("一律按该地政策判定", "Judge all under the policy of this place"),
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
    from bangfu.cli.views import check

    book = book_from(packs)
    read = facts_from(facts, mapping=mapping, known_at=known_at, leave_out=leave_out_bad_rows)
    refused = check.run(read, book, on=on, place=where, as_json=as_json)
    raise typer.Exit(FOUND if refused and strict else DONE)


def _audit(
    facts: FactsPath,
    *,
    as_of: AsOf,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="OUT", help=say("写出 .xlsx 或文件夹", "Write a .xlsx or a folder")
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
    from bangfu.cli.views import audit

    audit.check_target(out)
    book = book_from(packs)
    read = facts_from(facts, mapping=mapping, known_at=known_at, leave_out=leave_out_bad_rows)
    found = audit.run(read, book, as_of=as_of, out=out, office=office, as_json=as_json)
    raise typer.Exit(FOUND if found and strict else DONE)


def _monitor(
    facts: FactsPath,
    *,
    as_of: AsOf,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help=say("写出 .xlsx", "Write a .xlsx"))
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
    from bangfu.cli.views import monitor

    monitor.check_target(out)
    book = book_from(packs)
    read = facts_from(facts, mapping=mapping, known_at=known_at, leave_out=leave_out_bad_rows)
    found = monitor.run(read, book, as_of=as_of, out=out, office=office, as_json=as_json)
    raise typer.Exit(FOUND if found and strict else DONE)


def _selftest(*, as_json: AsJson = False, _lang: Language = None) -> None:
    from bangfu.cli.views import selftest

    raise typer.Exit(DONE if selftest.run(as_json=as_json) else FOUND)


def _verify_bundle(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=say("档案包（.zip）", "The bundle (.zip)"), show_default=False),
    ],
    *,
    manifest_hash: Annotated[
        str,
        typer.Option(
            "--manifest-hash",
            metavar="HASH",
            help=say("接收单上的目录校验值", "The hash of the manifest as it stands on the slip"),
        ),
    ] = "",
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli.views import bundle

    raise typer.Exit(bundle.run(file, manifest_hash=manifest_hash, as_json=as_json))
