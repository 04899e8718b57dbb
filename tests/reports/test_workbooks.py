"""The workbooks: what a county files, exact, printable, and safe to open."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from bangfu.engine.audit import audit
from bangfu.engine.monitor import monitor
from bangfu.engine.subsidy import subsidy
from bangfu.facts import read_facts
from bangfu.policy import load_book
from bangfu.refusals import CODES
from bangfu.reports.audit import GROUPS, STATISTICS, refunds, write_audit_book
from bangfu.reports.basis import cited
from bangfu.reports.fact_words import CODE_WORDS, FACT_WORDS, facts_words
from bangfu.reports.monitor import write_monitor_book
from bangfu.reports.paper import Column, TooManyRows, Workbook, lines_of
from bangfu.reports.subsidy import write_subsidy_book
from bangfu.reports.tables import write_subsidy_table
from bangfu.synthetic import generate

START, END, AS_OF = date(2026, 3, 21), date(2026, 6, 21), date(2026, 6, 30)
HEADER_ROW = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A county's facts and book, with a household whose head's name looks like a formula."""
    folder = tmp_path_factory.mktemp("county")
    summary = generate(out=folder, loans=400, seed=5)
    homes = folder / "households.csv"
    text = homes.read_text(encoding="utf-8").splitlines()
    place = text[0].split(",").index("head_name")
    for number in range(1, len(text)):
        cells = text[number].split(",")
        cells[place] = "=1+1" if number % 2 else "@SUM(A1)"
        text[number] = ",".join(cells)
    homes.write_text("\n".join(text) + "\n", encoding="utf-8")
    return read_facts(summary.facts), load_book([summary.packs])


@pytest.fixture(scope="module")
def listed(made, tmp_path_factory):
    facts, book = made
    result = subsidy(facts, book, start=START, end=END)
    path = tmp_path_factory.mktemp("list") / "list.xlsx"
    write_subsidy_book(result, facts=facts, policy=book, path=path, office="示范县财政局")
    return result, openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def audited(made, tmp_path_factory):
    facts, book = made
    result = audit(facts, book, as_of=AS_OF)
    path = tmp_path_factory.mktemp("audit") / "audit.xlsx"
    write_audit_book(result, facts=facts, policy=book, path=path)
    return result, openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


def fen(value) -> int:
    return int((Decimal(str(value)) * 100).to_integral_exact())


def headers(sheet, row=HEADER_ROW) -> list[str]:
    return [str(cell.value).replace("\n", "") for cell in sheet[row]]


def test_the_list_has_its_sheets_heads_and_signatures(listed):
    _, book, _ = listed
    assert book.sheetnames == [
        "脱贫人口小额信贷",
        "帮扶小额信贷",
        "分乡镇汇总",
        "不能计算",
        "逐笔依据",
        "条款内容",
    ]
    sheet = book["脱贫人口小额信贷"]
    assert sheet["A1"].value == "脱贫人口小额信贷贴息清册"
    assert "自2026年3月21日起至2026年6月21日止" in sheet["A2"].value
    assert "示范县财政局" in sheet["A2"].value
    assert "单位：元" in sheet["A2"].value
    wanted = [
        "序号",
        "村（区划代码）",
        "户编号",
        "户主姓名",
        "借款合同号",
        "贷款余额",
        "可贴息本金",
        "年利率%",
    ]
    assert headers(sheet)[: len(wanted)] == wanted
    assert {"应计利息", "县级财政贴息", "贴息合计", "借款人承担", "暂扣", "依据条款"} <= set(headers(sheet))
    last = str(sheet.cell(sheet.max_row, 1).value)
    assert all(word in last for word in ("经办人", "审核人", "主要领导签字", "分管领导签字", "盖章", "年"))


def test_the_list_prints(listed):
    _, book, _ = listed
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 0) in ((1, 0), (1, 1))
        assert sheet.print_title_rows
        assert "&P" in sheet.oddFooter.center.text
        assert sheet.freeze_panes is not None


def test_the_list_is_exact_and_complete(listed):
    result, _, values = listed
    told = {}
    for name in ("脱贫人口小额信贷", "帮扶小额信贷"):
        sheet = values[name]
        head = headers(sheet)
        for row in sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True):
            if isinstance(row[0], int):
                told[row[head.index("借款合同号")]] = [
                    fen(row[head.index(one)]) for one in ("应计利息", "贴息合计", "借款人承担", "暂扣")
                ]
    columns = ("interest_fen", "subsidy_fen", "borrower_fen", "held_back_fen")
    listed_lines = {
        row["loan_id"]: [row[name] for name in columns] for row in result.lines.iter_rows(named=True)
    }
    settled = {loan for loan, amounts in listed_lines.items() if amounts[0] == 0}
    assert told == {loan: amounts for loan, amounts in listed_lines.items() if loan not in settled}
    notes = [str(row[0]) for row in values["分乡镇汇总"].iter_rows(values_only=True)]
    assert any(f"另有 {len(settled)} 笔" in note for note in notes) is bool(settled)


