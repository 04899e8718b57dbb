"""A wide ledger, one row a loan, split into tables by a mapping; what could not be placed is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from bangfu.facts import cells, codes
from bangfu.facts.bind import Bound, skip_labels, unit_of
from bangfu.facts.headers import Unit, declared, fold, split_unit, suggest
from bangfu.facts.making import Orders, make
from bangfu.facts.mapping import Constant, FieldSpec, Filling, Mapping, load_mapping
from bangfu.facts.problems import Problem, problem
from bangfu.facts.sheets import PART_STEP, ROW, RawSheet
from bangfu.facts.tables import TABLES
from bangfu.money.fen import format_yuan

_DECIMALS = {"yuan": 2, "wan": 6}
_SHEET = "_sheet"
_NOWHERE = "0" * 12  # after area_unknown, which stops the reading: each row need not say it again
_UNIT_OF_FILE: dict[str, Unit] = {"": "", "yuan": "yuan", "wan": "wan", "percent": "percent"}


@dataclass
class Ledger:
    """One sheet on its way into the tables.

    Attributes:
        sheet: The sheet, its header row known.
        mapping: How it is split.
        fields: ``_row`` and each field that was found or made, as text.
        headers: The header of each field, as the file has it.
        units: The unit of each money and rate field.
        unclear: What is wrong with the unit of a field.
        numeric: Which cells of a field were numeric.
        problems: What is wrong with the headers.
        warnings: What was not placed, what was made up, what does not agree.
    """

    sheet: RawSheet
    mapping: Mapping
    fields: pl.DataFrame
    headers: dict[str, str] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    unclear: dict[str, list[Problem]] = field(default_factory=dict)
    numeric: dict[str, pl.Series] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


@dataclass
class Seen:
    """Which rows told a household or a person first: where, and what."""

    where: dict[str, str] = field(default_factory=dict)
    told: dict[tuple[int, str], tuple[str | None, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """What the sheets of a ledger were split into: the bound parts of each table, problems and warnings."""

    parts: dict[str, list[Bound]]
    problems: list[Problem]
    warnings: list[Problem]


class Splitter:
    """A mapping at work."""

    def __init__(self, named: Path | str) -> None:
        """Load a mapping by path or by the name of a shipped one.

        Raises:
            BadFacts: bad_mapping.
        """
        self._mapping = load_mapping(named)
        self._spelled = _spelled(self._mapping)

    def knows(self, header: str) -> bool:
        """Whether the mapping knows a header, placed or not."""
        return _field_of(header, self._spelled) is not None

    def split(self, sheets: Sequence[RawSheet]) -> Split:
        """Split sheets whose header rows are known: one ledger, on one sheet or on one a township."""
        return split(sheets, self._mapping)


def split(sheets: Sequence[RawSheet], mapping: Mapping) -> Split:
    """Split sheets whose header rows are known: one ledger, on one sheet or on one a township."""
    ledgers = []
    for sheet in sheets:
        body, skipped = skip_labels(sheet)
        ledger = Ledger(body, mapping, body.frame.select(ROW), warnings=skipped)
        _choose(ledger)
        ledgers.append(ledger)
    _compute(ledgers, mapping)
    parts = {table: _fill(ledgers, table, fillings) for table, fillings in mapping.tables.items()}
    for ledger in ledgers:
        _reconcile(ledger)
    return Split(
        {table: some for table, some in parts.items() if some},
        [found for ledger in ledgers for found in ledger.problems],
        [found for ledger in ledgers for found in ledger.warnings],
    )


def _spelled(mapping: Mapping) -> dict[str, str]:
    """Every folded header to its field; one that has no place to ""."""
    spelled = {fold(header): "" for header in mapping.not_placed}
    spelled.update({fold(header): name for name, spec in mapping.fields.items() for header in spec.headers})
    return spelled


def _field_of(header: str, spelled: dict[str, str]) -> tuple[str, str, str] | None:
    """The field of a header, the header as the mapping has it, and its unit's text; None where it is unknown."""
    folded = fold(header)
    for bare, hint in ((folded, ""), *split_unit(folded)):
        if bare in spelled:
            return spelled[bare], bare, hint
    return None


def _choose(done: Ledger) -> None:
    """Take the columns that feed fields; list the others."""
    spelled = _spelled(done.mapping)
    known = [header for spec in done.mapping.fields.values() for header in spec.headers]
    reasons = {fold(header): reason for header, reason in done.mapping.not_placed.items()}
    where = done.sheet.place
    for place, header in enumerate(done.sheet.headers or ()):
        texts = done.sheet.frame[str(place)].cast(pl.String)
        if not header.strip() and cells.trimmed(texts).is_null().all():
            continue
        found = _field_of(header, spelled)
        if found is None:
            shown = header.strip() or f"#{place + 1}"
            near = suggest(header.strip(), known)
            done.warnings.append(problem("not_placed", **where, column=shown, detail=near))
        elif not found[0]:
            zh, _, en = reasons[found[1]].partition(" · ")
            detail = (f"：{zh}", f": {en or zh}")
            done.warnings.append(problem("not_placed", **where, column=header, detail=detail))
        elif found[0] in done.headers:
            both = f"{done.headers[found[0]]}, {header}"
            done.problems.append(problem("column_twice", **where, column=header, detail=both))
        else:
            _take(done, found[0], header, str(place), found[2])


