"""A folder or workbook to facts: everything that is wrong is told at once, and nothing is imported by halves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bangfu.facts import checks, ledger, oddities
from bangfu.facts.at_once import at_once
from bangfu.facts.bind import Bound, bind
from bangfu.facts.checks import Flag
from bangfu.facts.frames import Facts
from bangfu.facts.headers import find_header, is_notes, match, suggest, table_of
from bangfu.facts.parse import Parsed, parse
from bangfu.facts.problems import BadFacts, Problem, problem
from bangfu.facts.schema import DERIVED, Table
from bangfu.facts.sheets import ROW, RawSheet
from bangfu.facts.sources import open_sheets
from bangfu.facts.tables import TABLES, empty

if TYPE_CHECKING:
    from bangfu.facts.wide import Splitter

LOAN_ID = TABLES["loans"].columns[0].zh
PANIC = "PanicException"  # what Polars raises outside of Exception when a value is beyond it


def read_facts(
    path: Path | str,
    *,
    known_at: date | None = None,
    mapping: Path | str | None = None,
    leave_out_bad_rows: bool = False,
    beside: MappingOf[str, pl.DataFrame] | None = None,
) -> Facts:
    """Read all tables of a folder (CSV, Parquet, workbooks) or of one workbook.

    Args:
        path: The folder or the workbook.
        known_at: Events recorded after this day are unknown yet and are not read.
        mapping: A mapping file, or the name of one that is shipped, for a wide ledger (one row a loan).
        leave_out_bad_rows: Go on without the rows that are bad, and without those that then refer to nothing; all
            of them are listed in ``Facts.left_out``. What is wrong with a whole file or column still stops.
        beside: Tables that are known already, as ``Facts.tables``: rows may refer to them, and ledgers go on from them.
            A row with the key of a row of the file gives way to it. They are not among the facts that come out.

    Returns:
        The facts, with canonical columns.

    Raises:
        BadFacts: With every problem found; nothing else comes out, whatever the bytes.
    """
    try:
        return _read(
            Path(path), known_at, mapping, leave_out_bad_rows=leave_out_bad_rows, beside=dict(beside or {})
        )
    except BaseException as error:
        if type(error).__name__ != PANIC:
            raise
        # A value no calendar or number holds, such as the day of a spoilt Parquet file, makes the columns give up.
        raise BadFacts((problem("unreadable", file=Path(path).name),)) from error


def _read(
    source: Path,
    known_at: date | None,
    mapping: Path | str | None,
    *,
    leave_out_bad_rows: bool,
    beside: MappingOf[str, pl.DataFrame],
) -> Facts:
    problems, warnings, parsed = _parse_all(source, mapping)
    problems.extend(_missing_tables(parsed, problems, source.name, beside))
    if known_at is not None and "events" in parsed:
        parsed["events"] = _as_known(parsed["events"], known_at)
    if problems or not leave_out_bad_rows:
        problems.extend(_strict(parsed, beside))
        if problems:
            raise BadFacts(tuple(dict.fromkeys(problems)))
        left_out: list[Problem] = []
    else:
        parsed, left_out = _leave_out(parsed)
    frames = _finished(parsed, beside)
    warnings.extend(told(parsed, oddities.odd(frames)))
    tables = {name: frames[name].select(*TABLES[name].schema) for name in TABLES}
    return Facts(
        tables, frozenset(TABLES) - frozenset(parsed), tuple(dict.fromkeys(warnings)), tuple(left_out)
    )


def _parse_all(
    path: Path, mapping: Path | str | None
) -> tuple[list[Problem], list[Problem], dict[str, Parsed]]:
    """What is wrong with files and headers, warnings, and the tables read cell by cell."""
    splitter = None if mapping is None else _splitter(mapping)
    sheets, problems = open_sheets(path, single=mapping is not None)
    warnings: list[Problem] = []
    bound: dict[str, list[Bound]] = {}
    wide: list[RawSheet] = []
    for name, sheet in sheets:
        ledger = None if splitter is None else _as_ledger(name, sheet, splitter.knows)
        if ledger is not None:
            wide.append(ledger)
            continue
        part, wrong, odd = _bound(name, sheet)
        warnings.extend(odd)
        problems.extend(wrong)
        if part is not None:
            problems.extend(_put(bound, part.table.name, [part]))
    if splitter is not None and wide:
        done = splitter.split(wide)
        warnings.extend(done.warnings)
        problems.extend(done.problems)
        for table, parts in done.parts.items():
            problems.extend(_put(bound, table, parts))
    parsed = dict(zip(bound, at_once(lambda parts: parse(*parts), bound.values()), strict=True))
    problems.extend(found for one in parsed.values() for found in one.lacking)
    return problems, warnings, parsed


def _put(bound: dict[str, list[Bound]], table: str, parts: list[Bound]) -> list[Problem]:
    """Note the parts of a table; a problem where it is there already."""
    if table not in bound:
        bound[table] = parts
        return []
    there = f"{bound[table][0].file} {bound[table][0].sheet}".strip()
    return [problem("table_twice", **parts[0].place, detail=there)]


def _splitter(mapping: Path | str) -> Splitter:
    from bangfu.facts.wide import Splitter  # noqa: PLC0415 - mapping files are rare, and their parser slow to load

    return Splitter(mapping)


def _as_ledger(name: str, sheet: RawSheet, known: Callable[[str], bool]) -> RawSheet | None:
    """The sheet below its header row, where more of its headers are the mapping's than those of a table."""
    ledger = find_header(sheet, known)
    table = table_of(name)
    least = 1
    if table is not None:
        least = _count(find_header(sheet, _known_in(table)), _known_in(table))
    return ledger if _count(ledger, known) > least else None