def test_totals_are_formulas_with_their_values(listed):
    result, formulas, values = listed
    for name in ("脱贫人口小额信贷", "帮扶小额信贷", "分乡镇汇总"):
        sheet, known = formulas[name], values[name]
        place = headers(sheet).index("贴息合计")
        totals = [
            row for row in sheet.iter_rows(min_row=HEADER_ROW + 1) if str(row[0].value).startswith("合计")
        ]
        assert len(totals) == 1
        cell = totals[0][place]
        assert re.fullmatch(r"=SUBTOTAL\(9,[A-Z]+4:[A-Z]+\d+\)", cell.value)
        rows = (
            result.lines
            if name == "分乡镇汇总"
            else result.lines.filter(
                pl.col("product") == {"脱贫人口小额信贷": "transition", "帮扶小额信贷": "assistance"}[name]
            )
        )
        assert fen(known[cell.coordinate].value) == rows["subsidy_fen"].sum()


def test_places_stand_in_the_order_of_their_codes(listed):
    _, _, values = listed
    for name, column in (("脱贫人口小额信贷", "村（区划代码）"), ("帮扶小额信贷", "村（区划代码）")):
        sheet = values[name]
        place = headers(sheet).index(column)
        rows = [
            row
            for row in sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True)
            if isinstance(row[0], int)
        ]
        assert [row[place] for row in rows] == sorted(row[place] for row in rows)


def test_text_is_never_a_formula(listed):
    _, book, _ = listed
    sheet = book["脱贫人口小额信贷"]
    names = [cell for cell in sheet["D"][HEADER_ROW:] if cell.value in ("=1+1", "@SUM(A1)")]
    assert names
    assert all(cell.data_type == "s" for cell in names)


def test_every_line_has_its_basis_and_every_clause_its_words(listed, made):
    result, book, _ = listed
    assert book["逐笔依据"].max_row >= result.lines.filter(pl.col("interest_fen") > 0).height
    rows = {row[0].value: row for row in book["条款内容"].iter_rows(min_row=3) if row[0].value}
    for citation in cited((*result.lines["clauses"], *result.refusals["clauses"])):
        clause = made[1].clause(citation)
        assert rows[citation][2].value == clause.zh
        assert rows[citation][3].value == clause.text
        assert rows[citation][5].value == made[1].packs[citation.partition("-")[0]].title


@pytest.mark.parametrize("language", ["zh", "en"])
def test_csv_is_in_yuan_and_disarmed(listed, tmp_path, language):
    result, _, _ = listed
    risky = result.lines.with_columns(pl.lit("=cmd()").alias("household_id"))
    write_subsidy_table(risky, tmp_path / "list.csv", language=language)
    text = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    first = result.lines.row(0, named=True)
    head, cells = text[0].split(","), text[1].split(",")
    assert ("loan_id" in head) is (language == "en")
    assert "'=cmd()" in cells
    assert f"{first['interest_fen'] / 100:.2f}" in cells


def test_parquet_keeps_fen(listed, tmp_path):
    result, _, _ = listed
    write_subsidy_table(result.lines, tmp_path / "list.parquet", language="zh")
    back = pl.read_parquet(tmp_path / "list.parquet")
    assert back["interest_fen"].to_list() == result.lines["interest_fen"].to_list()
    assert "stack_no" not in back.columns


def test_the_audit_has_every_finding_once(audited):
    result, _, values = audited
    told = 0
    for group in GROUPS:
        if group in values.sheetnames:
            told += sum(
                isinstance(row[0], int) for row in values[group].iter_rows(min_row=3, values_only=True)
            )
    assert told == result.findings.height


def test_the_refund_list_is_to_the_fen_and_says_who_gets_it(audited):
    result, _, values = audited
    due = refunds(result.findings)
    assert {one.to for one in due} == {"借款人", "财政"}
    sheet = values["清退清单"]
    place = headers(sheet).index("应退金额")
    rows = [
        row for row in sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True) if isinstance(row[0], int)
    ]
    assert [fen(row[place]) for row in rows] == [
        one.amount_fen for to in ("借款人", "财政") for one in due if one.to == to
    ]
    over = result.findings.filter(pl.col("code") == "interest_overcharged")
    assert (
        sum(one.amount_fen for one in due if one.code == "interest_overcharged") == over["amount_fen"].sum()
    )