def _take(done: Ledger, name: str, header: str, place: str, hint: str) -> None:
    spec = done.mapping.fields[name]
    texts = cells.trimmed(done.sheet.frame[place].cast(pl.String))
    done.headers[name] = header
    unit = declared(spec.kind, hint) or _UNIT_OF_FILE[spec.unit]
    done.units[name], done.unclear[name] = unit_of(done.sheet, spec.kind, unit, header)
    if spec.none:
        none = {cells.fold_text(word) for word in spec.none}
        texts = _each(texts, lambda text: None if cells.fold_text(text) in none else text)
    if spec.contains:
        texts = _contained(done, name, spec, texts)
    done.fields = done.fields.with_columns(texts.alias(name))
    if place in done.sheet.numeric:
        done.numeric[name] = done.sheet.numeric[place]


def _each(texts: pl.Series, read: Callable[[str], str | None]) -> pl.Series:
    """Each different text read once."""
    different = texts.drop_nulls().unique().to_list()
    read_as = {text: read(text) for text in different}
    return texts.replace_strict(read_as, default=None, return_dtype=pl.String) if read_as else texts


def _contained(done: Ledger, name: str, spec: FieldSpec, texts: pl.Series) -> pl.Series:
    """Free words to codes by the words they contain; what fits none is left empty, and told."""
    known = {spelling for words in _words(done.mapping, name) for spelling in codes.reverse(words)}

    def read(text: str) -> str | None:
        if cells.fold_text(text).lower() in known:
            return text
        return next((code for word, code in spec.contains.items() if word in text), None)

    placed = _each(texts, read)
    lost = texts.is_not_null() & placed.is_null()
    header = done.headers[name]
    done.warnings.extend(
        problem("value_not_placed", **done.sheet.place, row=row, column=header, value=text)
        for row, text in zip(done.fields[ROW].filter(lost), texts.filter(lost), strict=True)
    )
    return placed


def _words(mapping: Mapping, name: str) -> Iterator[codes.Words]:
    """The code sets of the columns that a field feeds."""
    for table, fillings in mapping.tables.items():
        for filling in fillings:
            for column, source in filling.columns.items():
                words = TABLES[table].column(column).words
                if source == name and words is not None:
                    yield words


def _compute(ledgers: Sequence[Ledger], mapping: Mapping) -> None:
    """Make the computed fields in their order, each by the first way that gives something; tell which were made.

    All sheets together, so that one person or village has one number.
    """
    marked = [ledger.fields.with_columns(pl.lit(place).alias(_SHEET)) for place, ledger in enumerate(ledgers)]
    fields = pl.concat(marked, how="diagonal")
    orders: Orders = {}
    for name, makings in mapping.computed.items():
        filled = pl.Series(name, [None], pl.String).new_from_index(0, fields.height)
        for making in makings:
            more = make(making, fields, mapping, orders)
            used = (filled.is_null() & more.is_not_null()).any()
            if used and not making.field:
                _made_up(ledgers[0], _zh_of(mapping, name), name)
            for ledger in ledgers:
                if used and making.field in ledger.headers:
                    ledger.headers.setdefault(name, ledger.headers[making.field])
            frame = pl.DataFrame({"filled": filled, "more": more})
            filled = frame.select(pl.coalesce("filled", "more")).to_series().alias(name)
        if any(making.area for making in makings) and filled.is_null().any() and not mapping.county:
            ledgers[0].problems.append(problem("area_unknown", **ledgers[0].sheet.place))
            filled = filled.fill_null(_NOWHERE)
        fields = fields.with_columns(filled.alias(name))
    for place, ledger in enumerate(ledgers):
        ledger.fields = fields.filter(pl.col(_SHEET) == place)


def _zh_of(mapping: Mapping, name: str) -> str:
    """The Chinese header of the column that a computed field feeds."""
    for table, fillings in mapping.tables.items():
        for filling in fillings:
            for column, source in filling.columns.items():
                if source == name:
                    return TABLES[table].column(column).zh
    return name


def _fill(ledgers: Sequence[Ledger], table: str, fillings: Sequence[Filling]) -> list[Bound]:
    """The rows of one table, a part for each sheet and filling whose fields the sheet has."""
    seen = Seen()
    parts: list[Bound] = []
    for ledger in ledgers:
        begun = len(parts)
        for place, filling in enumerate(fillings):
            rows = _rows(ledger, filling)
            if rows is None:
                continue
            if filling.once:
                rows = _once(ledger, filling, rows, seen, place)
            parts.append(_part(ledger, table, filling, rows, len(parts)))
        if len(parts) > begun:
            ledger.problems.extend(parts[begun].missing())
    return parts


