"""The reports of a cycle: what is summed, what never is, to whom refunds go; the same rows on screen and paper."""

from __future__ import annotations

from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reports.papers_made import pages
from tests.reports.test_papers import says

from bangfu.reports.subsidy_cycle import (
    KINDS,
    Heading,
    Report,
    ReportedLine,
    Said,
    by_payer,
    by_place,
    by_regime,
    differences,
    quarter_list,
    refunds,
    report_of,
    report_pdf,
    shown,
    write_report_book,
    yearly,
)
from bangfu.reports.subsidy_cycle.writing import TooLongForPaper

HEAD = Heading(place="罗甸县", period="2024年第二季度", made_on=date(2024, 7, 31))
TOWNSHIPS = {"522728100": "龙坪镇", "522728101": "边阳镇"}


def line(number: int, **changed: Any) -> ReportedLine:
    """A line of 50,000 yuan at 4.45 % over 92 days, paid by the county."""
    values: dict[str, Any] = {
        "id": f"line-{number}", "list_id": "list-1", "cycle": "2024年第二季度", "cycle_start": date(2024, 3, 21),
        "number": number, "kind": "regular", "status": "open", "township": "522728100", "township_name": "龙坪镇",
        "village": "522728100201", "village_name": "五星村", "branch": "龙坪信用社", "household_id": f"H{number}",
        "borrower": "韦国强", "loan_id": f"L{number}", "product": "transition", "start": date(2024, 3, 21),
        "end": date(2024, 6, 21), "days": 92, "rate_e8": 4_450_000, "interest_fen": 56_861,
        "by_payer": {"county": 56_861}, "subsidy_fen": 56_861, "borrower_fen": 0, "held_back_fen": 0,
        "payable_fen": 56_861, "payable_by": {"county": 56_861},
    }  # fmt: skip
    if "township" in changed:
        changed.setdefault("township_name", TOWNSHIPS[changed["township"]])
        changed.setdefault("village", f"{changed['township']}201")
    return ReportedLine(**{**values, **changed})


def corrected(number: int, **changed: Any) -> ReportedLine:
    """A recovery of 5.21 yuan from the county and 1.00 yuan that the borrower was charged too much."""
    values: dict[str, Any] = {
        "kind": "recovery", "interest_fen": -621, "by_payer": {"county": -521}, "subsidy_fen": -521,
        "borrower_fen": -100, "payable_fen": -521, "payable_by": {"county": -521},
        "ground": Said("利率算高", "rate too high"),
    }  # fmt: skip
    return line(number, **{**values, **changed})


SOME = (
    line(1), line(2, status="held", status_reason="异议"), line(3, status="excluded", status_reason="已迁出"),
    line(4, status="carried"), line(5, township="522728101"), corrected(6),
    line(7, product="poverty", by_payer={"fiscal": 1_000}, subsidy_fen=1_000, payable_fen=1_000,
         payable_by={"fiscal": 1_000}),
    line(8, claimed_fen=57_000, difference=Said("按年利率计日", "daily rate"), explanation="系统参数"),
    line(9, claimed_fen=56_000, held_back_fen=6_861, payable_fen=50_000, payable_by={"county": 50_000}),
    line(10, household_id="H1", claimed_fen=56_861, paid_fen=56_861),
)  # fmt: skip


def cells(report: Report, *, of: str) -> list[Any]:
    """The cells of the row whose first cell says so."""
    found = [one.cells for one in report.rows if shown(one.cells[0], "text").startswith(of)]
    return list(found[-1])


def test_each_line_stands_once_in_the_list_and_old_and_new_are_not_added():
    report = quarter_list(SOME[::-1], HEAD)
    lines = [one for one in report.rows if not one.total]
    assert sorted(one.ids[0] for one in lines) == sorted(one.id for one in SOME)
    assert cells(report, of="老政策合计")[14] == 1_000
    new = cells(report, of="新政策合计")
    assert (new[0].zh, new[14]) == ("新政策合计 9 笔", 56_861 * 4 + 50_000)
    assert new[15] == 521
    assert [one.cells[0] for one in lines] == [1, *range(1, 10)]


def test_places_stand_in_the_order_of_their_codes():
    report = by_place(SOME, HEAD)
    assert [shown(one.cells[0], "text") + "/" + shown(one.cells[1], "text") for one in report.rows] == [
        "老政策/龙坪镇", "龙坪镇 小计/", "老政策合计/",
        "新政策/龙坪镇", "龙坪镇 小计/", "新政策/边阳镇", "边阳镇 小计/", "新政策合计/",
    ]  # fmt: skip
    # households, lines, interest, subsidy, held back, payable, held, excluded, carried, to recover
    assert cells(report, of="新政策合计")[3:] == [
        8, 9, 8 * 56_861 - 621, 8 * 56_861 - 521, 6_861, 56_861 * 4 + 50_000, 56_861, 56_861, 56_861, 521,
    ]  # fmt: skip


def test_a_household_with_two_loans_is_counted_once_in_a_row():
    assert cells(by_regime(SOME, HEAD), of="新政策")[2:4] == [8, 9]


