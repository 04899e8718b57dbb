"""The one-card system's file: which columns in which order, how wide, in which encoding; written from plain rows.

A cell that the file cannot carry as it is – a sign the encoding lacks, a separator, the beginning of a formula, more
than the column's width – is refused by row and column: a bank's system would cut or misread it, and pay somebody else.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan

__all__ = [
    "FIELDS",
    "FLAWS",
    "Column",
    "FileFormat",
    "Flaw",
    "Heads",
    "Row",
    "Unfit",
    "flaws_of",
    "told_rows",
    "written",
]

ENCODINGS = ("gbk", "gb18030", "utf-8")
SEPARATORS: Mapping[str, str] = {"comma": ",", "tab": "\t", "pipe": "|"}
LINE_ENDS: Mapping[str, str] = {"crlf": "\r\n", "lf": "\n"}
FORMULA = ("=", "+", "-", "@")
_NARROWEST, _WIDEST = 10, 40
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")  # classes of signs that end a line or hide
FLAWS: Mapping[str, Words] = {
    "not_in_encoding": Words("该编码写不出的字", "a sign the encoding cannot write"),
    "separator_inside": Words("含有分隔符、引号或换行", "a separator, quote or line end inside"),
    "formula": Words("以公式符号开头", "begins like a formula"),
    "too_wide": Words("超过列宽", "wider than the column"),
    "empty_cell": Words("必填项为空", "a needed cell is empty"),
}


@dataclass(frozen=True)
class Row:
    """One payment as the file tells it; clear numbers, which live no longer than the file is made.

    Attributes:
        number: Its number in the batch, from 1.
        name: Of the payee.
        id_number: Of the payee; empty where it is not known.
        account: Of the payee.
        bank_name: Where the account is kept.
        amount_fen: What is paid.
        area_code: The village's code.
        village: Its name.
        township: The township's name.
        household_id: The household.
        loan_id: The loan.
        start: First day of the line's period.
        end: Its exclusive end.
    """

    number: int
    name: str
    id_number: str
    account: str
    bank_name: str
    amount_fen: int
    area_code: str
    village: str
    township: str
    household_id: str
    loan_id: str
    start: date
    end: date


@dataclass(frozen=True)
class Heads:
    """What a header, a trailer or a summary may name: ``{count}``, ``{total}``, ``{day}``, ``{batch}`` and so on."""

    count: int
    total_fen: int
    day: date
    county: str
    county_name: str
    batch: int
    cycle: str

    def told(self, text: str) -> str:
        """A text with its places filled in."""
        for name, value in (
            ("count", str(self.count)), ("total", format_yuan(self.total_fen)), ("total_fen", str(self.total_fen)),
            ("day", self.day.isoformat()), ("day8", self.day.strftime("%Y%m%d")), ("county", self.county),
            ("county_name", self.county_name), ("batch", str(self.batch)), ("cycle", self.cycle),
        ):  # fmt: skip
            text = text.replace(f"{{{name}}}", value)
        return text


@dataclass(frozen=True)
class Column:
    """A column of the file.

    Attributes:
        field: One of ``FIELDS``; ``text`` is the same in each row.
        header: Its heading.
        width: Bytes (signs in a workbook) a cell is filled up to, and the most it may hold; 0 = as it is, no limit.
        form: ``yuan`` or ``fen`` of an amount, ``iso`` or ``day8`` of a day.
        fill: ``right`` (blanks after it), ``left`` (blanks before it) or ``zeros`` (before it).
        text: Of field ``text``; its places are filled in.
        needed: Whether a row without it is refused.
    """

    field: str
    header: str
    width: int = 0
    form: str = ""
    fill: str = "right"
    text: str = ""
    needed: bool = False


@dataclass(frozen=True)
class FileFormat:
    """How a county's one-card system wants its file.

    Attributes:
        kind: ``delimited`` or ``xlsx``.
        columns: In their order.
        encoding: Of a delimited file: gbk, gb18030 or utf-8.
        mark: Whether utf-8 begins with a byte order mark.
        separator: comma, tab or pipe.
        line_end: crlf or lf.
        headings: Whether the columns' headings stand in a line.
        header: Lines above, each with its places.
        trailer: Lines below.
        summary: The summary (摘要) of each payment, with its places.
    """

    kind: str
    columns: tuple[Column, ...]
    encoding: str = "gbk"
    mark: bool = False
    separator: str = "comma"
    line_end: str = "crlf"
    headings: bool = True
    header: tuple[str, ...] = ()
    trailer: tuple[str, ...] = ()
    summary: str = "{cycle}贴息"

    @property
    def ending(self) -> str:
        """Of the file's name."""
        return ".xlsx" if self.kind == "xlsx" else (".csv" if self.separator == "comma" else ".txt")


