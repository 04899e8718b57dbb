"""Every code of the register is raised by a file spoilt for it, at its place; the county unspoilt raises none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from bangfu.facts import BadFacts, read_facts
from bangfu.facts.problems import REGISTER

# table, row (0-based, in the table), cells to change, code, column
CELLS = [
    ("households", 0, {"area_code": ""}, "empty_required", "area_code"),
    ("households", 0, {"area_code": "52272810120"}, "bad_area_code", "area_code"),
    ("households", 0, {"area_code": "5.22728E+11"}, "bad_area_code", "area_code"),
    ("households", 0, {"poverty_cause": "运气"}, "unknown_code", "poverty_cause"),
    ("households", 0, {"labour_count": "两个"}, "bad_count", "labour_count"),
    ("households", 0, {"labour_count": "1.5"}, "bad_count", "labour_count"),
    ("households", 0, {"labour_count": "-1"}, "bad_count", "labour_count"),
    ("households", 0, {"labour_count": "12345678901"}, "count_out_of_range", "labour_count"),
    ("members", 0, {"labour": "也许"}, "bad_boolean", "labour"),
    ("members", 0, {"id_number": "1101051949123100"}, "id_number_wrong_shape", "id_number"),
    ("members", 0, {"id_number": "1.10105E+17"}, "id_number_wrong_shape", "id_number"),
    ("members", 0, {"id_number": "11010519491331002X"}, "id_number_bad_birth_date", "id_number"),
    ("members", 0, {"id_number": "110105890230002"}, "id_number_bad_birth_date", "id_number"),
    ("loans", 0, {"principal": ""}, "empty_required", "principal"),
    ("loans", 0, {"principal": "五万"}, "bad_amount", "principal"),
    ("loans", 0, {"principal": "5,00,00"}, "bad_amount", "principal"),
    ("loans", 0, {"principal": "5e4"}, "bad_amount", "principal"),
    ("loans", 0, {"principal": "50000.001"}, "too_many_decimals", "principal"),
    ("loans", 0, {"principal": "-50000"}, "negative_amount", "principal"),
    ("loans", 0, {"principal": "100000000.01"}, "amount_out_of_range", "principal"),
    ("loans", 0, {"principal": "9" * 30}, "amount_out_of_range", "principal"),
    ("loans", 0, {"rate": ""}, "empty_required", "rate"),
    ("loans", 0, {"interest_method": ""}, "empty_required", "interest_method"),
    ("loans", 0, {"matures_on": ""}, "empty_required", "matures_on"),
    ("loans", 0, {"rate": "三点八"}, "bad_rate", "rate"),
    ("loans", 0, {"rate": "0.0385"}, "rate_looks_like_a_fraction", "rate"),
    ("loans", 0, {"rate": "36.01"}, "rate_out_of_range", "rate"),
    ("loans", 0, {"rate": "-3"}, "rate_out_of_range", "rate"),
    ("loans", 0, {"rate": "9" * 20}, "rate_out_of_range", "rate"),
    ("loans", 0, {"rate": "3.85001"}, "too_many_decimals", "rate"),
    ("loans", 0, {"contract_on": "2022-02-30"}, "bad_date", "contract_on"),
    ("loans", 0, {"contract_on": "44566"}, "bad_date", "contract_on"),
    ("loans", 0, {"contract_on": "2022-13-01"}, "bad_date", "contract_on"),
    ("loans", 0, {"contract_on": "22-01-05"}, "bad_date", "contract_on"),
    ("loans", 0, {"contract_on": "1899-12-31"}, "date_out_of_range", "contract_on"),
    ("loans", 0, {"matures_on": "2101-01-01"}, "date_out_of_range", "matures_on"),
    ("loans", 0, {"matures_on": "2022-01-05"}, "dates_out_of_order", "matures_on"),
    ("loans", 0, {"purpose": "赌博"}, "unknown_code", "purpose"),
    ("loans", 0, {"household_id": "H9"}, "orphan", "household_id"),
    ("transfers", 0, {"to_account": "6.217E+18"}, "number_lost_digits", "to_account"),
    ("loans", 1, {"parent_loan_id": "L9"}, "orphan", "parent_loan_id"),
    ("members", 1, {"household_id": "H9"}, "orphan", "household_id"),
    ("members", 1, {"member_id": "M1"}, "duplicate_key", "member_id"),
    ("roster", 1, {"household_id": "H9"}, "orphan", "household_id"),
    ("roster", 1, {"left_on": "2020-06-30"}, "dates_out_of_order", "left_on"),
    ("ordinary_loans", 0, {"loan_id": "L2"}, "duplicate_key", "loan_id"),
    ("ordinary_loans", 0, {"household_id": "H9"}, "orphan", "household_id"),
    ("events", 0, {"kind": "扔了"}, "unknown_code", "kind"),
    ("events", 1, {"amount": ""}, "amount_missing", "amount"),
    ("events", 1, {"amount": "50000.01"}, "above_balance", "amount"),
    ("events", 1, {"on": "2021-12-31"}, "event_before_disbursement", "on"),
    ("events", 2, {"value": ""}, "bad_value", "value"),
    ("events", 2, {"value": "明年"}, "bad_value", "value"),
    ("events", 2, {"value": "2025-01-05"}, "extension_not_later", "value"),
    ("events", 3, {"value": "6"}, "bad_value", "value"),
    ("events", 5, {"value": "十"}, "bad_value", "value"),
    ("events", 5, {"value": "0.041"}, "rate_looks_like_a_fraction", "value"),
    ("events", 6, {"value": "托人"}, "bad_value", "value"),
    ("events", 6, {"loan_id": "L9"}, "orphan", "loan_id"),
    ("subsidies", 0, {"period_end": "2022-01-05"}, "dates_out_of_order", "period_end"),
    ("subsidies", 0, {"amount": "-1"}, "negative_amount", "amount"),
    ("subsidies", 0, {"loan_id": "L9"}, "orphan", "loan_id"),
    ("transfers", 0, {"loan_id": "L9"}, "orphan", "loan_id"),
    ("transfers", 0, {"to_kind": "外星人"}, "unknown_code", "to_kind"),
    ("insurance", 0, {"member_id": "M9"}, "orphan", "member_id"),
    ("insurance", 0, {"to": "2022-01-01"}, "dates_out_of_order", "to"),
    ("insurance_events", 0, {"policy_id": "P9"}, "orphan", "policy_id"),
    ("insurance_events", 0, {"claimed_on": "2022-04-30"}, "dates_out_of_order", "claimed_on"),
    ("fund", 1, {"loan_id": "L9"}, "orphan", "loan_id"),
    ("fund", 1, {"area_code": "522728101201"}, "bad_area_code", "area_code"),
    ("lenders", 0, {"npl_all": "100.01"}, "rate_out_of_range", "npl_all"),
    ("other_subsidies", 0, {"period_end": "2021-01-01"}, "dates_out_of_order", "period_end"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "cells", "code", "column"), CELLS)
def test_a_spoilt_cell_is_named(county, table, row, cells, code, column):
    found = county.put(table, row, **cells).problems()
    here = [
        problem
        for problem in found
        if (problem.file, problem.row, problem.column) == (f"{table}.csv", row + 2, column)
    ]
    assert [problem.code for problem in here] == [code]
    assert here[0].zh
    assert here[0].en
    assert all(problem.code in {code, "event_before_disbursement", "duplicate_key"} for problem in found), (
        found
    )


WARNINGS = [
    ("members", 0, {"id_number": "110105194912310021"}, "bad_id_number"),
    ("loans", 0, {"borrower_id_number": "110105194912310021"}, "bad_id_number"),
    ("loans", 1, {"principal": "3"}, "amount_looks_like_wan"),
    ("loans", 1, {"principal": "30000"}, "disbursed_over_principal"),
    ("events", 4, {"on": "2022-02-28"}, "disbursed_before_contract"),
    ("events", 6, {"recorded_on": "2023-01-31"}, "recorded_before_it_happened"),
]


@pytest.mark.parametrize(("table", "row", "cells", "code"), WARNINGS)
def test_what_is_odd_is_read_and_said(county, table, row, cells, code):
    warnings = read_facts(county.put(table, row, **cells).write()).warnings
    assert code in {warning.code for warning in warnings}
    at = ("events.csv", 6) if code == "disbursed_over_principal" else (f"{table}.csv", row + 2)
    assert at in {(warning.file, warning.row) for warning in warnings if warning.code == code}


def test_a_repeated_row_of_a_table_without_key_is_said(county):
    county.add("transfers")
    warnings = read_facts(county.write()).warnings
    assert [(warning.code, warning.row) for warning in warnings] == [("row_repeated", 3)]


def test_old_id_numbers_and_folded_ones_are_taken(county):
    county.put("members", 0, id_number="110105491231002").put(
        "loans", 0, borrower_id_number="１１０１０５ １９４９１２３１００２ｘ"
    )
    facts = read_facts(county.write())
    assert facts.members["id_number"][0] == "110105491231002"
    assert facts.loans["borrower_id_number"][0] == "11010519491231002X"
    assert facts.warnings == ()


def test_keys_that_differ_are_all_wrong_and_alike_ones_but_the_first(county):
    county.add("households", household_id="H2", head_name="丙某")
    county.add("roster")
    found = [(problem.file, problem.row, problem.code) for problem in county.problems()]
    assert found == [
        ("households.csv", 3, "duplicate_key"),
        ("households.csv", 4, "duplicate_key"),
        ("roster.csv", 4, "duplicate_key"),
    ]


def test_a_bad_row_still_counts_for_those_that_refer_to_it(county):
    found = county.put("households", 0, area_code="x").problems()
    assert [problem.code for problem in found] == ["bad_area_code"]


def test_a_loan_with_a_bad_event_is_passed_over_in_the_ledger(county):
    found = county.put("events", 0, on="2022-02-30").problems()
    assert [problem.code for problem in found] == ["bad_date"]


def test_every_repayment_above_the_balance_is_told(county):
    for amount in ("40000", "20000", "30000.50", "0.01"):
        county.add(
            "events", loan_id="L2", on="2022-06-01", kind="repaid", amount=amount, value="", recorded_on=""
        )
    found = county.problems()
    assert [(problem.row, problem.code) for problem in found] == [
        (9, "above_balance"),
        (11, "above_balance"),
    ]
    assert "30000.50" in found[0].zh


def test_disbursement_comes_first_on_its_day(county):
    rows = county.rows["events"]
    rows.insert(0, {**rows[4], "kind": "repaid", "amount": "30000.50"})
    assert read_facts(county.write()).events.height == 8


def test_all_problems_come_at_once(county):
    for table, row, cells, _, _ in CELLS[:4]:
        county.put(table, row, **cells)
    county.put("loans", 0, rate="x").put("subsidies", 0, loan_id="L9")
    assert {problem.code for problem in county.problems()} == {
        "bad_area_code",
        "unknown_code",
        "bad_rate",
        "orphan",
        "bad_count",
    } - {"bad_count"}


def headers(county, table: str, old: str, new: str) -> Path:
    return county.write(header=lambda name, column: new if (name, column) == (table, old) else column)


@pytest.mark.parametrize(
    ("table", "old", "new", "codes"),
    [
        ("loans", "purpose", "目的", {"unknown_column"}),
        ("loans", "principal", "principle", {"unknown_column", "missing_column"}),
        ("loans", "purpose", "贷款利率", {"column_twice"}),
        ("loans", "principal", "贷款金额（千元）", {"unknown_unit"}),
        ("loans", "principal", "贷款金额（美元）", {"unknown_unit"}),
        ("loans", "rate", "月利率（‰）", {"unknown_column", "missing_column"}),
        ("loans", "rate", "利率（‰）", {"unknown_unit"}),
        ("events", "amount", "多少钱", {"unknown_column", "missing_column"}),
        ("loans", "household_id", "", {"unknown_column", "missing_column"}),
    ],
)
def test_headers_that_cannot_be_taken(county, refused, table, old, new, codes):
    assert set(refused(headers(county, table, old, new))) == codes


def test_a_column_without_unit_beside_wan_is_refused(county, refused):
    county.rows["events"] = county.rows["events"][:1]
    renamed = {("loans", "principal"): "贷款金额", ("loans", "subsidy_ceiling"): "贴息本金上限（万元）"}
    county.put("loans", 1, subsidy_ceiling="8")
    assert refused(county.write(header=lambda *place: renamed.get(place, place[1]))) == ["unit_unclear"]
    renamed["loans", "principal"] = "贷款金额（元）"
    assert (
        read_facts(county.write(header=lambda *place: renamed.get(place, place[1]))).loans[
            "subsidy_ceiling_fen"
        ][1]
        == 8_000_000
    )


def test_suggestions_are_given(county):
    with pytest.raises(BadFacts) as bad:
        read_facts(headers(county, "loans", "purpose", "贷款的用途"))
    assert "贷款用途" in bad.value.problems[0].zh
    assert "贷款用途" in bad.value.problems[0].en


def spoil(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder


ZIP_TOO_LARGE = b'<c r="XFD1048576"><v>1</v></c>'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("loans.csv", b"", "empty_file"),
        ("loans.csv", b" \n\n ", "empty_file"),
        ("loans.csv", b"a\x00b", "not_text"),
        ("loans.csv", "loan_id".encode("utf-16"), "wrong_encoding"),
        ("loans.csv", b"loan_id,\xff\xff\n1,2\n", "wrong_encoding"),
        ("loans.csv", "loan_id,备注\n某某某,某某某".encode()[:-1] + b"\n", "damaged_text"),
        ("loans.csv", b"\xef\xbb\xbfloan_id\n\xb0\xa1\n", "damaged_text"),
        ("loans.csv", b'loan_id,household_id\n"L1,H1\n', "broken_quotes"),
        ("loans.csv", b'loan_id,household_id\n"L1"x,H1\n', "broken_quotes"),
        ("loans.csv", b"1,2\n3,4\n", "no_header"),
        ("laons.csv", b"1,2\n3,4\n", "unknown_file"),
        ("extra.xlsx", b"PK\x03\x04 not a zip", "unreadable"),
        ("extra.xlsx", b"loan_id,household_id\n", "unreadable"),
        ("extra.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "unreadable"),
        ("extra.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked"),
        ("loans.parquet", b"PAR1 and nothing PAR1", "unreadable"),
        ("loans.parquet", b"loan_id\n", "unreadable"),
        ("loans.parquet", b"", "empty_file"),
    ],
)
def test_files_that_cannot_be_opened(county, refused, name, data, code):
    folder = county.write()
    if name.startswith("loans"):
        (folder / "loans.csv").unlink()
    found = refused(spoil(folder, name, data))
    assert code in found
    assert {problem for problem in found if problem not in {code, "orphan"}} == set()


def test_too_few_and_too_many_cells(county):
    folder = county.write()
    file = folder / "transfers.csv"
    file.write_text(file.read_text() + "L1,2022-01-06,1\nL1,2022-01-06,1,,,,,,x\n")
    with pytest.raises(BadFacts) as bad:
        read_facts(folder)
    assert [(problem.code, problem.row) for problem in bad.value.problems] == [
        ("wrong_number_of_cells", 3),
        ("wrong_number_of_cells", 4),
    ]


def test_places_that_are_no_facts(tmp_path, refused):
    assert refused(tmp_path / "nowhere") == ["not_found"]
    assert refused("\x00") == ["not_found"]
    assert refused("x" * 5000) == ["not_found"]
    (tmp_path / "a.txt").write_text("x")
    assert refused(tmp_path / "a.txt") == ["not_facts"]
    assert refused(tmp_path) == ["empty_folder"]


def test_required_tables(county, refused):
    del county.rows["events"], county.rows["insurance"]
    assert refused(county.write()) == ["missing_table", "missing_table"]


def test_the_same_table_twice(county, refused):
    folder = county.write()
    (folder / "贷款.csv").write_bytes((folder / "loans.csv").read_bytes())
    assert refused(folder) == ["table_twice"]


def book_of(county, path: Path, cell: dict[tuple[str, int, str], object], sheet_named: str = "") -> Path:
    """The county as a workbook of text cells, with some cells as given."""
    with xlsxwriter.Workbook(str(path)) as book:
        percent = book.add_format({"num_format": "0.00%"})
        for name, rows in county.rows.items():
            sheet = book.add_worksheet(sheet_named if name == "transfers" and sheet_named else name)
            for place, column in enumerate(rows[0]):
                sheet.write_string(0, place, column)
                for below, row in enumerate(rows):
                    given = cell.get((name, below, column), row.get(column, ""))
                    if isinstance(given, str) and given.startswith("="):
                        sheet.write_formula(below + 1, place, given, None, "#DIV/0!")
                    elif isinstance(given, str):
                        sheet.write_string(below + 1, place, given)
                    else:
                        sheet.write(below + 1, place, given, percent if column == "rate" else None)
    return path


@pytest.mark.parametrize(
    ("place", "given", "code"),
    [
        (("members", 0, "id_number"), 110105194912310021, "id_number_as_number"),
        (("members", 0, "id_number"), 110105491231002, "id_number_as_number"),
        (("transfers", 0, "to_account"), 6217000010001234567, "number_lost_digits"),
        (("loans", 0, "rate"), 0.0385, "rate_looks_like_a_fraction"),
        (("lenders", 0, "npl_all"), 0.021, "rate_looks_like_a_fraction"),
        (("loans", 0, "principal"), "=1/0", "cell_error"),
        (("loans", 0, "contract_on"), 44566, "bad_date"),
        (("loans", 0, "purpose"), True, "unknown_code"),
    ],
)
def test_cells_of_a_workbook(county, tmp_path, place, given, code):
    with pytest.raises(BadFacts) as bad:
        read_facts(book_of(county, tmp_path / "b.xlsx", {place: given}))
    found = [(problem.code, problem.sheet, problem.row, problem.column) for problem in bad.value.problems]
    assert (code, place[0], place[1] + 2, place[2]) in found
    assert len(found) <= 2


def test_numeric_identifiers_and_codes_are_taken(county, tmp_path):
    facts = read_facts(book_of(county, tmp_path / "b.xlsx", {("households", 0, "area_code"): 522728101201}))
    assert facts.households["area_code"][0] == "522728101201"


def test_unknown_sheet(county, tmp_path, refused):
    assert refused(book_of(county, tmp_path / "b.xlsx", {}, "transfer表")) == ["unknown_sheet"]
    assert [
        warning.code for warning in read_facts(book_of(county, tmp_path / "b.xlsx", {}, "说明")).warnings
    ] == ["sheet_skipped"]


def test_a_sheet_that_would_unpack_to_too_much(county, tmp_path, refused):
    path = book_of(county, tmp_path / "b.xlsx", {})
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert refused(edited(path, "sheet1.xml", b"</sheetData>", far)) == ["too_large"]


def test_parquet_of_an_unfit_type(county, refused):
    folder = county.write()
    (folder / "transfers.csv").unlink()
    pl.DataFrame({"loan_id": [["L1"]], "on": ["2022-01-01"]}).write_parquet(folder / "transfers.parquet")
    assert refused(folder) == ["bad_column_type"]
    pl.DataFrame({"loan_id": ["L1"], "on": ["2022-01-01"], "amount": [1], "to_account": [1.5]}).write_parquet(
        folder / "transfers.parquet"
    )
    assert read_facts(folder).transfers["amount_fen"].to_list() == [100]


def test_parquet_id_numbers_as_numbers(county, refused):
    folder = county.write()
    (folder / "members.csv").unlink()
    pl.DataFrame(
        {"member_id": ["M1", "M2"], "household_id": ["H1", "H2"], "id_number": [110105194912310021, None]}
    ).write_parquet(folder / "members.parquet")
    assert refused(folder) == ["id_number_as_number"]


def test_personal_values_are_masked(county):
    county.put("members", 0, id_number="11010519491331002X", relation="11010519491231002X张三丰")
    county.put("transfers", 0, to_account="6217000010001234567", loan_id="L9")
    for problem in county.problems():
        told = f"{problem} {problem.sentence()} {problem.sentence('en')}"
        assert "1949" not in told
        assert "6217000010001234567" not in told


def test_long_values_are_shortened(county):
    found = county.put("loans", 0, rate="乱" * 300).problems()
    assert len(found[0].value) <= 24


def edited(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename.endswith(part):
                data = data.replace(old, new)
            target.writestr(entry, data)
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize("rest", [b"", b"<v></v>", b"<v/>"])
def test_a_formula_that_nobody_computed_is_no_empty_cell(county, tmp_path, rest):
    path = book_of(county, tmp_path / "b.xlsx", {("transfers", 0, "to_kind"): "=1+1"})
    with pytest.raises(BadFacts) as bad:
        read_facts(edited(path, ".xml", b"<v>#DIV/0!</v>", rest))
    found = [(problem.code, problem.sheet, problem.row, problem.column) for problem in bad.value.problems]
    assert found == [("cell_error", "transfers", 2, "to_kind")]


def test_remains_of_a_formula_are_not_rounded(county, tmp_path):
    path = book_of(county, tmp_path / "b.xlsx", {("transfers", 0, "amount"): 4321})
    with pytest.raises(BadFacts) as bad:
        read_facts(edited(path, ".xml", b"<v>4321</v>", b"<v>0.30000000000000004</v>"))
    assert [(problem.code, problem.row) for problem in bad.value.problems] == [("too_many_decimals", 2)]


def test_openpyxl_percent_cell(county, tmp_path):
    path = book_of(county, tmp_path / "b.xlsx", {})
    book = openpyxl.load_workbook(path)
    cell = book["loans"]["K2"]
    assert book["loans"]["K1"].value == "rate"
    cell.value, cell.number_format = 0.0385, "0.00%"
    book.save(path)
    with pytest.raises(BadFacts) as bad:
        read_facts(path)
    assert [problem.code for problem in bad.value.problems] == ["rate_looks_like_a_fraction"]


def test_every_code_has_both_wordings_and_a_test():
    here = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    for code, wording in REGISTER.items():
        assert wording.zh
        assert wording.en
        assert f'"{code}"' in here, code