def test_statistics_are_explained_where_they_stand(audited):
    _, book, _ = audited
    notes = [str(row[0].value) for row in book["统计异常"].iter_rows(max_row=6)]
    assert any(note == STATISTICS["overdue_outlier"] for note in notes)


def test_no_id_number_stands_in_full(audited, listed):
    for _, book, _ in (audited, listed):
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                assert not [cell for cell in row if re.search(r"(?<!\d)\d{17}[\dX](?!\d)", str(cell))]


def test_every_code_has_its_group():
    grouped = [code for codes in GROUPS.values() for code in codes]
    assert sorted(grouped) == sorted(CODES)


def test_every_fact_has_its_word(audited, listed):
    names: set[str] = set()
    for told in (*audited[0].findings["facts"], *listed[0].refusals["facts"]):
        names |= set(re.findall(r'"(\w+)": ?', told))
    assert names - set(FACT_WORDS) == set()


def test_every_code_of_a_term_has_its_word(made):
    written = [
        dated.value for pack in made[1].packs.values() for several in pack.terms.values() for dated in several
    ]
    codes = {
        code
        for value in written
        for code in (value if isinstance(value, tuple) else (value,))
        if type(code) is str
    }
    assert codes - set(CODE_WORDS) == set()


def test_facts_read_as_words():
    told = facts_words(
        '{"loan_kind": "renewal", "missed": true, "households": 12000, "paid_on": null, "rate": "3.85"}'
    )
    assert (
        told == f"{FACT_WORDS['loan_kind']} {CODE_WORDS['renewal']}；未告知次数 是；户数 12,000；利率% 3.85"
    )


def test_the_monitor_ranks_nothing(made, tmp_path):
    facts, book = made
    result = monitor(facts, book, as_of=AS_OF)
    write_monitor_book(result, policy=book, path=tmp_path / "m.xlsx")
    read = openpyxl.load_workbook(tmp_path / "m.xlsx", data_only=True)
    assert read.sheetnames[0] == "不良与逾期"
    rows = [
        row
        for row in read["不良与逾期"].iter_rows(min_row=HEADER_ROW + 1, values_only=True)
        if row[4] is not None
    ]
    areas = [row[0] for row in rows if not str(row[0]).startswith("合计")]
    assert areas == sorted(areas)
    assert {"到期提醒", "警报", "风险补偿金", "条款内容"} <= set(read.sheetnames)


def test_an_empty_list_says_so(made, tmp_path):
    facts, book = made
    result = subsidy(facts, book, start=date(2010, 1, 1), end=date(2010, 4, 1))
    write_subsidy_book(result, facts=facts, policy=book, path=tmp_path / "empty.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "empty.xlsx").worksheets[0]
    assert "本期无应贴息贷款" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_the_same_list_gives_the_same_file(made, tmp_path):
    facts, book = made
    result = subsidy(facts, book, start=START, end=END)
    files = []
    for name in ("one.xlsx", "two.xlsx"):
        write_subsidy_book(result, facts=facts, policy=book, path=tmp_path / name)
        files.append(Path(tmp_path / name).read_bytes())
    assert files[0] == files[1]


def test_a_sheet_ends_where_a_sheet_ends(tmp_path):
    book = Workbook(tmp_path / "long.xlsx", title="t", made_on=AS_OF)
    sheet = book.sheet("a", (Column("x", 5),), title="t")
    sheet.row = 1_048_576
    with pytest.raises(TooManyRows):
        sheet.add(("y",))


def test_sheet_names_are_made_to_fit(tmp_path):
    with Workbook(tmp_path / "names.xlsx", title="t", made_on=AS_OF) as book:
        for _ in range(2):
            book.sheet("很长的名称[含]不许的字符/" * 3, (Column("x", 5),), title="t")
    names = openpyxl.load_workbook(tmp_path / "names.xlsx").sheetnames
    assert len(set(names)) == 2
    assert all(len(name) <= 31 for name in names)


def test_lines_of_text_are_counted_by_width():
    assert [lines_of(text, 10) for text in ("", "abc", "一二三四五", "一二三四五六", "a\nb")] == [
        1,
        1,
        1,
        2,
        2,
    ]