def _bound(name: str, sheet: RawSheet) -> tuple[Bound | None, list[Problem], list[Problem]]:
    """The table that a sheet holds, what is wrong with its headers, and warnings."""
    table = table_of(name)
    if table is None:
        if is_notes(name):
            return None, [], [problem("sheet_skipped", **sheet.place)]
        return None, [_unknown(name, sheet)], []
    headed = find_header(sheet, _known_in(table))
    if headed is None:
        return None, [problem("no_header", **sheet.place)], []
    bound, wrong, odd = bind(headed, table)
    if sheet.sheet and bound.frame.is_empty() and not table.required and not wrong:
        return None, [], odd  # a sheet of the template that nobody filled is not a table without rows
    return bound, wrong, odd


def _known_in(table: Table) -> Callable[[str], bool]:
    return lambda header: match(table.name, header) is not None


def _count(sheet: RawSheet | None, known: Callable[[str], bool]) -> int:
    return 0 if sheet is None else sum(map(known, sheet.headers or ()))


def _unknown(name: str, sheet: RawSheet) -> Problem:
    known = [word for table in TABLES.values() for word in (table.name, table.zh, *table.aliases)]
    code = "unknown_sheet" if sheet.sheet else "unknown_file"
    return problem(code, **sheet.place, detail=suggest(name, known))


def _missing_tables(
    parsed: MappingOf[str, Parsed], problems: list[Problem], name: str, beside: Collection[str]
) -> list[Problem]:
    """Required tables that are not there, and tables that others refer to; nothing where files could not be opened."""
    if any(found.code in _UNOPENED for found in problems):
        return []
    given = {*parsed, *beside}
    missing = [name for name, table in TABLES.items() if table.required and name not in given]
    for one in parsed.values():
        for column, targets in one.table.refers:
            used = column in one.frame.columns and one.frame[column].is_not_null().any()
            if used and not any(target in given for target in targets):
                missing.append(targets[0])
    return [
        problem("missing_table", file=name, detail=(TABLES[lacking].zh, lacking))
        for lacking in dict.fromkeys(missing)
    ]