Getter = Callable[[Row, Column], str]
FIELDS: Mapping[str, tuple[Words, Getter]] = {
    "number": (Words("序号", "number"), lambda row, _: str(row.number)),
    "name": (Words("姓名", "name"), lambda row, _: row.name),
    "id_number": (Words("身份证号", "ID number"), lambda row, _: row.id_number),
    "account": (Words("社保卡/银行卡号", "card number"), lambda row, _: row.account),
    "bank_name": (Words("开户行", "bank"), lambda row, _: row.bank_name),
    "amount": (Words("金额", "amount"), lambda row, column: _amount(row.amount_fen, column.form)),
    "summary": (Words("摘要", "summary"), lambda _, column: column.text),
    "area_code": (Words("行政区划", "division code"), lambda row, _: row.area_code),
    "township": (Words("乡镇", "township"), lambda row, _: row.township),
    "village": (Words("行政村", "village"), lambda row, _: row.village),
    "household_id": (Words("户编号", "household"), lambda row, _: row.household_id),
    "loan_id": (Words("贷款编号", "loan"), lambda row, _: row.loan_id),
    "start": (Words("起日", "from"), lambda row, column: _day(row.start, column.form)),
    "end": (Words("止日（不含）", "until"), lambda row, column: _day(row.end, column.form)),
    "text": (Words("固定内容", "the same in each row"), lambda _, column: column.text),
}


@dataclass(frozen=True)
class Flaw:
    """A cell that the file cannot carry: the row's number, its loan, the column, a code, the signs in question.

    ``signs`` are code points (U+20BB7), never the name itself.
    """

    number: int
    loan_id: str
    column: str
    code: str
    signs: str = ""