def test_payers_pay_what_goes_on_and_get_back_what_is_recovered():
    lines = (
        line(
            1,
            by_payer={"central": 40_000, "county": 16_861},
            payable_by={"central": 40_000, "county": 16_861},
        ),
        corrected(2),
        line(3, status="held"),
    )
    report = by_payer(lines, HEAD)
    assert [(shown(one.cells[1], "text"), one.cells[2:]) for one in report.rows] == [
        ("中央财政", (1, 40_000, 40_000, 0)),
        ("县级财政", (3, 16_861 + 56_861, 16_861, 521)),
        ("", (None, 2 * 56_861, 56_861, 521)),
    ]
    assert report.rows[1].ids == ("line-1", "line-2", "line-3")


def test_differences_show_both_figures_the_reason_and_what_the_branch_says():
    report = differences(SOME, HEAD)
    told = [one.cells[5:] for one in report.rows]
    assert told == [
        (57_000, 56_861, 139, 0, Said("按年利率计日", "daily rate"), "系统参数"),
        (56_000, 56_861, 0, 861, Said("未说明", "not said"), ""),
        (113_000, 113_722, 139, 861, None, None),
    ]


def test_a_refund_goes_to_whoever_bore_it_and_stands_once():
    report = refunds(SOME, HEAD)
    assert [(shown(one.cells[6], "text"), one.cells[7]) for one in report.rows] == [
        ("县级财政", 521), ("借款人", 100), ("", 621),
    ]  # fmt: skip
    assert refunds((corrected(1, status="excluded"),), HEAD).rows == ()


def test_the_year_goes_from_cycle_to_cycle():
    first = line(11, cycle="2024年第一季度", cycle_start=date(2023, 12, 21), paid_fen=56_861)
    report = yearly((*SOME, first), HEAD)
    assert [shown(one.cells[1], "text") for one in report.rows] == [
        "2024年第二季度", "", "2024年第一季度", "2024年第二季度", "",
    ]  # fmt: skip
    assert cells(report, of="新政策合计")[-2:] == [2 * 56_861, 0]


@pytest.mark.parametrize("code", KINDS)
def test_every_report_prints_and_opens_as_it_shows(code, tmp_path):
    report = report_of(code, SOME, HEAD)
    path = tmp_path / "report.xlsx"
    write_report_book([report], path, note="取用：王小芳 2024-07-31 归档")
    plain = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    body = list(plain.iter_rows(min_row=5, values_only=True))[: len(report.rows)]
    for row, wanted in zip(body, report.rows, strict=True):
        for value, cell, column in zip(row, wanted.cells, report.columns, strict=True):
            if isinstance(cell, int) and column.kind == "money":
                assert round(value * 100) == cell
    text = "".join(pages(report_pdf(report)))
    says(text, f"罗甸县{report.title.zh}", "2024年第二季度", *(one.zh for one in report.notes))
    assert [one.head.zh for one in report.columns if "".join(one.head.zh.split()) not in text] == []
    for row in report.rows:
        says(text, *(shown(cell, one.kind) for cell, one in zip(row.cells, report.columns, strict=True)))


def test_sums_in_the_workbook_are_formulas_over_their_own_block(tmp_path):
    report = by_place(SOME, HEAD)
    path = tmp_path / "report.xlsx"
    write_report_book([report], path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    first, place = 4, len(report.columns)
    for number, row in enumerate(report.rows):
        value = sheet.cell(first + number, place).value
        if row.since is not None:
            letter = sheet.cell(first, place).column_letter
            assert value == f"=SUBTOTAL(9,{letter}{first + row.since}:{letter}{first + number - 1})"
        else:
            assert not isinstance(value, str)


def test_an_empty_report_says_so(tmp_path):
    for code in KINDS:
        report = report_of(code, (), HEAD)
        assert report.rows == ()
        says("".join(pages(report_pdf(report))), "本期无。")
        write_report_book([report], tmp_path / f"{code}.xlsx")


def test_a_report_longer_than_paper_is_for_the_workbook():
    with pytest.raises(TooLongForPaper):
        report_pdf(quarter_list([line(n) for n in range(3_001)], HEAD))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["poverty", "transition", "assistance"]), st.sampled_from(sorted(TOWNSHIPS)),
            st.sampled_from(["open", "held", "excluded", "carried"]), st.integers(-1_000, 100_000),
            st.integers(0, 100_000),
        ),
        max_size=30,
    )
)  # fmt: skip
@settings(deadline=None, max_examples=60, derandomize=True)
def test_every_row_of_sums_is_the_sum_of_its_block(drawn):
    lines = [
        line(
            number, product=product, township=township, status=status, payable_fen=payable, subsidy_fen=payable,
            by_payer={"county": payable}, payable_by={"county": payable}, claimed_fen=claimed,
            kind="recovery" if payable < 0 else "regular",
        )
        for number, (product, township, status, payable, claimed) in enumerate(drawn)
    ]  # fmt: skip
    for code in KINDS:
        report = report_of(code, lines, HEAD)
        for place, row in enumerate(report.rows):
            if row.since is None:
                continue
            block = [one for one in report.rows[row.since : place] if not one.total]
            for at, column in enumerate(report.columns):
                if column.summed:
                    assert row.cells[at] == sum(one.cells[at] for one in block)
            assert set(row.ids) == {one for before in block for one in before.ids}
