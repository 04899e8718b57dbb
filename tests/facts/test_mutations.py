"""Whatever the bytes and the cells, nothing but a named refusal comes out of the reader."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.facts import TABLES, BadFacts, Facts, empty, read_facts, write_facts
from bangfu.facts.problems import REGISTER

EVERY = settings(
    max_examples=int(os.environ.get("BANGFU_EXAMPLES", "25")),
    deadline=None,
    derandomize="BANGFU_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def read_or_refuse(path: Path, **more: object) -> Facts | None:
    """The facts, or None where they were refused as they should be."""
    try:
        facts = read_facts(path, **more)
    except BadFacts as bad:
        assert bad.problems  # noqa: PT017 - both outcomes are right
        for problem in bad.problems:
            assert problem.code in REGISTER
            assert "{detail}" not in problem.sentence() + problem.sentence("en")
            assert len(problem.value) <= 24
        return None
    for name, table in TABLES.items():
        assert dict(facts.tables[name].schema) == table.schema
    return facts


WAYS = st.sampled_from(["cut", "insert", "over", "double"])


@st.composite
def spoilings(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """Cuts, insertions and overwritings at places told as shares of the length."""
    return [
        (draw(WAYS), draw(st.floats(0, 1)), draw(st.binary(min_size=1, max_size=8)))
        for _ in range(draw(st.integers(1, 4)))
    ]


def spoilt(data: bytes, how: list[tuple[str, float, bytes]]) -> bytes:
    for way, share, more in how:
        place = int(share * len(data))
        if way == "cut":
            data = data[:place] if share > 0.5 else data[:place] + data[place + len(more) :]
        elif way == "insert":
            data = data[:place] + more + data[place:]
        elif way == "double":
            data = data[:place] + data[max(0, place - 40) :]
        else:
            data = data[:place] + more + data[place + len(more) :]
    return data


@EVERY
@given(
    how=spoilings(), name=st.sampled_from(["households", "loans", "events", "members"]), leave=st.booleans()
)
def test_spoilt_csv(county, how, name, leave):
    folder = county.write()
    file = folder / f"{name}.csv"
    file.write_bytes(spoilt(file.read_bytes(), how))
    read_or_refuse(folder, leave_out_bad_rows=leave)


@EVERY
@given(data=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".xlsx", ".xls", ".et", ".parquet"]))
def test_any_bytes(county, data, suffix):
    folder = county.write()
    (folder / "transfers.csv").unlink()
    (folder / f"transfers{suffix}").write_bytes(data)
    read_or_refuse(folder)
    shutil.rmtree(folder)


@pytest.fixture
def xlsx(county, tmp_path) -> bytes:
    facts = read_facts(county.write())
    write_facts(facts.tables, tmp_path / "all.xlsx", "xlsx", "zh")
    return (tmp_path / "all.xlsx").read_bytes()


@EVERY
@given(how=spoilings(), leave=st.booleans())
def test_spoilt_xlsx(xlsx, tmp_path, how, leave):
    path = tmp_path / "spoilt.xlsx"
    path.write_bytes(spoilt(xlsx, how))
    read_or_refuse(path, leave_out_bad_rows=leave)


@pytest.fixture
def xls(county, tmp_path) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in county.rows.items():
        sheet = book.add_sheet(name)
        for place, column in enumerate(rows[0]):
            sheet.write(0, place, column)
            for below, row in enumerate(rows, 1):
                sheet.write(below, place, row[column])
    book.save(str(tmp_path / "all.xls"))
    return (tmp_path / "all.xls").read_bytes()


@EVERY
@given(how=spoilings())
def test_spoilt_xls(xls, tmp_path, how):
    path = tmp_path / "spoilt.xls"
    path.write_bytes(spoilt(xls, how))
    read_or_refuse(path)


@EVERY
@given(how=spoilings(), name=st.sampled_from(["loans", "events", "members"]))
def test_spoilt_parquet(county, tmp_path, how, name):
    folder = tmp_path / "parquet"
    write_facts(read_facts(county.write()).tables, folder, "parquet")
    file = folder / f"{name}.parquet"
    file.write_bytes(spoilt(file.read_bytes(), how))
    read_or_refuse(folder)


CELLS = st.one_of(
    st.text(max_size=20),
    st.text("0123456789-/.年月日,%eE+ＸｘX　 元万", max_size=20),
    st.sampled_from(
        ["NaN", "inf", "#N/A", "=1+1", "0", "-0", "1e400", "true", "合计", "示例", "2021-02-29", "9" * 400]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
)


@EVERY
@given(data=st.data())
def test_any_cell_of_any_column(county, data):
    table = data.draw(st.sampled_from(list(county.rows)))
    column = data.draw(st.sampled_from(list(county.rows[table][0])))
    kept = county.rows[table][0][column]
    county.put(table, 0, **{column: data.draw(CELLS)})
    facts = read_or_refuse(county.write(), leave_out_bad_rows=data.draw(st.booleans()))
    county.put(table, 0, **{column: kept})
    if facts is not None:
        assert facts.tables["loans"]["principal_fen"].is_between(0, 10_000_000_000).all()


@EVERY
@given(data=st.data())
def test_any_header_of_any_table(county, data):
    table = data.draw(st.sampled_from(list(county.rows)))
    column = data.draw(st.sampled_from(list(county.rows[table][0])))
    new = data.draw(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["贷款金额（万元）", "", "利率", "日期", "loan_id", "_row", "0"]),
        )
    )
    read_or_refuse(county.write(header=lambda *place: new if place == (table, column) else place[1]))


@EVERY
@given(
    cells=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.integers(0, 9),
            st.one_of(
                CELLS,
                st.floats(allow_nan=False, allow_infinity=False),
                st.booleans(),
                st.dates(),
                st.datetimes(),
            ),
        ),
        max_size=6,
    )
)
def test_any_typed_cell_of_a_workbook(county, tmp_path, cells):
    path = tmp_path / "any.xlsx"
    with xlsxwriter.Workbook(
        str(path), {"default_date_format": "yyyy-mm-dd", "remove_timezone": True}
    ) as book:
        for name, rows in county.rows.items():
            sheet = book.add_worksheet(name)
            for place, column in enumerate(rows[0]):
                sheet.write_string(0, place, column)
                for below, row in enumerate(rows, 1):
                    sheet.write_string(below, place, row[column])
            if name in ("loans", "events"):
                for row_number, place, cell in cells:
                    if not isinstance(cell, str):
                        sheet.write(row_number, place, cell) if not hasattr(
                            cell, "year"
                        ) or cell.year > 1900 else None
                    else:
                        sheet.write_string(row_number, place, cell)
    read_or_refuse(path)


@EVERY
@given(
    column=st.sampled_from(["loan_id", "on", "amount_fen", "amount", "kind", "value", "recorded_on"]),
    cells=st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=7, max_size=7),
        st.lists(st.one_of(st.none(), st.floats()), min_size=7, max_size=7),
        st.lists(st.dates(), min_size=7, max_size=7),
        st.lists(st.datetimes(), min_size=7, max_size=7),
        st.lists(st.booleans(), min_size=7, max_size=7),
        st.lists(st.binary(max_size=3), min_size=7, max_size=7),
        st.lists(st.times(), min_size=7, max_size=7),
        st.just([None] * 7),
        st.lists(
            st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
            min_size=7,
            max_size=7,
        ),
    ),
)
def test_any_typed_column_of_parquet(county, column, cells):
    (county.folder / "events.parquet").unlink(missing_ok=True)
    folder = county.write()
    frame = read_facts(folder).events
    (folder / "events.csv").unlink()
    gone = {"amount": "amount_fen"}.get(column, column)
    frame.drop(gone).with_columns(pl.Series(column, cells)).write_parquet(folder / "events.parquet")
    read_or_refuse(folder)


def test_a_day_beyond_every_calendar_is_refused(scratch: Path) -> None:
    tables = {name: empty(name) for name in ("households", "loans", "events")}
    far = pl.DataFrame({"on": [2**31 - 1]}, schema={"on": pl.Int32}).select(pl.col("on").cast(pl.Date))
    write_facts(tables, scratch, format="parquet")
    spoilt = pl.concat([tables["events"], far], how="diagonal")
    spoilt.write_parquet(scratch / "events.parquet")
    with pytest.raises(BadFacts):
        read_facts(scratch)
