"""The other papers: what each must say, masked, in order, over several pages, and nothing read as markup."""

from __future__ import annotations

import dataclasses
import io
import os
import time
from datetime import date
from typing import Any

import pypdf
import pytest
from tests.reports import papers_made as made
from tests.reports.papers_made import pages, squeezed

from bangfu.reports.papers import (
    RegimeBlock,
    RosterCount,
    SubsidyTerm,
    application_form,
    contract_sheet,
    exception_record,
    masked_id,
    monthly_list,
    refusal_notice,
    roster_delivery,
    trail_anchor,
)
from bangfu.reports.papers.glyphs import NoGlyphTable, glyphs_of
from bangfu.reports.papers.typesetting import ForkedAfterPrinting

ALL = {
    "form": (application_form, made.form),
    "notice": (refusal_notice, made.notice),
    "month": (monthly_list, made.month),
    "exception": (exception_record, made.exception),
    "anchor": (trail_anchor, made.anchor),
    "delivery": (roster_delivery, made.delivery),
    "contract": (contract_sheet, made.contract),
}
ONE_PAGE = ("form", "notice", "exception", "anchor", "delivery", "contract")
EVIL = '#panic("x") *b* _i_ $x$ \\u{41} `r` @l <l> = // /*'
FULL_IDS = ("52272819790504121X", "52272819550504121X", "522728197905041201")


def says(text: str, *wanted: str) -> None:
    assert [one for one in wanted if squeezed(one) not in text] == []


@pytest.mark.parametrize("name", ALL)
def test_the_same_values_give_the_same_bytes(name):
    make, values = ALL[name]
    first = make(values())
    assert make(values()) == first
    assert first.startswith(b"%PDF-")


@pytest.mark.parametrize("name", ALL)
def test_every_paper_says_it_is_for_the_archive(name):
    make, values = ALL[name]
    reader = pypdf.PdfReader(io.BytesIO(make(values())))
    told = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in told
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in told
    assert "/OutputIntents" in reader.trailer["/Root"]


@pytest.mark.parametrize("name", ONE_PAGE)
def test_each_of_these_fits_one_page(name):
    make, values = ALL[name]
    (text,) = pages(make(values()))
    says(text, "第1页 共1页", "打印：龙坪镇人民政府 王小芳", "内容校验码")


@pytest.mark.parametrize("name", [name for name in ALL if name != "form"])
def test_an_id_number_is_never_whole_outside_the_form(name):
    make, values = ALL[name]
    text = "".join(pages(make(values())))
    assert [number for number in FULL_IDS if number in text] == []


# What a paper holds and does not print, or not in every place: counted, or asked of the applicant alone.
NOT_SHOWN = ("household_no", "sex", "marital_status", "address")
KEPT = ("kind", "head_hash", "previous_hash", "list_hash", "hash", "content_hash", "id_number", "borrower_id")


def poisoned(value: Any, text: str) -> tuple[Any, list[str]]:
    """The same value with every free text replaced by markup and the name of its field, and all these texts."""
    said: list[str] = []
    changes: dict[str, Any] = {}

    def entered(held: Any, name: str) -> Any:
        if isinstance(held, str):
            said.append(f"{text}{name}")
            return said[-1]
        if dataclasses.is_dataclass(held):
            inner, more = poisoned(held, f"{text}{name}.")
            said.extend(more)
            return inner
        if isinstance(held, tuple):
            return tuple(entered(one, f"{name}.{place}") for place, one in enumerate(held))
        return held

    for one in dataclasses.fields(value):
        if one.name not in KEPT:
            changes[one.name] = entered(getattr(value, one.name), one.name)
    return dataclasses.replace(value, **changes), said


@pytest.mark.parametrize("name", ALL)
def test_markup_in_every_text_of_a_paper_comes_out_as_it_stands(name):
    make, values = ALL[name]
    evil, said = poisoned(values(), EVIL)
    whole = "".join(pages(make(evil)))
    hidden = {one for one in said if squeezed(one) not in whole}
    assert len(said) > len(hidden) + 2
    assert {one for one in hidden if not one.endswith(NOT_SHOWN)} == set()


