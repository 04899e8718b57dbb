"""The one-card system's file: any columns, widths, encodings; a cell it cannot carry is refused by row and column."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from tests.casework.payments_made import COUNTY, cycle, file_of, money, paying, sent, sql

from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments.card_file import Column, FileFormat, Heads, Row, flaws_of, written

__all__ = ["cycle", "money", "paying"]

HEADS = Heads(2, 123_456, date(2023, 10, 12), "522728", "示范县", 3, "2023年第三季度")
ROWS = [
    Row(1, "韦国庆", "522728199001012345", "6228480000000013", "示范信用社", 123_400, "522728101001", "大坪村",
        "龙坪镇", "H1", "L1", date(2023, 6, 21), date(2023, 9, 21)),
    Row(2, "罗玉", "", "6228480000000021", "", 56, "522728101002", "小坪村", "龙坪镇", "H2", "L2",
        date(2023, 6, 21), date(2023, 9, 21)),
]  # fmt: skip
COLUMNS = (
    Column("number", "序号"),
    Column("name", "姓名"),
    Column("account", "卡号"),
    Column("amount", "金额"),
)


def form(**given) -> FileFormat:
    return FileFormat(**{"kind": "delimited", "columns": COLUMNS, **given})


@pytest.mark.parametrize(
    ("given", "encoding", "text"),
    [
        ({}, "gbk", "序号,姓名,卡号,金额\r\n1,韦国庆,6228480000000013,1234.00\r\n2,罗玉,6228480000000021,0.56\r\n"),
        (
            {"encoding": "gb18030", "separator": "pipe", "headings": False,
             "header": ("H|{county}|{day8}|{batch}|{count}|{total}",), "trailer": ("T|{count}|{total_fen}",)},
            "gb18030",
            (
                "H|522728|20231012|3|2|1234.56\r\n1|韦国庆|6228480000000013|1234.00\r\n"
                "2|罗玉|6228480000000021|0.56\r\nT|2|123456\r\n"
            ),
        ),
        (
            {"encoding": "utf-8", "mark": True, "separator": "tab", "line_end": "lf"},
            "utf-8-sig",
            "序号\t姓名\t卡号\t金额\n1\t韦国庆\t6228480000000013\t1234.00\n2\t罗玉\t6228480000000021\t0.56\n",
        ),
    ],
)  # fmt: skip
def test_a_delimited_file_to_the_byte(given, encoding, text):
    content = written(form(**given), HEADS, ROWS)
    assert content == text.encode(encoding)
    assert content.startswith(b"\xef\xbb\xbf") == bool(given.get("mark"))


def test_fixed_widths_count_bytes_and_fill_as_told():
    columns = (
        Column("number", "", 6, fill="zeros"), Column("name", "", 10), Column("amount", "", 12, "fen", "zeros"),
        Column("start", "", form="day8"), Column("text", "", text="{cycle}"), Column("summary", ""),
    )  # fmt: skip
    content = written(form(columns=columns, headings=False, summary="{county_name}贴息"), HEADS, ROWS)
    first, second = content.decode("gbk").splitlines()
    assert first == "000001,韦国庆    ,000000123400,20230621,2023年第三季度,示范县贴息"
    assert second.split(",")[1] == "罗玉      "


def test_a_workbook_holds_texts_and_amounts_and_no_formula():
    content = written(form(kind="xlsx", trailer=("合计 {count} 笔 {total} 元",)), HEADS, ROWS)
    assert content == written(form(kind="xlsx", trailer=("合计 {count} 笔 {total} 元",)), HEADS, ROWS)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[1]] == ["序号", "姓名", "卡号", "金额"]
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("1", "s"), ("韦国庆", "s"), ("6228480000000013", "s"), (1234, "n"),
    ]  # fmt: skip
    assert sheet[4][0].value == "合计 2 笔 1234.56 元"


@pytest.mark.parametrize(
    ("changed", "given", "code", "signs"),
    [
        ({"name": "韦𠮷"}, {}, "not_in_encoding", "U+20BB7"),
        ({"name": "䶮玉"}, {}, "not_in_encoding", "U+4DAE"),
        ({"name": "韦,国"}, {}, "separator_inside", ""),
        ({"name": "韦|国"}, {"separator": "pipe"}, "separator_inside", ""),
        ({"name": '韦"国'}, {}, "separator_inside", ""),
        ({"name": "韦\n国"}, {}, "separator_inside", ""),
        ({"name": "韦\u202e国"}, {"kind": "xlsx"}, "separator_inside", ""),
        ({"name": "=1+1"}, {}, "formula", ""),
        ({"name": " @cmd"}, {"kind": "xlsx"}, "formula", ""),
        ({"name": "韦国庆韦国庆"}, {"columns": (Column("name", "姓名", 10), *COLUMNS[2:])}, "too_wide", ""),
        ({"account": ""}, {"columns": (*COLUMNS[:2], Column("account", "卡号", needed=True))}, "empty_cell", ""),
    ],
)  # fmt: skip
def test_a_cell_the_file_cannot_carry_is_named_by_row_and_never_shown(changed, given, code, signs):
    rows = [ROWS[0], replace(ROWS[1], **changed)]
    (flaw,) = flaws_of(form(**given), HEADS, rows)
    assert (flaw.number, flaw.loan_id, flaw.code, flaw.signs) == (2, "L2", code, signs)
    with pytest.raises(ValueError, match="cannot carry"):
        written(form(**given), HEADS, rows)


def test_gb18030_and_utf8_carry_what_gbk_cannot():
    rows = [replace(ROWS[0], name="韦𠮷"), replace(ROWS[1], name="䶮·玉")]
    for encoding in ("gb18030", "utf-8"):
        assert "韦𠮷" in written(form(encoding=encoding), HEADS, rows).decode(encoding)


def test_each_example_goes_to_json_and_back(site):
    from bangfu.casework.payments import api as payments

    for words, system in payments.EXAMPLES.values():
        spec = payments.spec_of(system)
        assert payments.spec_of(payments.system_of(spec)) == spec
        assert words.zh
        assert payments.system_of(spec).file == replace(
            system.file, columns=payments.system_of(spec).file.columns
        )


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("kind", "pdf", "kind"),
        ("encoding", "big5", "encoding"),
        ("separator", ";", "separator"),
        ("columns", [], "columns"),
        ("columns", [{"field": "phone", "header": "电话"}], "columns"),
        ("header", ["=cmd"], "header"),
        ("trailer", ["a"] * 6, "trailer"),
        ("summary", "+1", "summary"),
    ],
)
def test_a_format_that_is_none_is_refused(site, part, value, field):
    from bangfu.casework.payments import api as payments

    spec = payments.spec_of(payments.DEFAULT)
    spec["file"][part] = value
    with pytest.raises(Refused) as caught:
        payments.system_of(spec)
    assert (caught.value.code, caught.value.field) == ("bad_field", field)


def test_a_format_set_holds_for_later_batches_and_a_prepared_one_keeps_its_own(paying, money):
    from bangfu.casework.payments import api as payments

    made = money.did(payments.prepare, cycle_id=paying.id)
    spec = payments.spec_of(payments.EXAMPLES["gb18030_pipe"][1])
    money.did(payments.set_format, county=COUNTY, spec=spec, why="统发系统升级")
    assert money.did(payments.format_of, county=COUNTY).file.separator == "pipe"
    assert money.refused(payments.set_format, county="522729", spec=spec).code == "not_in_scope"
    done = money.did(payments.release, number=2, batch_id=made.id, seen_hash=made.content_hash)
    assert file_of(money, done).startswith("序号,姓名")
    assert sql("select count(*) filter (where upper_inf(recorded)), count(*) from casework_card_format") == [
        (1, 1)
    ]
    money.at(2023, 10, 13).did(payments.set_format, county=COUNTY, spec=payments.spec_of(payments.DEFAULT))
    assert sql("select count(*) filter (where upper_inf(recorded)), count(*) from casework_card_format") == [
        (1, 2)
    ]


def test_a_name_gbk_cannot_write_stops_the_batch_and_gb18030_takes_it(paying, money):
    from bangfu.casework.payments import api as payments

    sql(
        "update casework_payee_account set recorded = tstzrange(lower(recorded), now()) where household_id in"
        " (select household_id from casework_subsidy_line where payable_fen > 0 limit 1)"
    )
    ((household, area),) = sql(
        "select household_id, scope_area from casework_payee_account where not upper_inf(recorded)"
    )
    with_sign = money.at(2023, 10, 12)
    from tests.casework.payments_made import site

    from bangfu.casework.database.session import entered

    with entered(site().scope):
        payments.register(actor=site(), rows=[payments.NewAccount(household, "韦𠮷", "6217000012345678")])
    told = with_sign.refused(payments.prepare, cycle_id=paying.id)
    assert (told.code, told.facts["wrong"]) == ("bad_file", 1)
    assert "U+20BB7" in told.facts["rows"][0].zh
    assert "韦" not in str(told.facts["rows"][0].zh)
    spec = payments.spec_of(payments.DEFAULT)
    spec["file"]["encoding"] = "gb18030"
    money.did(payments.set_format, county=COUNTY, spec=spec)
    batch = sent(money, paying.id)
    assert batch.items
    assert area


def test_the_file_is_opened_only_with_the_act_and_each_opening_is_told(paying, money):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.documents import api as documents

    batch = sent(money, paying.id)
    assert money.refused(documents.content_of, "bureau", file_id=batch.file_id).code == "not_your_role"
    assert money.refused(documents.content_of, "auditor", file_id=batch.file_id).code == "not_your_role"
    view, content = money.did(documents.content_of, file_id=batch.file_id)
    assert view.sha256 == batch.file_hash
    assert content
    history = money.did(lambda actor: trail.history(("payment_batch", batch.id)) if actor else [])
    acts = [one.act for one in history]
    assert acts.count("file.opened") == 1
    assert {"payment.prepared", "payment.released", "file.kept"} <= set(acts)
    assert "622848" not in str([one.after for one in history])
