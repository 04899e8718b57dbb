"""What a format's file looks like: three rows of made-up people, before anybody's money hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bangfu.casework.payments.card_file import FLAWS, Heads, Row, flaws_of, told_rows, written
from bangfu.casework.payments.formats import CardSystem
from bangfu.casework.words import Words

__all__ = ["Preview", "preview"]

# Nobody's: no division begins with 99, and no bank's cards with these digits.
_PEOPLE = (
    ("张三", "999901199001010015", "9999990000000000009", "农村信用社", 94_52),
    ("李·四（示例）", "999901198502020023", "9999990000000000017", "农村信用社", 1_088_00),
    ("王五", "", "9999990000000025", "邮储银行", 3_50),
)
_VILLAGE, _START, _END = "999901101200", date(2026, 6, 21), date(2026, 9, 21)


@dataclass(frozen=True)
class Preview:
    """A format's file with made-up rows.

    Attributes:
        lines: The lines of a delimited file as its encoding gives them back; of a workbook the cells, by tabs.
        size: Of the file, bytes.
        ending: Of its name.
        flaws: Cells the format could not carry; then there is no file.
    """

    lines: tuple[str, ...]
    size: int
    ending: str
    flaws: tuple[Words, ...]


def preview(system: CardSystem) -> Preview:
    """The file of a format as it would be for three made-up people."""
    form = system.file
    rows = [
        Row(
            number, name, id_number, account, bank, fen, _VILLAGE, "示例村", "示例镇", f"H{number}", f"L{number}",
            _START, _END,
        )
        for number, (name, id_number, account, bank, fen) in enumerate(_PEOPLE, 1)
    ]  # fmt: skip
    total = sum(one.amount_fen for one in rows)
    heads = Heads(len(rows), total, _END, "999901", "示例县", 1, "2026年第三季度")
    flaws = flaws_of(form, heads, rows)
    if flaws:
        told = tuple(
            Words(f"{one.column}：{FLAWS[one.code].zh} {one.signs}".rstrip(),
                  f"{one.column}: {FLAWS[one.code].en} {one.signs}".rstrip())
            for one in flaws
        )  # fmt: skip
        return Preview((), 0, form.ending, tuple(dict.fromkeys(told)))
    content = written(form, heads, rows)
    if form.kind == "xlsx":
        return Preview(
            tuple("\t".join(line) for line in told_rows(form, heads, rows)), len(content), form.ending, ()
        )
    text = content.decode(form.encoding).removeprefix("\ufeff")
    return Preview(tuple(text.splitlines()), len(content), form.ending, ())
