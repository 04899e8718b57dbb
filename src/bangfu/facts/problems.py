"""What can be wrong with a file: one register of names with both wordings, and the problem as a value.

A problem says where (file, sheet, row as a spreadsheet numbers it, column), what stands there (shortened, personal
values masked) and what is wrong, in Chinese and English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

_SHOWN = 24
_SHORT = 8  # of a name: only its first character is shown
_ID_LIKE = re.compile(r"(?<!\d)\d{14,17}[\dXx](?![\dXx])")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file.

    Attributes:
        file: The file's name.
        sheet: The sheet's name; empty for CSV and Parquet.
        row: 1-based, as the file numbers it; None where the whole sheet or file is meant.
        column: The header as the file has it; empty where the whole row is meant.
        value: What stands there, shortened, personal values masked.
        code: A name of the register.
        zh: What is wrong, in Chinese.
        en: The same in English.
    """

    file: str
    sheet: str
    row: int | None
    column: str
    value: str
    code: str
    zh: str
    en: str

    def sentence(self, language: str = "zh") -> str:
        """Place and wording in one line."""
        zh = language == "zh"
        place = [self.file, self.sheet]
        if self.row is not None:
            place.append(f"第{self.row}行" if zh else f"row {self.row}")
        if self.column:
            place.append(f"“{self.column}”" if zh else f"column {self.column}")
        where = (" " if zh else ", ").join(part for part in place if part)
        shown = f"“{self.value}” " if zh else f'"{self.value}" '
        return f"{where}{'：' if zh else ': '}{shown if self.value else ''}{self.zh if zh else self.en}"


class Place(TypedDict):
    """File and sheet, as a problem names them."""

    file: str
    sheet: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A code's wording; ``{detail}`` stands for what only the case knows."""

    zh: str
    en: str


