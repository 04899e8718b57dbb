"""What goes into a sealed bundle: papers, reports, frozen lines, the facts and packs they rest on, who did what.

No ID number, no account, and beside the papers themselves no name: the computation needs none. The form is
``engine.recomputed``'s, which reads it without this site.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu import __version__
from bangfu.casework.archive.chains import Chains, about, chains, is_carried
from bangfu.casework.archive.completeness import lists_in
from bangfu.casework.archive.kinds import PARTS, kind_of
from bangfu.casework.archive.papers import standing_papers
from bangfu.casework.archive.reporting import REPORTS, heading_of, lines_for
from bangfu.casework.archive.views import Completeness, PaperView
from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.documents import api as documents
from bangfu.casework.documents.workbooks import neutral
from bangfu.casework.people.api import ROLES
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, LineView, ListOpened, ListView, Totals
from bangfu.engine.cycle import AMOUNTS, of_households
from bangfu.engine.recomputed import CARRIED, CYCLE, EARLIER, LINES, facts_files
from bangfu.reports.subsidy_cycle import report_of, write_report_book
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["bundle_files"]

_TEXT, _WHOLE, _DAY = pl.String(), pl.Int64(), pl.Date()
_FRAME = pl.Schema(
    {
        "list_id": _TEXT, "line_id": _TEXT, "number": _WHOLE, "status": _TEXT, "status_reason": _TEXT, "village": _TEXT,
        "kind": _TEXT, "corrects": _TEXT, "corrects_hash": _TEXT, "ground": _TEXT, "of_start": _DAY, "of_end": _DAY,
        "for_list": _TEXT, "loan_id": _TEXT, "household_id": _TEXT, "product": _TEXT, "start": _DAY, "end": _DAY,
        "rate_e8": _WHOLE, "method": _TEXT, "opening_fen": _WHOLE, "subsidised_part_fen": _WHOLE, "days": _WHOLE,
        **dict.fromkeys(AMOUNTS, _WHOLE), "policy": _TEXT, "clauses": pl.List(pl.String()), "claimed_fen": _WHOLE,
        "difference": _TEXT, "line_hash": _TEXT,
    }
)  # fmt: skip
_ACTED = "select distinct line_id::text from casework_line_act where subsidy_list_id = any(%s)"
_NOTICES = "select id::text from casework_notice where list_id = any(%s)"
_BATCHES = "select id::text from casework_payment_batch where cycle_id = %s"
_README = """惠帮 Bangfu 贴息档案包 sealed archive of a subsidy cycle
papers/   七类档案文件（PDF 为 PDF/A-2b） papers by the seven kinds of LD2021-7
reports/  汇总表 reports
lines.csv lines.parquet  冻结的逐笔清册 frozen lines
earlier.parquet  更正所依据的以前各笔 lines that corrections speak of
carried.parquet  结转各笔的来源，直到最初一笔 the lines behind carried ones, back to the first
cycle.json  期次、清册、每次计算的校验值和办理记录 cycle, lists, hashes of each run, acts
facts/    计算所用的事实，不含姓名、身份证号、账号；carried-* 为结转各笔当时的事实
          facts without names and numbers; carried-* are those of the time of carried lines
packs/    政策包 policy packs
trail.csv 操作记录 the trail in words
manifest.json  目录：每个文件的大小和 SHA-256
离线核验 verify offline: bangfu verify-bundle FILE --manifest-hash 接收单上的目录校验值
"""


@dataclass(frozen=True)
class _Run:
    """A list with the run that stands."""

    view: ListView
    opened: ListOpened
    lines: tuple[LineView, ...]
    facts: str


def bundle_files(actor: Actor, cycle: CycleView, told: Completeness) -> dict[str, bytes]:
    """The files of a bundle, path → content, without the manifest.

    Args:
        actor: Who seals; all of the place must be in scope.
        cycle: The cycle.
        told: What the archive of the place holds.
    """
    views = [one for one in lists_in(cycle, told.place, on=actor.on) if one.run_id is not None]
    lines: dict[UUID, list[LineView]] = {}
    for line in subsidies.lines_of([one.id for one in views], on=actor.on):
        lines.setdefault(line.list_id, []).append(line)
    moments: dict[tuple[Any, Any], str] = {}
    runs = []
    for view in views:
        folder = moments.setdefault((view.on, view.known_at), f"facts/{len(moments) + 1}")
        opened = subsidies.opened_list(actor=actor, list_id=view.id)
        runs.append(_Run(view, opened, tuple(lines.get(view.id, ())), folder))
    frame, earlier = _frames(runs, on=actor.on)
    carried = [line for one in runs for line in one.lines if is_carried(line)]
    behind = chains(carried, county=cycle.county, on=actor.on)
    files = {
        "README.txt": _README.encode(),
        CYCLE: _cycle(cycle, runs, told, behind),
        LINES: _parquet(frame),
        "lines.csv": _csv(frame),
        EARLIER: _parquet(earlier),
        CARRIED: _parquet(_behind(behind, on=actor.on)),
        "trail.csv": _trail(cycle, runs),
        **_facts(cycle, runs, moments),
        **behind.files,
        **{f"packs/{name}.yaml": Path(pack.file).read_bytes() for name, pack in site_book().packs.items()},
        **_papers(told, standing_papers(cycle.id)),
        **_reports(actor, cycle, told.place),
    }
    return dict(sorted(files.items()))


def _frames(runs: Sequence[_Run], *, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines that stand, and those that corrections speak of, each with the period it is about."""
    every = [line for one in runs for line in one.lines]
    corrected = subsidies.lines_by_id({one.corrects for one in every if one.corrects}, on=on)
    hashes = {one: line.line_hash for one, line in corrected.items()}
    periods: dict[str, tuple[date, date]] = {}
    spoken: dict[UUID, list[tuple[str, tuple[date, date]]]] = {}
    rows = []
    for one in runs:
        for line in one.lines:
            of = about(line, periods, on=on)
            rows.append(_row(line, hashes, about=of))
            if of is not None:
                for stood in line.told.get("stood", ()):
                    spoken.setdefault(UUID(stood["line"]), []).append((str(one.view.id), of))
    before = subsidies.lines_by_id(spoken, on=on)
    theirs = [
        _row(before[line_id], {}, about=of, for_list=list_id)
        for line_id, several in spoken.items()
        for list_id, of in dict.fromkeys(several)
    ]
    return _frame(rows), _frame(theirs)


