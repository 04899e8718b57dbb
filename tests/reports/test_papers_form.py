"""The application form: every cell of LD2021-form, one page, the same bytes, and nothing read as markup."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest
from tests.reports.papers_made import IMPRINT, form, pages, squeezed

from bangfu.money.capitals import NotInCapitals
from bangfu.reports.papers import ApplicationForm, Imprint, Opinion, Person, application_form, content_hash
from bangfu.reports.papers.application import NOTES

ORDER = (
    "罗甸县脱贫人口小额信贷贷款申请审批表",
    "龙坪镇",
    "五星村",
    "建档立卡户编号：5227280300104567",
    "申请日期：2021年9月1日",
)
CELLS = (
    *ORDER,
    "姓名",
    "性别",
    "出生年月",
    "婚姻状况",
    "家庭人口数",
    "身份证号码",
    "联系电话",
    "家庭住址",
    "配偶",
    "大写：人民币（伍万元整）",
    "小写：￥（50,000.00）",
    "借款用途及概况",
    "贷款期限：",
    "村委会意见：",
    "乡镇（街道）人民政府（办事处）意见：",
    "乡镇（街道）扶贫工作站意见：",
    "经办金融机构意见：",
)
VALUES = (
    "韦国强",
    "男",
    "1979年5月",
    "已婚",
    "5人",
    "52272819790504121X",
    "13800001234",
    "罗甸县龙坪镇五星村三组27号",
    "罗秀英",
    "1981年11月",
    "522728198111020022",
    "13900005678",
    "养殖能繁母牛3头，购买饲料，改造圈舍。",
    "36个月",
    "情况属实，同意上报。",
    "负责人：陈永福",
    "2021年9月2日",
    "该户为我镇建档立卡脱贫人口",
    "负责人：王小芳",
    "审批人：杨光明",
    "同意贷款五万元。",
    "审批人：李建华",
    "2021年9月10日",
    "申请人：韦国强",
)


def test_every_cell_and_every_value_stands_on_one_page():
    (text,) = pages(application_form(form()))
    assert [one for one in (*CELLS, *VALUES, *NOTES) if squeezed(one) not in text] == []
    assert text.count("（签章）") == 5


def test_the_boxes_stand_in_the_order_of_the_form():
    (text,) = pages(application_form(form()))
    places = [text.index(squeezed(one)) for one in CELLS if one.endswith("意见：") or one in ORDER]
    assert places == sorted(places)


def test_the_blank_form_has_room_where_the_values_stand():
    blank = ApplicationForm.blank(county="罗甸县", product="扶贫小额信贷")
    (text,) = pages(application_form(blank))
    assert "罗甸县扶贫小额信贷贷款申请审批表" in text
    for words in (
        "镇",
        "村",
        "大写：人民币（万元整）",
        "小写：￥（0.00）",
        "申请日期：年月日",
        "家庭人口数人",
    ):
        assert words in text
    assert "内容校验码" not in text
    assert "打印" not in text


def test_the_foot_says_who_printed_it_when_and_what():
    (text,) = pages(application_form(form()))
    assert "打印：龙坪镇人民政府王小芳2021年9月3日09:05" in text
    assert f"内容校验码：{content_hash(form())[:16]}" in text
    assert "第1页共1页" in text


def test_a_hash_that_is_handed_in_is_the_one_printed():
    digest = hashlib.sha256(b"what the officer saw").hexdigest()
    (text,) = pages(application_form(form(imprint=replace(IMPRINT, content_hash=digest))))
    assert f"内容校验码：{digest[:16]}" in text


def test_the_hash_follows_the_content_and_not_the_printing():
    assert content_hash(form()) == content_hash(form(imprint=Imprint()))
    assert content_hash(form()) != content_hash(form(amount_fen=5_000_001))
    assert content_hash(form()) != content_hash(form(spouse=Person()))


def test_a_time_is_shown_in_beijing_and_needs_its_zone():
    at = datetime(2021, 9, 2, 17, 5, tzinfo=UTC)
    (text,) = pages(application_form(form(imprint=Imprint(printed_by="甲", printed_at=at))))
    assert "2021年9月3日01:05" in text
    with pytest.raises(ValueError, match="zone"):
        Imprint(printed_at=datetime(2021, 9, 2, 17, 5))  # noqa: DTZ001 - what is refused


def test_the_same_values_give_the_same_bytes():
    first = application_form(form())
    application_form(form(amount_fen=1))
    assert application_form(form()) == first
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(application_form, [form()] * 8)) == {first}


def test_another_process_gives_the_same_bytes():
    code = (
        "import hashlib; from tests.reports.papers_made import form; "
        "from bangfu.reports.papers import application_form; "
        "print(hashlib.sha256(application_form(form())).hexdigest())"
    )
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == hashlib.sha256(application_form(form())).hexdigest()


def test_the_day_of_printing_and_only_our_faces_are_in_the_file():
    pdf = application_form(form())
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    told = reader.metadata or {}
    assert set(told) == {"/Title", "/Creator", "/CreationDate", "/ModDate"}
    assert told["/CreationDate"] == told["/ModDate"] == "D:20210903010500Z"  # 09:05 in Beijing
    fonts = reader.pages[0]["/Resources"]["/Font"]
    names = {font.get_object()["/BaseFont"].split("+")[-1] for font in fonts.values()}
    assert {name.split("-")[0] for name in names} == {"NotoSerifSC", "NotoSansSC"}


MARKUP = (
    '#panic("x")',
    "#set page(fill: red)",
    "= Heading",
    "*bold* _slanted_ `raw`",
    "$x^2$",
    "\\u{41} \\# \\",
    '"] #let d = 1 [',
    "<label> @cite",
    "// comment",
    "/* open",
    '#include("/etc/passwd")',
    "{{ 1 }} ${x} %s {0}",
    "- item",
    "~ -- --- ...",
    "'single' \"double\"",
)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_comes_out_as_it_stands(text):
    evil = form(
        township=text,
        registration_no=text,
        applicant=Person(name=text, address=text, id_number=text),
        purpose=text,
        term=text,
        lender_opinion=Opinion(text=text, person=text),
        imprint=Imprint(printed_by=text),
    )
    (page,) = pages(application_form(evil))
    assert page.count(squeezed(text)) >= 9


def test_marks_that_turn_a_line_and_signs_without_a_glyph_are_boxes():
    name = "韦\u202e国\x00强𠮷"
    (page,) = pages(application_form(form(applicant=Person(name=name))))
    assert "韦□国□强□" in page
    assert "□处为字库未收的字（U+20BB7），请手工补写" in page


def test_a_lone_surrogate_is_a_box():
    (page,) = pages(application_form(form(purpose="买\ud800牛")))
    assert "买□牛" in page


def test_rare_signs_of_names_are_printed():
    (page,) = pages(application_form(form(applicant=Person(name="䶮喆堃"))))
    assert "䶮喆堃" in page


LONG = form(
    township="某某布依族苗族自治乡镇",
    village="上大塘新田坝易地搬迁安置村",
    registration_no="52272803001045671234",
    applicant=Person(
        name="阿卜杜勒热西提·买买提依明江·吐尔逊",
        sex="男",
        born=date(1979, 12, 4),
        marital_status="丧偶（再婚登记中）",
        id_number="52272819790504121X",
        phone="13800001234、0854-7612345转8012",
        address="贵州省黔南布依族苗族自治州罗甸县" * 9,
    ),
    spouse=Person(name="Wolfeschlegelsteinhausenbergerdorff", phone="1" * 40),
    purpose="养殖能繁母牛；" * 37,
    term="自放款之日起二十四个月，最长不超过三十六个月",
    lender_opinion=Opinion(text="经实地调查、征信查询，" * 10, person="王某某、李某某、赵某某（信贷员）"),
)


def test_what_is_long_is_set_smaller_and_stays_on_the_page():
    (page,) = pages(application_form(LONG))
    for text in (
        LONG.purpose,
        LONG.applicant.address,
        LONG.applicant.name,
        LONG.spouse.name,
        LONG.spouse.phone,
    ):
        assert squeezed(text) in page
    assert LONG.lender_opinion.text in page


def test_what_is_too_long_stands_in_full_on_the_annex():
    purpose, opinion = "养殖能繁母牛，" * 100, "经实地调查，" * 60
    first, annex = pages(application_form(form(purpose=purpose, village_opinion=Opinion(text=opinion))))
    assert first.count("……（全文见附页）") == 2
    assert "借款用途及概况：" + purpose in annex
    assert "村委会意见：" + opinion in annex


def test_many_short_lines_go_to_the_annex_as_well():
    first, annex = pages(application_form(form(purpose="\n".join(f"第{n}项" for n in range(1, 21)))))
    assert "第6项" in first
    assert "第20项" not in first
    assert "第20项" in annex


@pytest.mark.parametrize(
    ("fen", "words", "figures"),
    [
        (0, "零元整", "0.00"),
        (1_000_000, "壹万元整", "10,000.00"),
        (9_999_999_999, "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分", "99,999,999.99"),
        (168_032, "壹仟陆佰捌拾元零叁角贰分", "1,680.32"),
    ],
)
def test_amounts_from_small_to_eight_digits(fen, words, figures):
    (page,) = pages(application_form(form(amount_fen=fen)))
    assert f"人民币（{words}）" in page
    assert f"￥（{figures}）" in page


def test_a_negative_amount_is_refused():
    with pytest.raises(NotInCapitals, match="amount_negative"):
        application_form(form(amount_fen=-1))
