"""The papers of a subsidy cycle: totals on every page, masked names, the clock, two persons, what is missing."""

from __future__ import annotations

import dataclasses
import io
from datetime import date

import pypdf
import pytest
from tests.reports import cycle_papers_made as made
from tests.reports.papers_made import CITED, HEAD, pages
from tests.reports.test_papers import EVIL, NOT_SHOWN, poisoned, says

from bangfu.money.fen import format_yuan
from bangfu.reports.papers import (
    ListBlock,
    archive_receipt,
    control_sheet,
    objection_answer,
    public_notice,
    returned_list,
    subsidy_list_paper,
    yearly_summary,
)

ALL = {
    "list": (subsidy_list_paper, made.listed),
    "notice": (public_notice, made.public),
    "control": (control_sheet, made.control),
    "returned": (returned_list, made.returned),
    "answer": (objection_answer, made.answer),
    "year": (yearly_summary, made.year),
    "receipt": (archive_receipt, made.receipt),
}


@pytest.mark.parametrize("name", ALL)
def test_the_same_values_give_the_same_archival_bytes(name):
    make, values = ALL[name]
    first = make(values())
    assert make(values()) == first
    told = pypdf.PdfReader(io.BytesIO(first)).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in told


# Codes and hashes are looked up or set in groups; masked names have to stay masked.
CODES = ("masked_name", "payer", "url", "file_hash", "manifest_hash", "trail_hash", "lines_hash",
         "content_hash_of_batch", "regime")  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_markup_in_every_text_comes_out_as_it_stands(name):
    make, values = ALL[name]
    held = dataclasses.replace(values(), imprint=dataclasses.replace(values().imprint, printed_at=None))
    evil, said = poisoned_but(held)
    whole = "".join(pages(make(evil)))
    hidden = {one for one in said if "".join(one.split()) not in whole}
    assert len(said) > len(hidden) + 2
    assert {one for one in hidden if not one.endswith((*NOT_SHOWN, "village"))} == set()


def poisoned_but(value):
    """As ``poisoned``, with codes, hashes and pairs of (code, amount) left as they are."""
    kept = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    evil, said = poisoned(value, EVIL)
    back = {
        name: kept[name]
        for name in kept
        if name in (*CODES, "by_payer", "clauses", "blocks", "lines", "sources")
    }
    gone = tuple(f".{name}" for name in CODES) + tuple(back)
    return dataclasses.replace(evil, **back), [
        one for one in said if not any(f"{name}" in one.rsplit("//", 1)[-1] for name in gone)
    ]


def test_the_list_has_a_total_on_every_page_and_signs_on_the_last():
    lines = tuple(made.line(n) for n in range(1, 60))
    found = pages(
        subsidy_list_paper(made.listed(blocks=(ListBlock(product="甲", regime="新政策", lines=lines),)))
    )
    assert len(found) == 5
    for number, text in enumerate(found, 1):
        says(text, "龙坪镇小额信贷贴息发放清册", "本页小计", f"第{number}页共5页", "甲（新政策）")
    assert "累计（32笔）" in found[1]
    assert format_yuan(32 * 56_861, grouped=True) in found[1]
    says(
        found[-1],
        "合计（59笔）",
        format_yuan(59 * 56_861, grouped=True),
        "分管领导",
        "主要领导",
        "盖章",
    )
    assert [text for text in found[:-1] if "主要领导：" in text] == []
    whole = "".join(found)
    assert [one.contract_no for one in lines if whole.count(one.contract_no) != 1] == []


@pytest.mark.parametrize("count", range(1, 40))
def test_whoever_signs_the_list_has_lines_before_them(count):
    lines = tuple(made.line(n) for n in range(1, count + 1))
    found = pages(
        subsidy_list_paper(made.listed(blocks=(ListBlock(product="甲", regime="新政策", lines=lines),)))
    )
    assert "主要领导：" in found[-1]
    assert "本页小计" in found[-1]
    assert [text for text in found if "本页小计" not in text] == []


def test_the_list_keeps_regimes_apart_and_recoveries_out_of_what_is_paid():
    found = pages(subsidy_list_paper(made.listed()))
    assert len(found) == 2
    says(
        found[0],
        "扶贫小额信贷（老政策）",
        "合计（2笔）",
        "本期应发放人民币伍佰陆拾捌元陆角壹分",
        "另应追回5.21元",
    )
    says(
        found[1],
        "脱贫人口小额信贷（新政策）",
        "中央贴息",
        "合计（3笔）",
        "1,705.83",
        "各块不相加",
        "3f2a9c0d",
    )
    assert "中央贴息" not in found[0]
    assert format_yuan(5 * 56_861 - 521 - 56_861, grouped=True) not in "".join(found)


def test_a_list_whose_payers_do_not_sum_is_refused():
    with pytest.raises(ValueError, match="payers"):
        made.line(1, by_payer={"county": 1})
    with pytest.raises(ValueError, match="one block"):
        made.listed(blocks=made.listed().blocks * 2)
    says("".join(pages(subsidy_list_paper(made.listed(blocks=())))), "本期无应贴息贷款")