def test_the_notice_gives_reasons_clauses_and_where_to_complain():
    (text,) = pages(refusal_notice(made.notice()))
    says(
        text,
        "脱贫人口小额信贷贷款申请未予批准通知书",
        "龙坪信告〔2021〕17号",
        "韦国强：",
        "身份证号码 522728********121X",
        "于2021年9月1日提出",
        "申请编号 SQ2021-000123",
        "人民币伍万元整（￥50,000.00）",
        "一、申请人年龄超出规定范围。",
        "查明情况：申请日年龄为66周岁，户内无其他借款人。",
        "依据：罗府办发〔2021〕65号（LD2021-1.9）",
        made.CITED.text,
        "二、贷款用途为建房",
        "LD2021-1.8",
        "联系电话：0854-7600001",
        "可以向罗甸县乡村振兴局反映或者投诉，监督电话：0854-7600002、12317",
        "罗甸县农村信用合作联社龙坪信用社（盖章）2021年9月10日",
        "送达回执",
    )


def test_a_notice_of_what_was_not_accepted_and_holds_little():
    bare = made.notice(
        kind="not_accepted", number="", id_number="", application_no="", applied_on=None, amount_fen=None,
        office_phone="", supervision_office="", supervision_phone="", again="补齐户口簿后可以重新申请。",
    )  # fmt: skip
    (text,) = pages(refusal_notice(bare))
    says(
        text,
        "贷款申请不予受理通知书",
        "你提出的脱贫人口小额信贷贷款申请已收悉。",
        "补齐户口簿后可以重新申请。",
    )
    assert "（）" not in text


def test_a_refusal_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="reason"):
        made.notice(reasons=())


def test_the_monthly_list_keeps_the_regimes_apart():
    text = "".join(pages(monthly_list(made.month())))
    says(
        text,
        "罗甸县小额信贷贷款清单和未获批贷款农户清单",
        "2021年9月",
        "报送单位：罗甸县农村信用合作联社龙坪信用社",
        "接收单位：龙坪镇人民政府、五星村村“两委”",
        "一、脱贫人口小额信贷（新政策）",
        "二、扶贫小额信贷（老政策）",
        "合计（12笔、12户）128,147.70",
        "合计（2件、2户）30,000.00",
        "合计（1笔、1户）21,110.50",
        "522728********1201",
        "征信有重大不良记录",
        "（二）未获批贷款农户清单：扶贫小额信贷（老政策） 本月无。",
        "各块不相加",
        "LD2021-2.2d",
        "接收单位签收：",
        "联系人：李建华 0854-7600001",
    )
    assert "149,258.20" not in text  # the sum of both regimes
    assert text.index("一、脱贫人口小额信贷") < text.index("二、扶贫小额信贷")


def test_the_filing_lists_loans_only():
    blocks = tuple(dataclasses.replace(one, refusals=()) for one in made.month().blocks)
    text = "".join(
        pages(monthly_list(made.month(kind="filing", addressee="罗甸县乡村振兴局", blocks=blocks)))
    )
    says(
        text,
        "罗甸县小额信贷贷款月度备案表",
        "LD2021-2.2c",
        "接收单位（备案）：",
        "贷款清单：扶贫小额信贷（老政策）",
    )
    assert "未获批" not in text


def test_each_page_of_a_long_list_has_its_header_and_its_number():
    loans = tuple(made.loan_line(number) for number in range(120))
    block = RegimeBlock(product="脱贫人口小额信贷", regime="新政策", loans=loans)
    found = pages(monthly_list(made.month(kind="filing", blocks=(block,))))
    listed = [text for text in found if "LP2021-" in text]
    assert len(listed) >= 4
    for number, text in enumerate(listed, 1):
        says(
            text,
            "贷款清单：脱贫人口小额信贷（新政策）",
            "身份证号码",
            "合同编号",
            "到期日期",
            f"第{number}页共{len(found)}页",
        )
    whole = "".join(found)
    assert [one.contract_no for one in loans if one.contract_no not in whole] == []
    says(whole, "合计（120笔、120户）")


def test_two_loans_of_one_household_are_one_household():
    loans = (made.loan_line(1), made.loan_line(2, household_no=made.loan_line(1).household_no))
    block = RegimeBlock(product="脱贫人口小额信贷", regime="新政策", loans=loans)
    says("".join(pages(monthly_list(made.month(blocks=(block,))))), "合计（2笔、1户）")


def test_a_month_without_anything_says_so():
    says("".join(pages(monthly_list(made.month(blocks=())))), "本月无贷款发放，无未获批申请。")


def test_a_month_that_is_none_and_a_product_twice_are_refused():
    with pytest.raises(ValueError, match="month"):
        made.month(month=13)
    with pytest.raises(ValueError, match="one block"):
        made.month(blocks=made.month().blocks * 2)


def test_the_exception_shows_what_why_and_who():
    (text,) = pages(exception_record(made.exception()))
    says(
        text,
        "罗甸县小额信贷例外情况审批记录",
        "LW2021-0007",
        "SQ2021-000123",
        "申请日年龄为66周岁",
        "身体健康，从事养牛十年",
        "期限不超过24个月",
        "赵明（县信用联社）",
        "2021年9月8日",
        "LD2021-1.9",
        made.CITED.text,
    )