REGISTER: Mapping[str, Wording] = {
    # files
    "not_found": Wording("找不到该文件或文件夹", "There is no such file or folder"),
    "not_facts": Wording(
        "不是可读的资料：应为文件夹（CSV、Parquet）或一个工作簿（xlsx、xls、et）",
        "Not readable facts: a folder of CSV or Parquet, or one workbook (xlsx, xls, et), is needed",
    ),
    "empty_folder": Wording("文件夹内没有可读的表", "The folder holds no table"),
    "empty_file": Wording("文件是空的", "The file is empty"),
    "unreadable": Wording("文件损坏或格式不符，无法打开", "The file is damaged or not of its format"),
    "locked": Wording("文件有密码或被占用，无法打开", "The file has a password or may not be opened"),
    "too_large": Wording("文件展开后过大，拒绝打开（{detail}）", "The file unpacks to too much ({detail})"),
    "not_text": Wording("不是文本文件", "This is not a text file"),
    "wrong_encoding": Wording(
        "文字编码不是 UTF-8 也不是 GB18030，请另存为 UTF-8", "Neither UTF-8 nor GB18030: save it as UTF-8"
    ),
    "damaged_text": Wording("文字编码损坏（UTF-8 中有坏字节）", "Damaged text: bad bytes inside UTF-8"),
    "broken_quotes": Wording("引号不配对（{detail}）", "Quotes do not match ({detail})"),
    "bad_column_type": Wording(
        "列的存储类型不符（{detail}）", "The column is stored as an unfit type ({detail})"
    ),
    # sheets and headers
    "unknown_file": Wording("不是已知的表名{detail}", "Not the name of a table{detail}"),
    "unknown_sheet": Wording("不是已知的表名{detail}", "Not the name of a table{detail}"),
    "table_twice": Wording("同一张表出现两次（另见 {detail}）", "The same table twice (see also {detail})"),
    "no_header": Wording("找不到表头行", "No header row found"),
    "missing_table": Wording("缺少必需的表：{detail}", "A required table is missing: {detail}"),
    "missing_column": Wording("缺少必需的列：{detail}", "A required column is missing: {detail}"),
    "unknown_column": Wording("未知的列{detail}", "Unknown column{detail}"),
    "column_twice": Wording("同一列出现两次（{detail}）", "The same column twice ({detail})"),
    "unit_unclear": Wording(
        "同一张表里有“万元”，而这一列没有注明单位，请在表头写明（元）或（万元）",
        "The sheet has 万元 elsewhere and this column states no unit: write （元） or （万元） in the header",
    ),
    "unknown_unit": Wording("不认识的单位：{detail}", "Unknown unit: {detail}"),
    "wrong_number_of_cells": Wording(
        "单元格数目与表头不符（{detail}）", "Not as many cells as headers ({detail})"
    ),
    # cells
    "empty_required": Wording("必填项为空", "Empty, but required"),
    "bad_amount": Wording("不是金额", "Not an amount"),
    "too_many_decimals": Wording("小数位过多，不做四舍五入", "Too many decimals; nothing is rounded"),
    "negative_amount": Wording("金额不得为负", "An amount may not be negative"),
    "amount_out_of_range": Wording("金额超出范围", "The amount is out of range"),
    "bad_rate": Wording("不是利率（百分数）", "Not a rate in percent"),
    "rate_looks_like_a_fraction": Wording(
        "像是小数而非百分数：3.85% 应写 3.85 或文本 3.85%",
        "Looks like a fraction: write 3.85, or 3.85% as text",
    ),
    "rate_out_of_range": Wording("利率超出范围", "The rate is out of range"),
    "bad_date": Wording("不是日期，或该日期不存在", "Not a date, or no such day"),
    "date_out_of_range": Wording("日期不在1900至2100年之间", "The date is outside 1900 to 2100"),
    "bad_count": Wording("不是整数", "Not a whole number"),
    "count_out_of_range": Wording("数目超出范围", "The number is out of range"),
    "bad_boolean": Wording("应填是或否", "Neither yes nor no"),
    "unknown_code": Wording("不在代码表内{detail}", "Not a known code{detail}"),
    "bad_area_code": Wording("行政区划代码应为{detail}位数字", "An area code has {detail} digits"),
    "id_number_as_number": Wording(
        "身份证号存成了数值，末几位已丢失，请改为文本",
        "An ID number in a numeric cell loses its last digits: make it text",
    ),
    "id_number_wrong_shape": Wording(
        "身份证号应为18位（或旧15位）", "An ID number has 18 characters (or the old 15)"
    ),
    "id_number_bad_birth_date": Wording(
        "身份证号中的出生日期不存在", "The ID number's date of birth is no date"
    ),
    "number_lost_digits": Wording(
        "编号存成了数值且超过15位，末几位已丢失", "A numeric cell of over 15 digits has lost digits"
    ),
    "cell_error": Wording("单元格是公式错误", "The cell holds a formula error"),
    # rows
    "duplicate_key": Wording("主键重复（另见第{detail}行）", "The key appears again (see row {detail})"),
    "orphan": Wording("在“{detail}”中找不到", "Not found in {detail}"),
    "dates_out_of_order": Wording(
        "日期先后颠倒：应晚于“{detail}”", "Dates out of order: must be later than {detail}"
    ),
    "amount_missing": Wording("这类业务必须有金额", "This kind of event needs an amount"),
    "bad_value": Wording(
        "内容与业务类型不符：应为{detail}", "The value does not fit the kind of event: {detail}"
    ),
    "event_before_disbursement": Wording("发生在首次放款之前", "Before the loan was first disbursed"),
    "above_balance": Wording(
        "超过当时本金余额（{detail}元）", "More than the principal then outstanding ({detail} yuan)"
    ),
    "extension_not_later": Wording(
        "新到期日不晚于原到期日（{detail}）", "Not later than the maturity so far ({detail})"
    ),
    # warnings
    "bad_id_number": Wording(
        "身份证号校验位不符（旧号码可能如此）", "The ID number fails its check digit (old ones may)"
    ),
    "row_repeated": Wording("与第{detail}行完全相同", "The same as row {detail} in every cell"),
    "example_row_skipped": Wording("示例行，未导入", "An example row, not imported"),
    "total_row_skipped": Wording("合计行，未导入", "A row of totals, not imported"),
    "sheet_skipped": Wording("说明页，未导入", "A sheet of notes, not imported"),
    "unit_taken_as_yuan": Wording("表头未注明单位，按元读取", "No unit in the header: read as yuan"),
    "disbursed_before_contract": Wording(
        "放款早于合同签订（{detail}）", "Disbursed before the contract ({detail})"
    ),
    "disbursed_over_principal": Wording(
        "累计放款超过合同金额（{detail}元）", "More disbursed than the contract's principal ({detail} yuan)"
    ),
    "recorded_before_it_happened": Wording("登记日期早于发生日期", "Recorded before it happened"),
    "amount_looks_like_wan": Wording("金额过小，可能是万元", "So small that 万元 may be meant"),
    "not_placed": Wording(
        "此列没有对应的表，未导入{detail}", "No table takes this column: not imported{detail}"
    ),
    "made_up": Wording("表内没有，由程序生成：{detail}", "Not in the sheet, made by the reader: {detail}"),
    "value_not_placed": Wording("没有对应的代码，留空", "Fits no code, left empty"),
    "merged_differs": Wording(
        "与第{detail}行是同一户或同一人而内容不同，以该行为准",
        "The same as row {detail}, told otherwise: that row is kept",
    ),
    "balance_differs": Wording(
        "所填余额与放款减还款不符（应为{detail}元）", "Not what was lent less what was repaid ({detail} yuan)"
    ),
    # mapping files
    "area_unknown": Wording(
        "台账没有行政区划代码：请在映射名后写县代码，如 ledger@522728，或在映射文件中填写 county",
        "The ledger has no division code: name your county behind the mapping, as ledger@522728, or in its file",
    ),
    "bad_mapping": Wording("映射文件有误：{detail}", "The mapping file is wrong: {detail}"),
}


