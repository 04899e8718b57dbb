"""The workbook people fill in: a sheet a table, drop-downs, a note on each column, and an example row.

The example stands in row 2 and its first cell begins with 示例: the reader passes over such rows and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.facts import codes
from bangfu.facts.schema import Column, Table
from bangfu.facts.tables import TABLES
from bangfu.facts.write import sheet_styles

EXAMPLE = "示例"
_LAST_ROW = 1_048_575
_NARROW, _WIDE = 13, 22
_HEADER_HEIGHT = 32
_LONGEST_LIST = 255  # characters that a drop-down may hold in itself

_KIND_NOTES: Mapping[str, tuple[str, str]] = {
    "id": ("编号，按文本填写", "An identifier, as text"),
    "text": ("文字", "Text"),
    "date": ("日期，如 2024-03-20", "A day, such as 2024-03-20"),
    "money": ("金额，单位：元，最多两位小数，不填万元", "Yuan, two decimals at most"),
    "rate": (
        "百分数，如 3.85 表示 3.85%，单元格不要设为百分比格式",
        "Percent: 3.85 is 3.85 %; no percent format",
    ),
    "count": ("整数", "A whole number"),
    "bool": ("是或否", "Yes or no"),
    "code": ("从下拉列表选择", "Choose from the list"),
    "idnumber": ("18位身份证号，按文本填写", "An ID number of 18 characters, as text"),
    "area": ("行政区划代码，按文本填写", "A division code, as text"),
    "value": ("文字", "Text"),
}

_EXAMPLES: Mapping[str, object] = {
    "household_id": "H0001",
    "member_id": "M0001",
    "loan_id": "L0001",
    "policy_id": "P0001",
    "area_code": "522728101201",
    "head_name": "某某",
    "name": "某某",
    "labour_count": 2,
    "id_number": "11010519491231002X",
    "borrower_id_number": "11010519491231002X",
    "lender": "某县农村信用合作联社",
    "branch": "某镇信用社",
    "insurer": "某保险公司",
    "programme": "创业担保贷款贴息",
    "to_account": "6200000000000000",
    "to_name": "某农资经营部",
    "year": 2024,
    "principal": 50000,
    "rate": 3.85,
    "rate_claimed": 3.85,
    "npl_target": 1.5,
    "npl_all": 2.1,
    "revenue": 380000000,
    "subsidy_ceiling": None,
    "parent_loan_id": None,
    "left_on": None,
    "left_reason": None,
    "deceased_on": None,
    "value": None,
}
_COUNTY_EXAMPLE = "522728"

_GUIDE = (
    "帮扶小额信贷资料表 · Programme microcredit: the facts",
    "",
    "一、每张表一个工作表，表名和表头不要改动；没有资料的表留空即可。农户、贷款、贷款流水三张表必须有。",
    "二、每张表第2行是示例行（首格以“示例”开头），导入时跳过，可以删除。",
    "三、带 * 的列必填；其余列不知道就留空，不要填“无”或0。",
    "四、金额单位是元；利率填百分数（3.85），不要用百分比格式；日期填 2024-03-20 这样的格式。",
    "五、身份证号、编号、区划代码的单元格是文本格式，请勿改为数值，否则末几位会丢失。",
    "六、还在申请、尚未签订合同的贷款，合同签订日期和到期日期留空。",
    "七、有一处不对，整个文件都不会导入；程序会逐条列出工作表、行、列和原因。",
    "",
    "One sheet a table; leave a sheet empty where there is nothing. 农户, 贷款 and 贷款流水 are needed.",
    "Row 2 of each sheet is an example (its first cell begins with 示例) and is passed over.",
    "Columns with * must be filled; leave the others empty where unknown. Yuan; percent as 3.85; days as 2024-03-20.",
    "",
)


def write_template(path: Path | str) -> None:
    """Write the workbook to fill in.

    Raises:
        OSError: The file cannot be written.
    """
    import xlsxwriter  # noqa: PLC0415 - slow to load, and most commands write no workbook

    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(
        str(target), {"strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        styles = sheet_styles(book)
        styles["example"] = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
        styles["title"] = book.add_format({"bold": True, "font_size": 14})
        _guide(book.add_worksheet("填表说明"), styles)
        for table in TABLES.values():
            _sheet(book.add_worksheet(table.zh), table, styles)


def header(column: Column) -> str:
    """The header in the template: Chinese, with the unit, and a star where it must be filled."""
    return column.zh_header + ("*" if column.required else "")


def _guide(sheet: Any, styles: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 3, 40)
    for row, line in enumerate(_GUIDE):
        sheet.write_string(row, 0, line, styles["title"] if row == 0 else styles["plain"])
    row = len(_GUIDE)
    for place, title in enumerate(("工作表 · sheet", "列 · column", "说明 · note")):
        sheet.write_string(row, place, title, styles["header"])
    for table in TABLES.values():
        for column in table.columns:
            row += 1
            zh, en = _note(column)
            sheet.write_string(row, 0, f"{table.zh} · {table.name}")
            sheet.write_string(row, 1, f"{header(column)} · {column.name}")
            sheet.write_string(row, 2, f"{zh} · {en}")


def _sheet(sheet: Any, table: Table, styles: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, _HEADER_HEIGHT)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, header(column), styles["header"])
        zh, en = _note(column)
        sheet.write_comment(0, place, f"{zh}\n{en}", {"x_scale": 2})
        wide = column.kind in ("id", "idnumber", "area", "text")
        sheet.set_column(place, place, _WIDE if wide else _NARROW, _style(column, styles))
        _validate(sheet, place, column)
        shown = _example(table, column)
        if place == 0:
            shown = f"{EXAMPLE}：{shown}"
        if shown is not None:
            sheet.write_string(1, place, str(shown), styles["example"])


def _note(column: Column) -> tuple[str, str]:
    zh, en = _KIND_NOTES[column.kind]
    if column.zh_note:
        zh, en = f"{zh}；{column.zh_note}", f"{en}; {column.en_note}"
    if column.required:
        zh, en = f"必填；{zh}", f"Required. {en}"
    elif column.needed_once_signed:
        zh, en = f"签订合同后必填；{zh}", f"Required once signed. {en}"
    if column.words is not None:
        zh += "：" + "、".join(words[0] for words in column.words.values())
        en += ": " + ", ".join(column.words)
    return zh, en


def _style(column: Column, styles: Mapping[str, Any]) -> Any:
    if column.kind in ("money", "date"):
        return styles[column.kind]
    return styles["plain" if column.kind in ("count", "rate") else "text"]


def _validate(sheet: Any, place: int, column: Column) -> None:
    """Drop-downs for codes and yes or no; bounds for amounts, rates and days."""
    words: list[str] = []
    if column.words is not None:
        words = [spelled[0] for spelled in column.words.values()]
    elif column.kind == "bool":
        words = [spelled[0] for spelled in codes.TRUTH.values()]
    rule: dict[str, Any] | None = None
    if words and len(",".join(words)) <= _LONGEST_LIST:
        rule = {"validate": "list", "source": words}
    elif column.kind == "date":
        rule = {
            "validate": "date",
            "criteria": "between",
            "minimum": date(1900, 1, 1),
            "maximum": date(2100, 12, 31),
        }
    elif column.kind == "money":
        rule = {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": column.limit_fen // 100,
        }
    elif column.kind == "rate":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": column.most_percent}
    elif column.kind == "count":
        rule = {"validate": "integer", "criteria": ">=", "value": 0}
    if rule is not None:
        told = {
            "error_title": column.zh,
            "error_message": _note(column)[0][:_LONGEST_LIST],
            "error_type": "stop",
        }
        sheet.data_validation(2, place, _LAST_ROW, place, {**rule, **told})


def _example(table: Table, column: Column) -> object:
    if column.kind == "area" and table.name in ("fund", "budgets"):
        return _COUNTY_EXAMPLE
    if column.name in _EXAMPLES:
        return _EXAMPLES[column.name]
    if column.words is not None:
        return next(iter(column.words.values()))[0]
    return {"date": "2024-03-20", "money": "500.00", "bool": "是", "text": "意外险", "count": 1}.get(
        column.kind
    )