class Unfit(ValueError):  # noqa: N818 - it names what was found
    """A file that cannot carry its cells, with its flaws."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("cells that the file cannot carry")
        self.flaws = tuple(flaws)


def _amount(fen: int, form: str) -> str:
    return str(fen) if form == "fen" else format_yuan(fen)


def _day(day: date, form: str) -> str:
    return day.strftime("%Y%m%d") if form == "day8" else day.isoformat()


def _columns(form: FileFormat, heads: Heads) -> list[tuple[Column, Getter]]:
    """The columns with their fixed texts filled in, each with what it reads."""
    out = []
    for one in form.columns:
        text = heads.told(form.summary if one.field == "summary" else one.text)
        column = Column(one.field, one.header, one.width, one.form, one.fill, text, one.needed)
        out.append((column, FIELDS[one.field][1]))
    return out


def flaws_of(form: FileFormat, heads: Heads, rows: Iterable[Row], *, most: int = 200) -> list[Flaw]:
    """What the file could not carry as it is; at most so many."""
    found = [
        Flaw(0, "", "", "not_in_encoding", signs)
        for text in (*form.header, *form.trailer)
        if form.kind != "xlsx" and (signs := _unwritable(heads.told(text), form.encoding))
    ]
    columns = _columns(form, heads)
    for row in rows:
        for column, read in columns:
            cell = read(row, column)
            if (code := _flaw(form, column, cell)) is not None:
                found.append(Flaw(row.number, row.loan_id, column.header, *code))
                if len(found) >= most:
                    return found
    return found


def _flaw(form: FileFormat, column: Column, cell: str) -> tuple[str, str] | None:
    if not cell:
        return ("empty_cell", "") if column.needed else None
    delimited = form.kind != "xlsx"
    if not cell.isalnum():  # nothing but letters and digits can be neither
        if cell.lstrip().startswith(FORMULA) and column.field != "amount":
            return "formula", ""
        unseen = not cell.isprintable() and any(unicodedata.category(sign) in _UNSEEN for sign in cell)
        if unseen or (delimited and (SEPARATORS[form.separator] in cell or '"' in cell)):
            return "separator_inside", ""
    if delimited:
        try:
            size = len(cell.encode(form.encoding))
        except UnicodeEncodeError:
            return "not_in_encoding", _unwritable(cell, form.encoding)
    else:
        size = len(cell)
    return ("too_wide", "") if column.width and size > column.width else None


def _unwritable(cell: str, encoding: str) -> str:
    bad = []
    for sign in cell:
        try:
            sign.encode(encoding)
        except UnicodeEncodeError:
            bad.append(f"U+{ord(sign):04X}")
    return " ".join(bad)


def written(form: FileFormat, heads: Heads, rows: Sequence[Row]) -> bytes:
    """The file.

    Args:
        form: How it is to look.
        heads: Counts and totals for its header and trailer.
        rows: The payments in their order.

    Raises:
        Unfit: Cells that the file cannot carry.
    """
    flaws = flaws_of(form, heads, rows)
    if flaws:
        raise Unfit(flaws)
    if form.kind == "xlsx":
        return _workbook(form, heads, rows)
    separator, end = SEPARATORS[form.separator], LINE_ENDS[form.line_end]
    columns = _columns(form, heads)
    lines = [heads.told(text) for text in form.header]
    if form.headings:
        lines.append(separator.join(_filled(column, column.header, form.encoding) for column, _ in columns))
    lines += [
        separator.join(_filled(column, read(row, column), form.encoding) for column, read in columns)
        for row in rows
    ]
    lines += [heads.told(text) for text in form.trailer]
    coded = "".join(f"{line}{end}" for line in lines).encode(form.encoding)
    return (b"\xef\xbb\xbf" if form.mark and form.encoding == "utf-8" else b"") + coded


def _filled(column: Column, cell: str, encoding: str) -> str:
    """The cell filled up to its column's width in bytes."""
    if not column.width:
        return cell
    missing = column.width - len(cell.encode(encoding))
    if missing <= 0:
        return cell
    if column.fill == "zeros":
        return "0" * missing + cell
    return " " * missing + cell if column.fill == "left" else cell + " " * missing


def _workbook(form: FileFormat, heads: Heads, rows: Sequence[Row]) -> bytes:
    """One sheet; every cell a text but amounts in yuan, no formula, no link."""
    out = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": datetime(heads.day.year, heads.day.month, heads.day.day)})  # noqa: DTZ001
        sheet = book.add_worksheet("Sheet1")
        yuan = book.add_format({"num_format": "0.00"})
        columns = _columns(form, heads)
        place = 0
        for text in form.header:
            sheet.write_string(place, 0, heads.told(text))
            place += 1
        for number, line in enumerate(_cells(form, columns, rows), start=place):
            for column, cell in enumerate(line):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, column, cell, yuan)
                else:
                    sheet.write_string(number, column, cell)
        place += len(rows) + (1 if form.headings else 0)
        for number, text in enumerate(form.trailer, start=place):
            sheet.write_string(number, 0, heads.told(text))
        for number, (one, _) in enumerate(columns):
            sheet.set_column(number, number, min(max(len(one.header) * 2, one.width, _NARROWEST), _WIDEST))
    return out.getvalue()


def _cells(
    form: FileFormat, columns: Sequence[tuple[Column, Getter]], rows: Sequence[Row]
) -> Iterator[list[str | Decimal]]:
    if form.headings:
        yield [column.header for column, _ in columns]
    for row in rows:
        yield [
            Decimal(read(row, column))
            if column.field == "amount" and column.form != "fen"
            else read(row, column)
            for column, read in columns
        ]


def told_rows(form: FileFormat, heads: Heads, rows: Sequence[Row]) -> list[list[str]]:
    """What a workbook's rows say, as texts: to look at a format without a spreadsheet."""
    cells = [[str(cell) for cell in line] for line in _cells(form, _columns(form, heads), rows)]
    return [
        *([heads.told(text)] for text in form.header),
        *cells,
        *([heads.told(text)] for text in form.trailer),
    ]