def _behind(told: Chains, *, on: date) -> pl.DataFrame:
    """The lines behind carried ones, each with the hash of what it speaks of."""
    spoken = subsidies.lines_by_id({line.corrects for line, *_ in told.lines if line.corrects}, on=on)
    hashes = {line_id: line.line_hash for line_id, line in spoken.items()}
    return _frame([_row(line, hashes, about=of, for_list=for_list) for line, of, for_list in told.lines])


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=_FRAME, orient="row")


def _row(
    line: LineView, hashes: Mapping[UUID, str], *, about: tuple[date, date] | None, for_list: str = ""
) -> dict[str, Any]:
    return {
        "list_id": str(line.list_id), "line_id": str(line.id), "number": line.number, "status": line.status,
        "status_reason": line.status_reason, "village": line.village, "kind": line.kind,
        "corrects": str(line.corrects) if line.corrects else None,
        "corrects_hash": hashes.get(line.corrects) if line.corrects else None, "ground": line.ground,
        "of_start": about[0] if about else None, "of_end": about[1] if about else None, "for_list": for_list,
        "loan_id": line.loan_id, "household_id": line.household_id, "product": line.product, "start": line.start,
        "end": line.end, "rate_e8": line.rate_e8, "method": line.method, "opening_fen": line.opening_fen,
        "subsidised_part_fen": line.subsidised_part_fen, "days": line.days, "interest_fen": line.interest_fen,
        **{f"{payer}_fen": line.by_payer[payer] for payer in PAYERS}, "subsidy_fen": line.subsidy_fen,
        "borrower_fen": line.borrower_fen, "held_back_fen": line.held_back_fen, "payable_fen": line.payable_fen,
        **{f"pay_{payer}_fen": line.payable_by[payer] for payer in PAYERS}, "policy": line.policy,
        "clauses": list(line.clauses), "claimed_fen": line.claimed_fen, "difference": line.difference,
        "line_hash": line.line_hash,
    }  # fmt: skip


def _cycle(cycle: CycleView, runs: Sequence[_Run], told: Completeness, behind: Chains) -> bytes:
    whole = told.place == cycle.county
    return _json(
        {
            "program": __version__, "id": str(cycle.id), "county": cycle.county, "county_name": cycle.county_name,
            "rhythm": cycle.rhythm, "start": cycle.start, "end": cycle.end, "payment_month": cycle.payment_month,
            "list_due_on": cycle.list_due_on, "submit_due_on": cycle.submit_due_on, "notice_days": cycle.notice_days,
            "deadlines": cycle.deadlines, "place": told.place, "whole": whole, "hashed": list(subsidies.HASHED),
            "lists": [_list(one) for one in runs], "carried": behind.firsts,
        }
    )  # fmt: skip


def _list(one: _Run) -> dict[str, Any]:
    view, run = one.view, one.opened.runs[0]
    totals = {"open": view.open, "held": view.held, "excluded": view.excluded, "carried": view.carried}
    return {
        "id": str(view.id), "name": f"{view.township_name}（{view.bank_name}）", "township": view.township,
        "institution": view.institution_id, "state": view.state, "run": {"number": run.number, "on": run.on,
        "known_at": run.known_at, "made_by": run.made_name, "at": run.at}, "facts": one.facts,
        "facts_hash": run.facts_hash, "packs_hash": run.packs_hash, "lines_hash": run.lines_hash,
        "packs": {name: hashed for used in run.packs["policies"].values() for name, hashed in used.items()},
        "left_out": [
            {"loan_id": left.loan_id, "code": left.code, "clauses": left.clauses, "facts": left.facts,
             "household_id": left.household_id or None}
            for left in one.opened.refusals
        ],
        "totals": {status: _total(sums) for status, sums in totals.items()},
        "acts": [
            {"stage": act.stage_number, "step": act.step, "outcome": act.outcome, "opinion": act.opinion,
             "clauses": act.clauses, "content_hash": act.content_hash, "lines": act.lines,
             "payable_fen": act.payable_fen, "by": act.done_name, "role": act.done_role, "at": act.at,
             "signed": {name: act.signed[name] for name in ("principal", "responsible", "on") if name in act.signed}}
            for act in one.opened.acts
        ],
        "runs": [
            {"number": each.number, "on": each.on, "known_at": each.known_at, "facts_hash": each.facts_hash,
             "packs_hash": each.packs_hash, "lines_hash": each.lines_hash, "lines": each.lines, "at": each.at}
            for each in one.opened.runs
        ],
    }  # fmt: skip