def _rows(ledger: Ledger, filling: Filling) -> pl.DataFrame | None:
    """The rows that a filling takes; None where the sheet has none of the fields it asks for.

    A row that has what is asked for but lacks what else is needed gives nothing, and that is told.
    """
    rows = ledger.fields
    if filling.when:
        there = [pl.col(name).is_not_null() for name in filling.when if name in ledger.headers]
        if not there:
            return None
        rows = rows.filter(pl.any_horizontal(there))
    if filling.needs:
        whole = pl.all_horizontal(pl.col(name).is_not_null() for name in filling.needs)
        header = ledger.headers.get(filling.when[0], "") if filling.when else ""
        for row in rows.filter(~whole)[ROW]:
            ledger.warnings.append(problem("value_not_placed", **ledger.sheet.place, row=row, column=header))
        rows = rows.filter(whole)
    return rows


def _once(ledger: Ledger, filling: Filling, rows: pl.DataFrame, seen: Seen, place: int) -> pl.DataFrame:
    """The rows whose key appears first; those that tell it otherwise than the first are told."""
    told = dict.fromkeys(name for name in filling.columns.values() if isinstance(name, str))
    tellings = rows.select(
        ROW, pl.col(filling.once), *(pl.col(name).alias(f"_{name}") for name in told if name in rows.columns)
    )
    kept = []
    for row, key, *content in tellings.rows():
        if key is None or key not in seen.where:
            kept.append(row)
            if key is not None:
                seen.where[key] = f"{ledger.sheet.sheet} {row}".strip()
                seen.told[place, key] = tuple(content)
        elif _differ(seen.told.get((place, key), ()), content):
            detail = seen.where[key]
            ledger.warnings.append(problem("merged_differs", **ledger.sheet.place, row=row, detail=detail))
    only = pl.DataFrame({ROW: pl.Series(kept, dtype=pl.Int64)})
    return rows.join(only, on=ROW, how="semi", maintain_order="left")


def _differ(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    """Whether two tellings of the same disagree; what is empty disagrees with nothing."""
    return any(a is not None and b is not None and a != b for a, b in zip(one, other, strict=False))


def _part(done: Ledger, table: str, filling: Filling, rows: pl.DataFrame, number: int) -> Bound:
    sheet = done.sheet
    chosen: dict[str, pl.Expr] = {}
    units: dict[str, Unit] = {}
    headers: dict[str, str] = {}
    numeric: dict[str, pl.Series] = {}
    kept = done.fields[ROW].is_in(rows[ROW].implode())
    for name, source in filling.columns.items():
        column = TABLES[table].column(name)
        if isinstance(source, Constant):
            chosen[name] = pl.lit(source.value)
            _made_up(done, f"{column.zh} = {source.value}", f"{table}.{name} = {source.value}")
        elif source in rows.columns:
            chosen[name] = pl.col(source)
            headers[name] = done.headers.get(source, column.zh)
            units[name] = done.units.get(source, "")
            if column.kind in ("money", "rate"):
                done.problems.extend(one for one in done.unclear.get(source, []) if one not in done.problems)
            if source in done.numeric:
                numeric[name] = done.numeric[source].filter(kept)
    frame = rows.select(pl.col(ROW) + number * PART_STEP, **chosen)
    if filling.distinct:
        frame = frame.unique(subset=list(chosen), keep="first", maintain_order=True)
        numeric = {}
    return Bound(TABLES[table], sheet.file, sheet.sheet, frame, units, headers, numeric, number)


def _made_up(done: Ledger, zh: str, en: str) -> None:
    told = problem("made_up", **done.sheet.place, detail=(zh, en))
    if told not in done.warnings:
        done.warnings.append(told)


def _reconcile(done: Ledger) -> None:
    """The balance that the ledger states against what was lent less what was repaid."""
    spec = done.mapping.balance
    if spec is None or spec.stated not in done.headers or spec.lent not in done.headers:
        return
    names = (spec.stated, spec.lent, spec.less)
    amounts = {name: amount for name in names if (amount := _fen(done, name)) is not None}
    if len(amounts) < len(names):
        done.warnings.extend(done.unclear.get(spec.stated, []))
        return
    frame = done.fields.select(ROW, pl.col(spec.stated).alias("text")).with_columns(
        stated=amounts[spec.stated], lent=amounts[spec.lent], less=amounts[spec.less].fill_null(0)
    )
    frame = frame.with_columns(due=pl.col("lent") - pl.col("less"))
    header = done.headers[spec.stated]
    for row, text, due in frame.filter(pl.col("stated") != pl.col("due")).select(ROW, "text", "due").rows():
        detail = format_yuan(due)
        done.warnings.append(
            problem("balance_differs", **done.sheet.place, row=row, column=header, value=text, detail=detail)
        )


def _fen(done: Ledger, name: str) -> pl.Series | None:
    """A money field in fen; null where it cannot be read; None where its unit is unclear."""
    if name not in done.headers:
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, done.fields.height)
    decimals = _DECIMALS.get(done.units[name])
    if decimals is None:
        return None
    return cells.scaled(cells.folded(done.fields[name]), decimals)["value"]
