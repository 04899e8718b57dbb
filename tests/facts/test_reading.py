"""What is read, from every format, comes out exact and typed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlwt

from bangfu.facts import TABLES, read_facts, write_facts


def test_a_folder_in_mixed_words_is_read_exactly(county):
    facts = read_facts(county.write())
    assert facts.missing == frozenset()
    assert facts.warnings == ()
    loans = facts.loans
    assert loans["principal_fen"].to_list() == [5_000_000, 3_000_050]
    assert loans["rate_e8"].to_list() == [3_850_000, 4_350_000]
    assert loans["contract_on"].to_list() == [date(2022, 1, 5), date(2022, 3, 1)]
    assert loans["matures_on"].to_list() == [date(2025, 1, 5), date(2023, 3, 1)]
    assert loans["purpose"].to_list() == ["livestock", "crops"]
    assert loans["guarantee"].to_list() == ["none", "none"]
    assert loans["kind"].to_list() == ["new", "renewal"]
    assert loans["subsidy_ceiling_fen"].to_list() == [None, 8_000_000]
    assert facts.households["poverty_cause"].to_list() == ["illness", "illness"]
    assert facts.members["labour"].to_list() == [True, True]
    assert facts.roster["left_reason"].to_list() == [None, "no_longer_at_risk"]
    assert facts.fund["area_code"].to_list() == ["522728", "522728"]
    assert facts.fund["amount_fen"].to_list() == [475_000_000_000, 10_000]
    assert facts.budgets["revenue_fen"].to_list() == [38_123_456_789]
    assert facts.lenders["npl_target_e8"].to_list() == [150_000]
    assert facts.insurance["to_on"].to_list() == [date(2023, 1, 1)]


def test_every_table_has_exactly_its_columns(county):
    facts = read_facts(county.write())
    for name, table in TABLES.items():
        assert dict(facts.tables[name].schema) == table.schema, name


def test_what_a_row_leaves_unsaid_is_filled(county):
    county.put("loans", 0, area_code="")
    county.put("loans", 1, area_code="522728")
    facts = read_facts(county.write())
    assert facts.loans["area_code"].to_list() == ["522728101201", "522728"]
    assert facts.events["recorded_on"].to_list()[:2] == [date(2022, 1, 5), date(2023, 2, 1)]


def test_values_of_events_are_typed(county):
    events = read_facts(county.write()).events
    assert events["value_on"].to_list() == [None, None, date(2025, 12, 31), None, None, None, None]
    assert events["value_class"].to_list() == [None, None, None, 3, None, None, None]
    assert events["value_rate_e8"].to_list() == [None, None, None, None, None, 4_100_000, None]
    assert events["value"].to_list() == [None, None, "2025-12-31", "3", None, "4.10", "written"]


def test_missing_tables_are_empty_and_named(county):
    for name in ("transfers", "budgets", "lenders"):
        del county.rows[name]
    facts = read_facts(county.write())
    assert facts.missing == {"transfers", "budgets", "lenders"}
    assert facts.transfers.is_empty()
    assert dict(facts.transfers.schema) == TABLES["transfers"].schema


def test_known_at_forgets_what_was_recorded_later(county):
    facts = read_facts(county.write(), known_at=date(2023, 1, 31))
    assert facts.events.filter(pl.col("loan_id") == "L1").height == 1
    assert (
        read_facts(county.write(), known_at=date(2023, 2, 1)).events.filter(pl.col("loan_id") == "L1").height
        == 2
    )


def test_known_at_forgets_before_the_ledger_is_judged(county, refused):
    county.add(
        "events",
        loan_id="L2",
        on="2022-08-01",
        kind="repaid",
        amount="40000",
        value="",
        recorded_on="2024-01-01",
    )
    folder = county.write()
    assert refused(folder) == ["above_balance"]
    assert read_facts(folder, known_at=date(2023, 6, 1)).events.height == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(county, encoding):
    assert read_facts(county.write(encoding=encoding)).households["head_name"].to_list() == ["甲某", "乙某"]


def test_chinese_headers_file_names_and_units(county):
    folder = county.write(header=lambda table, column: TABLES[table].column(column).zh_header)
    for name, table in TABLES.items():
        (folder / f"{name}.csv").rename(folder / f"{table.zh}.csv")
    facts = read_facts(folder)
    assert facts.loans["principal_fen"].to_list() == [5_000_000, 3_000_050]
    assert facts.warnings == ()


@pytest.mark.parametrize(
    ("header", "cell", "fen"),
    [
        ("贷款金额（万元）", "5", 5_000_000),
        ("贷款金额(万元)", "3.00005", 3_000_050),
        ("贷款金额 （ 单位：万元 ）", "0.000001", 1),
        ("贷款金额万元", "5", 5_000_000),
        ("贷款金额/万元", "5", 5_000_000),
        ("principal_wan", "5", 5_000_000),
        ("principal_yuan", "5", 500),
        ("principal_fen", "5", 5),
        ("贷款金额（元）", "５００００．５", 5_000_050),
        ("贷款金额[元]*", "1,234,567.89", 123_456_789),
        ("合同金额（人民币元）", "7", 700),
    ],
)
def test_units_are_declared_by_the_header(county, header, cell, fen):
    county.rows["events"] = county.rows["events"][:1]
    county.put("loans", 0, principal=cell).put("loans", 1, principal=cell)
    folder = county.write(
        header=lambda table, column: header if (table, column) == ("loans", "principal") else column
    )
    assert read_facts(folder).loans["principal_fen"].to_list() == [fen, fen]


def test_a_title_above_the_header_may_declare_the_unit(county):
    folder = county.write(
        header=lambda table, column: "贷款金额" if (table, column) == ("loans", "principal") else column
    )
    file = folder / "loans.csv"
    file.write_text(
        "某县贷款台账\n单位：万元\n"
        + file.read_text().replace('"50,000.00"', "5").replace("30000.5", "3.00005")
    )
    facts = read_facts(folder)
    assert facts.loans["principal_fen"].to_list() == [5_000_000, 3_000_050]


def test_no_unit_anywhere_is_read_as_yuan_and_said(county):
    folder = county.write(
        header=lambda table, column: "贷款金额" if (table, column) == ("loans", "principal") else column
    )
    facts = read_facts(folder)
    assert facts.loans["principal_fen"].to_list() == [5_000_000, 3_000_050]
    assert [warning.code for warning in facts.warnings] == ["unit_taken_as_yuan"]


def typed(table: str, column: str, text: str) -> object:
    """A cell as a spreadsheet holds it."""
    kind = TABLES[table].column(column).kind
    if not text:
        return None
    if kind == "money":
        return float(Decimal(text.replace(",", "")))
    if kind == "rate" and table != "lenders":
        return float(Decimal(text.rstrip("%")))
    if kind == "date" and "-" in text:
        return datetime.fromisoformat(text)
    return int(text) if kind == "count" else text


def test_xlsx_as_spreadsheets_write_it(county, tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in county.rows.items():
        sheet = book.create_sheet(TABLES[name].zh)
        columns = list(rows[0])
        sheet.append([TABLES[name].column(column).zh_header for column in columns])
        for row in rows:
            sheet.append([typed(name, column, row[column]) for column in columns])
    path = tmp_path / "县.xlsx"
    book.save(path)
    facts = read_facts(path)
    same_as(facts, read_facts(county.write()))
    path.rename(tmp_path / "县.et")
    same_as(read_facts(tmp_path / "县.et"), facts)


def test_old_xls(county, tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    days = xlwt.easyxf(num_format_str="YYYY/MM/DD")
    for name, rows in county.rows.items():
        sheet = book.add_sheet(name)
        for place, column in enumerate(rows[0]):
            sheet.write(0, place, column)
            for below, row in enumerate(rows, 1):
                cell = typed(name, column, row[column])
                if isinstance(cell, datetime):
                    sheet.write(below, place, cell, days)
                elif cell is not None:
                    sheet.write(below, place, cell)
    path = tmp_path / "county.xls"
    book.save(str(path))
    same_as(read_facts(path), read_facts(county.write()))


def same_as(facts, others):
    for name in TABLES:
        assert facts.tables[name].equals(others.tables[name]), name


@pytest.mark.parametrize("format_", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_written_is_read_back_the_same(county, tmp_path, format_, language):
    facts = read_facts(county.write())
    path = tmp_path / ("out.xlsx" if format_ == "xlsx" else "out")
    write_facts(facts.tables, path, format_, language)
    same_as(read_facts(path), facts)


def test_parquet_in_peoples_units(county, tmp_path):
    facts = read_facts(county.write())
    folder = tmp_path / "parquet"
    folder.mkdir()
    for name, rows in county.rows.items():
        pl.DataFrame(rows).write_parquet(folder / f"{name}.parquet")
    pl.DataFrame(
        {"loan_id": ["L1", "L2"], "period_start": [date(2022, 1, 5)] * 2,
         "period_end": pl.Series([date(2022, 3, 21)] * 2).cast(pl.Datetime),
         "amount": [401.04, 1.1], "rate_claimed": pl.Series(["3.85", "3.85"]).cast(pl.Decimal(10, 4)),
         "paid_to": pl.Series(["borrower", "银行"]).cast(pl.Categorical)}
    ).write_parquet(folder / "subsidies.parquet")  # fmt: skip
    read = read_facts(folder)
    assert read.loans.equals(facts.loans)
    assert read.subsidies["amount_fen"].to_list() == [40_104, 110]
    assert read.subsidies["rate_claimed_e8"].to_list() == [3_850_000] * 2
    assert read.subsidies["paid_to"].to_list() == ["borrower", "lender"]
    assert read.subsidies["period_end"].to_list() == [date(2022, 3, 21)] * 2


def test_a_folder_of_workbooks(county, tmp_path):
    folder = county.write()
    facts = read_facts(folder)
    write_facts({"loans": facts.loans, "roster": facts.roster}, tmp_path / "some.xlsx", "xlsx")
    (folder / "loans.csv").unlink()
    (folder / "roster.csv").unlink()
    (tmp_path / "some.xlsx").rename(folder / "some.xlsx")
    same_as(read_facts(folder), facts)


def test_rows_of_totals_notes_and_blanks_are_passed_over_and_said(county):
    folder = county.write()
    file = folder / "subsidies.csv"
    file.write_text(file.read_text() + ",,,,,,\n合 计,,,401.04,,,\n")
    (folder / "说明.csv").write_text("随便写\n")
    facts = read_facts(folder)
    assert facts.subsidies.height == 1
    assert [(warning.code, warning.row) for warning in facts.warnings] == [
        ("total_row_skipped", 4),
        ("sheet_skipped", None),
    ]


def test_a_conversion_without_an_amount_takes_the_balance(county):
    county.add("events", loan_id="L1", on="2025-03-01", kind="converted", amount="", value="", recorded_on="")
    county.add(
        "events", loan_id="L1", on="2025-03-02", kind="disbursed", amount="7", value="", recorded_on=""
    )
    county.add("events", loan_id="L1", on="2025-03-03", kind="converted", amount="", value="", recorded_on="")
    events = read_facts(county.write()).events
    assert events.filter(pl.col("kind") == "converted")["amount_fen"].to_list() == [3_999_999, 700]


def test_an_application_needs_no_contract(county):
    county.put("loans", 1, contract_on="", matures_on="", rate="", interest_method="")
    county.rows["events"] = county.rows["events"][:4]
    assert read_facts(county.write()).loans["contract_on"].to_list()[1] is None


def test_quoted_cells_and_tabs(county):
    folder = county.write()
    file = folder / "households.csv"
    file.write_text(
        'household_id\tarea_code\thead_name\nH1\t522728101201\t"甲\n""某"\nH2\t522728101202\t乙\n'
    )
    assert read_facts(folder).households["head_name"].to_list() == ['甲\n"某', "乙"]


def test_file_of_a_single_table_is_no_county(county, refused):
    assert refused(county.write() / "loans.csv") == ["not_facts"]


def test_path_may_be_text(county):
    assert read_facts(str(county.write())).loans.height == 2
    assert isinstance(county.folder, Path)