def test_the_notice_tells_until_when_how_to_object_and_where_to_complain():
    (text,) = pages(public_notice(made.public()))
    says(
        text,
        "龙坪镇小额信贷贴息情况公示", "2024年第二季度", "共3笔，金额合计1,705.86元",
        "公示期：2024年7月1日张贴，次日起算，至2024年7月11日24时止（满10天）",
        "韦＊强", "五星村小计2笔1,137.23", "大坪村小计1笔", "合计3笔1,705.86", "新政策1笔568.61元，老政策2笔",
        "实名或者匿名", "只暂缓该笔", "监督电话：0854-7600002", "12317", "https://bangfu.example/notice/3f2a",
        "扫码提出异议", "LD2021-6（镇级公示10天无异议）", "龙坪镇人民政府（盖章）2024年7月1日",
    )  # fmt: skip


def test_the_announcement_of_a_village_tells_when_it_was_paid():
    after = made.public(
        kind="after", village="五星村", last_day=None, days=None, url="", paid_from=date(2024, 7, 20),
        paid_to=date(2024, 7, 22), lines=made.public().lines[:2],
    )  # fmt: skip
    (text,) = pages(public_notice(after))
    says(
        text,
        "龙坪镇五星村小额信贷贴息发放情况公告",
        "于2024年7月20日至2024年7月22日",
        "已发放金额",
        "张贴日期：2024年7月1日",
    )
    assert "扫码" not in text.replace("用手机扫码", "")
    assert "小计" not in text


def test_a_whole_name_is_no_public_notice():
    line = dataclasses.replace(made.public().lines[0], masked_name="韦国强")
    with pytest.raises(ValueError, match="masked"):
        made.public(lines=(line,))
    with pytest.raises(ValueError, match="ends"):
        made.public(last_day=date(2024, 6, 30))


def test_a_long_notice_has_its_head_on_every_page():
    lines = tuple(dataclasses.replace(made.public().lines[0], number=n) for n in range(1, 101))
    found = pages(public_notice(made.public(lines=lines)))
    assert len(found) > 3
    assert [text for text in found[:-1] if "拟贴息金额" not in text] == []
    says(found[-1], "监督电话", "（盖章）")


def test_the_control_sheet_adds_up_and_names_both_persons():
    (text,) = pages(control_sheet(made.control()))
    says(
        text,
        "罗甸县小额信贷贴息一卡通发放控制单", "第2批", "3笔", "1,705.83元", "人民币壹仟柒佰零伍元捌角叁分",
        "斛兴街道1568.61", "中央财政1,000.00", HEAD, HEAD[::-1], "制单人赵明（财政局）", "2024年7月18日15:30",
        "放行人：李红（财政局）", "LD2021-6",
    )  # fmt: skip
    for wrong in ({"total_fen": 1}, {"items": 4}, {"by_payer": (("county", 1),)}):
        with pytest.raises(ValueError, match="make up"):
            made.control(**wrong)


def test_returned_payments_say_why_and_what_then():
    (text,) = pages(returned_list(made.returned()))
    says(text, "失败和退回清单", "6217****1234", "03户名与账号不符", "第3批重新发放", "合计2笔", "1,137.22")
    says("".join(pages(returned_list(made.returned(lines=())))), "本期无失败或退回的发放。")


def test_an_anonymous_objection_is_answered_under_its_number():
    (text,) = pages(objection_answer(made.answer()))
    says(
        text,
        "异议人（编号YY2024-0007）：", "第17号提出的异议（该户已迁出）收悉。经查，你反映的情况属实，异议成立",
        "多列部分予以剔除。", CITED.text, "12317", "龙坪镇人民政府（盖章）2024年7月9日",
    )  # fmt: skip
    (text,) = pages(objection_answer(made.answer(upheld=False, name="罗秀英")))
    says(text, "罗秀英：", "你反映的情况不成立")
    with pytest.raises(ValueError, match="words"):
        made.answer(answer=" ")


def test_the_year_is_summed_up_without_adding_regimes_or_ranking():
    (text, *more) = pages(yearly_summary(made.year()))
    says(
        text + "".join(more),
        "罗甸县2024年度小额信贷贴息工作总结（自评报告）", "共向103户发放小额信贷财政贴息200笔，金额100,000.00元",
        "待追回5.21元", "三、新老政策", "老政策102010,000.00", "按区划代码顺序", "五、资金", "县级财政120,000.00",
        "收到异议2件，其中成立1件", "边阳镇上报超期3天", "由填报单位填写", "LD2021-7", "CN2026-4.1",
    )  # fmt: skip
    with pytest.raises(ValueError, match="same money"):
        made.year(townships=made.year().townships * 2)
    small = made.year(townships=(), sources=(), township="龙坪镇", late=())
    says("".join(pages(yearly_summary(small))), "罗甸县龙坪镇2024年度", "四、公示、异议和退回", "均在期限内")


def test_the_receipt_names_what_is_missing_and_why():
    (text,) = pages(archive_receipt(made.receipt()))
    says(
        text,
        "罗甸县小额信贷贴息档案接收单", "第1次", HEAD, "第1,234,567条", "五星村：远景照片（村委会）", "合计28",
        "照片遗失，已重拍，待补。", "移交人：王小芳", "verify-bundle",
    )  # fmt: skip
    with pytest.raises(ValueError, match="reason"):
        made.receipt(reason="")