class BadFacts(Exception):  # noqa: N818 - named as the design names it
    """Raised when a file cannot be taken as it is; nothing was imported. Carries every problem found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0].sentence("en") if problems else ""
        super().__init__(f"{len(problems)} problem(s), the first: {first}")
        self.problems = problems


def problem(
    code: str,
    *,
    file: str = "",
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    value: str | None = None,
    detail: tuple[str, str] | str = "",
    personal: bool = False,
) -> Problem:
    """A problem with its wording filled in.

    Args:
        code: A name of the register.
        file: The file's name.
        sheet: The sheet's name.
        row: As the file numbers it.
        column: The header as the file has it.
        value: As it stands in the cell; it is shortened here, and masked where personal.
        detail: What the wording leaves open: one text, or one for Chinese and one for English.
        personal: Mask the value whatever it looks like.
    """
    zh, en = (detail, detail) if isinstance(detail, str) else detail
    wording = REGISTER[code]
    shown = "" if value is None else shorten(value, personal=personal)
    return Problem(
        file,
        sheet,
        row,
        column,
        shown,
        code,
        wording.zh.replace("{detail}", zh),
        wording.en.replace("{detail}", en),
    )


def shorten(value: str, *, personal: bool = False) -> str:
    """At most 24 characters of a value, control characters gone, what looks like an ID number masked.

    A personal value keeps its first and last characters at most.
    """
    bare = "".join(character if character.isprintable() else " " for character in value[:200]).strip()
    if personal:
        return _masked(bare)
    hidden = _ID_LIKE.sub(lambda found: _masked(found.group()), bare)
    return hidden if len(hidden) <= _SHOWN else hidden[: _SHOWN - 1] + "…"


def _masked(value: str) -> str:
    if len(value) <= 1:
        return "*" * len(value)
    if len(value) <= _SHORT:
        return value[0] + "*" * (len(value) - 1)
    return value[:4] + "*" * min(len(value) - 6, _SHOWN - 6) + value[-2:]