_UNOPENED = frozenset(
    {
        "unreadable",
        "locked",
        "too_large",
        "empty_file",
        "not_text",
        "wrong_encoding",
        "damaged_text",
        "broken_quotes",
        "bad_column_type",
        "no_header",
        "table_twice",
        "unknown_file",
        "unknown_sheet",
    }
)


def _as_known(events: Parsed, known_at: date) -> Parsed:
    """The events without those recorded later."""
    recorded = pl.coalesce("recorded_on", "on")
    return events.without(frozenset(events.frame.filter(recorded > known_at)[ROW]))


def _frames(
    parsed: MappingOf[str, Parsed], beside: MappingOf[str, pl.DataFrame] | None = None
) -> dict[str, pl.DataFrame]:
    """All tables with their row numbers, empty where not given; rows from beside have negative ones."""
    frames = {
        name: parsed[name].frame
        if name in parsed
        else empty(name).with_columns(pl.lit(None, pl.Int64).alias(ROW))
        for name in TABLES
    }
    for name, known in (beside or {}).items():
        frames[name] = _joined(name, frames[name], known)
    return frames


def _joined(name: str, own: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The file's rows with those known before, without what the file says again."""
    if known.is_empty():
        return own
    key = [TABLES[name].column(part).frame for part in TABLES[name].key]
    if key:
        rest = known.join(own.select(key), on=key, how="anti", maintain_order="left")
    else:
        told = [column for column in known.columns if column in own.columns and column not in DERIVED]
        again = pl.int_range(pl.len()).over(told).alias("_again")
        said = (
            own.with_columns(pl.coalesce("recorded_on", "on").alias("recorded_on"))
            if name == "events"
            else own
        )
        rest = known.with_columns(again).join(
            said.with_columns(again).select(*told, "_again"),
            on=[*told, "_again"],
            how="anti",
            nulls_equal=True,
            maintain_order="left",
        )
    numbered = rest.with_columns(pl.int_range(-rest.height, 0, dtype=pl.Int64, eager=True).alias(ROW))
    return pl.concat([numbered.select(c for c in numbered.columns if c in own.columns), own], how="diagonal")


def _structure(frames: dict[str, pl.DataFrame], given: Collection[str]) -> list[Flag]:
    looked = (checks.keys(frames), checks.orphans(frames, given), checks.orders(frames))
    return [flag for flags in at_once(list, looked) for flag in flags]


def _ledger(frames: dict[str, pl.DataFrame], bad: frozenset[int]) -> list[Flag]:
    """Flags of the events of known loans; a loan with a bad event is passed over."""
    events = frames["events"].filter(pl.col("kind").is_not_null() & pl.col("on").is_not_null())
    if bad:
        rows = pl.DataFrame({ROW: pl.Series(list(bad), dtype=pl.Int64)})
        touched = frames["events"].join(rows, on=ROW, how="semi").select("loan_id")
        events = events.join(touched, on="loan_id", how="anti")
    loans = pl.concat([frames[name].select("loan_id", "matures_on") for name in ("loans", "ordinary_loans")])
    suspect = ledger.suspects(ledger.totals(events)).join(loans, on="loan_id", how="semi")
    ordered = ledger.in_order(events.join(suspect, on="loan_id", how="semi"))
    early = list(ledger.before_disbursement(ordered))
    if early:
        rows = pl.DataFrame({ROW: pl.Series([flag.row for flag in early], dtype=pl.Int64)})
        ordered = ordered.join(rows, on=ROW, how="anti", maintain_order="left")
    return [*early, *ledger.above_balance(ordered), *ledger.extensions(events, loans)]


def _strict(parsed: MappingOf[str, Parsed], beside: MappingOf[str, pl.DataFrame]) -> list[Problem]:
    """Every problem of every row."""
    frames = _frames(parsed, beside)
    problems = [found for one in parsed.values() for found in one.problems]
    structure = _structure(frames, {*parsed, *beside})
    bad_events = parsed["events"].bad if "events" in parsed else frozenset()
    bad_events |= {flag.row for flag in structure if flag.table == "events"}
    flags = [*structure, *_ledger(frames, bad_events)]
    problems.extend(_known_before(frames, [flag for flag in flags if flag.row < 0]))
    return problems + told(parsed, [flag for flag in flags if flag.row >= 0])


def _known_before(frames: MappingOf[str, pl.DataFrame], flags: Sequence[Flag]) -> Iterator[Problem]:
    """What rows known before would come to with the file: told of their loan, for they have no place in the file."""
    for flag in flags:
        if flag.table == "events":
            (loan_id,) = frames["events"].filter(pl.col(ROW) == flag.row)["loan_id"]
            yield problem(flag.code, column=LOAN_ID, value=loan_id, detail=flag.detail)


def _leave_out(parsed: dict[str, Parsed]) -> tuple[dict[str, Parsed], list[Problem]]:
    """The tables without bad rows and without what then refers to nothing, again until nothing more falls."""
    left_out = [found for one in parsed.values() for found in one.problems]
    left = {name: one.without(one.bad) for name, one in parsed.items()}
    while True:
        frames = _frames(left)
        flags = _structure(frames, left) or _ledger(frames, frozenset())
        if not flags:
            return left, left_out
        left_out.extend(told(left, flags))
        for name in {flag.table for flag in flags}:
            left[name] = left[name].without(frozenset(flag.row for flag in flags if flag.table == name))


def told(parsed: MappingOf[str, Parsed], flags: Sequence[Flag]) -> list[Problem]:
    """Flags as problems, with the header and the cell as the file has them."""
    wanted: dict[tuple[str, str], list[int]] = {}
    for flag in flags:
        wanted.setdefault((flag.table, flag.column), []).append(flag.row)
    cells = {place: _cells(parsed[place[0]], place[1], rows) for place, rows in wanted.items()}
    problems = []
    for flag in flags:
        one = parsed[flag.table]
        column = one.table.column(flag.column) if flag.column else None
        value = cells[flag.table, flag.column].get(flag.row)
        problems.append(one.part_of(flag.row).about(flag.code, flag.row, column, value, flag.detail))
    return problems


def _cells(one: Parsed, column: str, rows: list[int]) -> dict[int, str | None]:
    """The cells of a column as the file has them."""
    name = one.table.column(column).name if column else ""
    wanted = pl.DataFrame({ROW: pl.Series(rows, dtype=pl.Int64)})
    texts: dict[int, str | None] = {}
    for part in one.parts:
        if name in part.frame.columns:
            found = part.frame.select(ROW, pl.col(name).cast(pl.String)).join(wanted, on=ROW, how="semi")
            texts.update(found.rows())
    return texts


def _finished(
    parsed: MappingOf[str, Parsed], beside: MappingOf[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """What a row leaves unsaid and the design says: area of a loan, day of record, amount of a whole conversion."""
    frames = _frames(parsed, beside)
    homes = frames["households"].select("household_id", pl.col("area_code").alias("_home"))
    for name in ("loans", "ordinary_loans"):
        if frames[name]["area_code"].null_count():
            joined = frames[name].join(homes, on="household_id", how="left", maintain_order="left")
            frames[name] = joined.with_columns(pl.coalesce("area_code", "_home").alias("area_code"))
    events = frames["events"].with_columns(pl.coalesce("recorded_on", "on").alias("recorded_on"))
    if events.select(((pl.col("kind") == "converted") & pl.col("amount_fen").is_null()).any()).item():
        events = ledger.with_balances(ledger.in_order(events)).sort(ROW)
    frames["events"] = events
    return {
        name: frame.filter(pl.col(ROW) >= 0) if name in beside else frame for name, frame in frames.items()
    }
