"""The template opens, is filled, and is read; its example rows and its guide are passed over and said."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from bangfu.facts import TABLES, read_facts, write_template


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "template.xlsx"
    write_template(path)
    return path


def test_an_unfilled_template_has_no_rows_and_imports_no_example(book):
    facts = read_facts(book)
    assert all(frame.is_empty() for frame in facts.tables.values())
    assert facts.missing == frozenset(name for name, table in TABLES.items() if not table.required)
    codes = [warning.code for warning in facts.warnings]
    assert codes == ["sheet_skipped"] + ["example_row_skipped"] * len(TABLES)


def test_a_filled_template_is_read(book):
    filled = openpyxl.load_workbook(book)
    filled["农户"].append(["H1", "522728101201", "甲某", 2, "因病"])
    filled["名单"].append(["H1", "脱贫户", date(2014, 1, 1)])
    row = {
        "贷款编号": "L1", "户编号": "H1", "借款人身份证号": "11010519491231002X", "贷款银行": "某信用社",
        "贷款产品": "脱贫人口小额信贷", "贷款类型": "新增", "合同签订日期": date(2022, 1, 5),
        "到期日期": date(2025, 1, 5), "贷款金额": 50000.5, "年利率": 3.85, "计息方式": "按日计息（360天）",
        "贷款用途": "养殖", "担保方式": "免担保",
    }  # fmt: skip
    headers = [cell.value for cell in filled["贷款"][1]]
    filled["贷款"].append(
        [next((value for name, value in row.items() if header.startswith(name)), None) for header in headers]
    )
    filled["贷款流水"].append(["L1", date(2022, 1, 5), "发放", 50000.5])
    filled.save(book)
    facts = read_facts(book)
    assert facts.loans.select("loan_id", "principal_fen", "rate_e8", "contract_on", "guarantee").rows() == [
        ("L1", 5_000_050, 3_850_000, date(2022, 1, 5), "none")
    ]
    assert facts.events["amount_fen"].to_list() == [5_000_050]
    assert facts.missing == frozenset(TABLES) - {"households", "roster", "loans", "events"}


def test_sheets_guide_headers_and_lists(book):
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == ["填表说明", *(table.zh for table in TABLES.values())]
    for table in TABLES.values():
        sheet = opened[table.zh]
        assert sheet.freeze_panes == "A2"
        assert str(sheet["A2"].value).startswith("示例")
        lists = {str(rule.sqref).partition("3:")[0]: rule for rule in sheet.data_validations.dataValidation}
        for cell, column in zip(sheet[1], table.columns, strict=True):
            assert cell.value == column.zh_header + ("*" if column.required else "")
            assert cell.comment is not None
            if column.words is not None:
                listed = lists[cell.column_letter]
                assert listed.type == "list"
                assert set(listed.formula1.strip('"').split(",")) == {
                    words[0] for words in column.words.values()
                }
        ids = [
            place for place, column in enumerate(table.columns) if column.kind in ("id", "idnumber", "area")
        ]
        shown = [sheet.cell(2, place + 1) for place in ids]
        assert all(cell.number_format == "@" for cell in shown if cell.value is not None)


def test_every_example_can_be_read_were_it_not_an_example(book):
    filled = openpyxl.load_workbook(book)
    for table in TABLES.values():
        sheet = filled[table.zh]
        sheet["A2"].value = str(sheet["A2"].value).partition("：")[2]
    filled["普通贷款"]["A2"].value = "L0002"
    for sheet, header in (
        ("保险", "终保日期"),
        ("贷款", "到期日期"),
        ("普通贷款", "到期日期"),
        ("贴息", "计息止日"),
        ("其他贴息", "计息止日"),
    ):
        cell = next(cell for cell in filled[sheet][1] if cell.value.startswith(header))
        filled[sheet].cell(2, cell.column).value = "2025-03-20"
    filled.save(book)
    facts = read_facts(book)
    assert all(frame.height == 1 for frame in facts.tables.values())