def _total(sums: Totals) -> dict[str, int]:
    return {"lines": sums.lines, "payable_fen": sums.payable_fen, **sums.payable_by}


def _facts(
    cycle: CycleView, runs: Sequence[_Run], moments: Mapping[tuple[Any, Any], str]
) -> dict[str, bytes]:
    """What was known at each moment a list was computed at, of the households of those lists."""
    files: dict[str, bytes] = {}
    for (on, known_at), folder in moments.items():
        facts = facts_of_county(cycle.county, on=on, known_at=known_at)
        mine = [one for one in runs if one.facts == folder]
        homes = {line.household_id for one in mine for line in one.lines}
        homes |= {left.household_id for one in mine for left in one.opened.refusals if left.household_id}
        kept = of_households(facts, pl.Series("household_id", sorted(homes), dtype=pl.String))
        files |= facts_files(kept, folder)
    return files


def _papers(told: Completeness, papers: Iterable[PaperView]) -> dict[str, bytes]:
    mine = [one for one in papers if one.place.startswith(told.place)]
    contents = documents.contents_of(file_ids={one.file_id for one in mine})
    numbered: dict[str, int] = {}
    files = {}
    for one in sorted(mine, key=lambda one: (one.part, one.place, str(one.list_id or ""), one.at, one.name)):
        folder = f"papers/{kind_of(one.part).number}-{PARTS[one.part].code}/{one.place}"
        numbered[folder] = numbered.get(folder, 0) + 1
        files[f"{folder}/{numbered[folder]:03d}-{_plain(one.name)}"] = contents[one.file_id]
    return files


def _reports(actor: Actor, cycle: CycleView, place: str) -> dict[str, bytes]:
    lines = lines_for(actor, [cycle], place="" if place == cycle.county else place)
    head = heading_of(actor, [cycle], cycle.id)
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in REPORTS:
            path = Path(folder) / f"{kind}.xlsx"
            write_report_book([report_of(kind, lines, head)], path)
            files[f"reports/{kind}.xlsx"] = path.read_bytes()
    return files


def _trail(cycle: CycleView, runs: Sequence[_Run]) -> bytes:
    """Who did what with the cycle, its lists, lines, notices and payments, in words, oldest first."""
    ids = [one.view.id for one in runs]
    subjects = {f"cycle:{cycle.id}", *(f"subsidy_list:{one}" for one in ids)}
    with connection.cursor() as cursor:
        for text, given, concept in (
            (_ACTED, ids, "subsidy_line"), (_NOTICES, ids, "notice"), (_BATCHES, cycle.id, "payment_batch"),
        ):  # fmt: skip
            cursor.execute(text, [given])
            subjects |= {f"{concept}:{row[0]}" for row in cursor.fetchall()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("记录号", "时间", "姓名", "岗位", "动作", "对象", "此前", "此后", "原因", "依据"))
    for one in trail.of_subjects(subjects):
        role = ROLES[one.role].words.zh if one.role in ROLES else one.role
        row = (
            str(one.row_id), one.at.astimezone(SHANGHAI).isoformat(timespec="seconds"), one.who, role,
            trail.act_words(one.act).zh, trail.subject_words(one.subject).zh, _said(one.before), _said(one.after),
            one.why, "、".join(one.basis),
        )  # fmt: skip
        writer.writerow([neutral(cell) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def _said(values: Mapping[str, Any]) -> str:
    return "；".join(f"{trail.value_words(name).zh} {value}" for name, value in values.items())


def _csv(frame: pl.DataFrame) -> bytes:
    text = frame.with_columns(
        pl.col("clauses").list.join("；"),
        pl.when(pl.col("status_reason").str.contains(r"^[=+\-@\t\r]"))
        .then(pl.lit("'") + pl.col("status_reason"))
        .otherwise("status_reason")
        .alias("status_reason"),
    )
    return b"\xef\xbb\xbf" + text.write_csv().encode()


def _plain(name: str) -> str:
    """A name that leads nowhere."""
    return "".join(
        "_" if letter in '/\\:*?"<>|' or ord(letter) < ord(" ") else letter for letter in name
    ).strip(". ")


def _parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, default=_text).encode()


def _text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