@pytest.mark.parametrize(
    "changed",
    [{"ground": " "}, {"citations": ()}, {"approved_by": ""}, {"approved_by": "李建华（龙坪信用社）"}],
)
def test_an_exception_without_ground_clause_or_another_approver_is_refused(changed):
    with pytest.raises(ValueError, match=r"exception"):
        made.exception(**changed)


def test_the_anchor_shows_its_hash_in_groups():
    (text,) = pages(trail_anchor(made.anchor()))
    says(
        text,
        made.HEAD,
        made.HEAD[::-1],
        "末条记录序号1,234,567",
        "当日记录条数842",
        "2021年9月30日",
        "2021年9月29日 第1,233,725条",
        "bangfu verify-trail",
    )
    first = made.anchor(previous_on=None, previous_number=None, previous_hash="")
    (text,) = pages(trail_anchor(first))
    says(text, "上一份锚定单首份")


def test_an_anchor_of_what_is_no_hash_is_refused():
    with pytest.raises(ValueError, match="64"):
        made.anchor(head_hash="abc")


def test_the_delivery_adds_up_by_township_and_category():
    (text,) = pages(roster_delivery(made.delivery()))
    says(
        text,
        "罗甸县小额信贷支持对象名单签收单",
        "2021Q3-2",
        "龙坪镇4,321874,408",
        "斛兴街道1,21091,219",
        "9,4361609,596",
        "9,596户",
        made.HEAD,
        "经办人：吴丽",
        "接收银行（已收到并核对）：",
        "LD2021-3.3",
        "CN2021-5.4",
    )


def test_an_acknowledged_delivery_names_who_and_when():
    (text,) = pages(roster_delivery(made.delivery(acknowledged_by="周敏", acknowledged_on=date(2021, 7, 6))))
    says(text, "签收人：周敏", "2021年7月6日")


def test_a_delivery_with_a_number_missing_is_refused():
    with pytest.raises(ValueError, match="category"):
        made.delivery(counts=(RosterCount(township="龙坪镇", households=(1,)),))


def test_the_contract_sheet_shows_amount_term_rate_subsidy_and_packs():
    (text,) = pages(contract_sheet(made.contract()))
    says(
        text,
        "罗甸县脱贫人口小额信贷贷款合同要素表",
        "人民币伍万元整（￥50,000.00）",
        "36个月",
        "年利率4.65%",
        "5年期以上LPR 4.65%",
        "2021年9月10日",
        "2024年9月12日",
        "县级财政",
        "LD2021-1.6、CN2021-1.5",
        made.HEAD,
        "银保监发〔2021〕6号",
        "522728********121X",
    )


def test_a_contract_with_much_in_it_still_fits_one_page():
    payers = tuple(
        SubsidyTerm(
            payer=payer,
            terms="按年利率不超过2.5个百分点贴息，先收后贴，按季发放",
            clauses=("CN2026-2.3",) * 3,
        )
        for payer in ("中央财政", "省级财政", "市级财政", "县级财政")
    )
    full = made.contract(
        packs=made.contract().packs * 2,
        subsidies=payers,
        address="罗甸县龙坪镇五星村" * 8,
        purpose="养殖能繁母牛" * 10,
    )
    (text,) = pages(contract_sheet(full))
    says(text, full.address, full.purpose, "中央财政", "县级财政")


def test_a_contract_without_a_subsidy_says_so():
    (text,) = pages(contract_sheet(made.contract(subsidies=(), packs=())))
    says(text, "适用文件未规定贴息，或尚未确定。", "未锁定。")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("52272819790504121X", "522728********121X"),
        ("522728790504121", "522728*****4121"),
        ("522728********121X", "522728********121X"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_an_id_number_is_masked_once(number, shown):
    assert masked_id(number) == shown


def test_a_face_without_a_table_of_glyphs_is_refused(tmp_path):
    face = tmp_path / "no.otf"
    face.write_bytes(b"OTTO" + bytes(8))
    with pytest.raises(NoGlyphTable):
        glyphs_of(face)


def test_a_process_forked_after_printing_is_told_and_does_not_wait():
    trail_anchor(made.anchor())
    child = os.fork()
    if not child:
        try:
            trail_anchor(made.anchor())
        except ForkedAfterPrinting:
            os._exit(7)
        os._exit(1)
    for _ in range(200):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        time.sleep(0.05)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
