"""Notices as anybody reads them, objections from a phone without JavaScript, and the desks that answer for them."""

from __future__ import annotations

import io
import re
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.casework.subsidies_made import Office, everything, office
from tests.web.face import bare_chinese

__all__ = ["office"]
MOST_BYTES = 150 * 1024
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def today():
    from django.utils import timezone

    return timezone.localdate()


def day_of(on: date) -> tuple[int, int, int]:
    return on.year, on.month, on.day


@pytest.fixture
def posted(office, today) -> Office:
    """The list's notice, posted three days ago."""
    office.reviewed()
    office.act(
        "post", day_of(today - timedelta(days=3)), kind="before", contact="云岭镇人民政府 0854-7600100"
    )
    return office


@pytest.fixture
def reader(client_of):
    return client_of()


def text(answer) -> str:
    return answer.content.decode()


def town_of(office) -> str:
    """The address of the township's notice."""
    from bangfu.casework.notices.models import Notice

    with everything():
        row = Notice.objects.filter(list_id=office.list_id, level="township", noticeend__isnull=True).get()
    return f"/notices/{row.pk}/"


def first_row(page: str) -> str:
    return re.search(r'href="(object/[0-9a-f-]+/)"', page)[1]


def personal(office) -> set[str]:
    from django.db import connection

    told = set()
    for line in office.lines():
        told |= {line.borrower_name, line.loan_id, line.household_id, str(line.id), str(line.list_id)}
    with everything(), connection.cursor() as cursor:
        cursor.execute("select name from casework_member")
        told |= {name for (name,) in cursor.fetchall() if len(name) > 2}
    return told - {""}


def objected(reader, office, **changed):
    where = town_of(office)
    address = where + first_row(text(reader.get(where)))
    told = {
        "ground": "amount_wrong",
        "text": "去年已还两万",
        "who": "anonymous",
        "name": "",
        "phone": "",
    } | changed
    return reader.post(address, told)


# The public pages.
def test_notices_are_found_by_the_name_of_a_township_and_stand_in_code_order(posted, reader):
    page = text(reader.get("/notices/"))
    assert "第 3 天 / 共 10 天" in page
    town = re.search(r'<a href="(/notices/[0-9a-f-]+/)">([^<]+)</a>', page)
    assert town[1] == town_of(posted)
    names = re.findall(r'<a href="/notices/[0-9a-f-]+/">([^<]+)</a>', page)
    assert names[0] == town[2]
    assert all(one.startswith(town[2]) for one in names)
    assert len(names) == 3
    assert (
        re.findall(
            r'<a href="/notices/[0-9a-f-]+/">([^<]+)</a>', text(reader.get(f"/notices/?name={town[2]}"))
        )
        == names
    )
    assert "没有找到" in text(reader.get("/notices/?name=没有这个镇"))
    assert "没有找到" in text(reader.get("/notices/?kind=after"))


def test_a_past_notice_is_shown_when_asked_for(office, reader):
    office.posted()  # in 2022
    assert "现在没有在期限内的公示" in text(reader.get("/notices/"))
    assert "10 天已满" in text(reader.get("/notices/?past=on"))


def test_a_notice_says_its_clock_sums_office_and_phone(posted, reader, today):
    page = text(reader.get(town_of(posted)))
    lines = posted.lines("open")
    assert "2022年第三季度小额信贷贴息情况公示</h1>" in page
    for told in (
        "第 3 天 / 共 10 天",
        "罗府办发〔2021〕65号",
        "自2022年6月21日至2022年9月20日止",
        "12317",
        "人民政府",
        'href="tel:0854-7600100"',
        str(today + timedelta(days=7)),
        f"共 {len(lines)} 笔",
    ):
        assert told in page, told
    assert page.count("对此条提出异议</a>") == len(lines)
    total = sum(one.payable_fen for one in lines)
    assert f"<b>{total // 100:,}.{total % 100:02d}</b>" in page


@pytest.mark.parametrize("tail", ["", "print/", "sheet.pdf"])
def test_no_public_page_names_anybody(posted, reader, tail):
    from tests.journeys.scope_records import text_of

    where = town_of(posted)
    pages = [text_of(reader.get(where + tail))]
    if not tail:
        row = first_row(text(reader.get(where)))
        pages += [
            text(reader.get(where + row)),
            text(objected(reader, posted)),
            text(reader.get("/notices/")),
        ]
    for page in pages:
        found = [secret for secret in personal(posted) if secret in page]
        assert found == []
        assert re.findall(r"\d{17}[\dXx]|\d{16,}", re.sub(r"[0-9a-f-]{36}|[0-9a-f]{64}", "", page)) == []


def test_a_notice_is_light_and_needs_no_script(posted, reader):
    for address in ("/notices/", town_of(posted)):
        answer = reader.get(address)
        assets = set(re.findall(r'(?:href|src)="/static/([^"?]+)', text(answer)))
        weight = len(answer.content) + sum(Path(finders.find(path)).stat().st_size for path in assets)
        assert weight < MOST_BYTES
        assert answer["Cache-Control"] == "public, max-age=300"
        assert not answer.cookies
        assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text(answer)) == []


def test_a_village_is_shown_alone_with_its_own_sum(posted, reader):
    where = town_of(posted)
    village = re.search(r'<option value="([^"]+)">', text(reader.get(where)).split('name="village"')[1])[1]
    page = text(reader.get(where, {"village": village}))
    mine = [one for one in posted.lines("open") if one.village_name.endswith(village)]
    assert page.count("对此条提出异议</a>") == len(mine)
    assert f"共 {len(mine)} 笔" in page
    assert reader.get(where, {"village": "别处村"}).status_code == 404


def many(office, count: int) -> str:
    from bangfu.casework.notices.models import Notice, NoticeRow

    with everything():
        row = Notice.objects.filter(list_id=office.list_id, level="township").first()
        row.pk, row.lines, row.total_fen = uuid.uuid4(), count, count * 12_345
        row.posted_at += timedelta(minutes=1)
        row.save(force_insert=True)
        NoticeRow.objects.bulk_create(
            (NoticeRow(token=uuid.uuid4(), notice=row, number=number, village=f"第{number // 500}村",
                       masked_name="王**", product="transition", amount_fen=12_345) for number in range(1, count + 1)),
            batch_size=5_000,
        )  # fmt: skip
    return f"/notices/{row.pk}/"


def test_ten_thousand_rows_page_fast_with_as_many_questions(posted, reader):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    small, large = town_of(posted), many(posted, 10_000)
    reader.get(small)
    counts = []
    for address in (small, large, large + "?page=100", large + "?village=第7村"):
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            answer = reader.get(address)
            took = time.perf_counter() - began
        assert answer.status_code == 200
        assert took < 1.5
        assert len(answer.content) < MOST_BYTES // 2
        counts.append(len(asked))
    assert max(counts) == min(counts)
    assert max(counts) <= 10, counts
    assert text(reader.get(large + "?page=100")).count("对此条提出异议</a>") == 100
    assert "sheet.pdf?village=" in text(reader.get(large))
    assert reader.get(large + "sheet.pdf").status_code == 413
    assert reader.get(large + "sheet.pdf?village=第7村").content.startswith(b"%PDF")


def test_what_is_not_there_is_not_there(posted, reader):
    nowhere = uuid.uuid4()
    where = town_of(posted)
    row = first_row(text(reader.get(where)))
    for address in (
        f"/notices/{nowhere}/",
        f"/notices/{nowhere}/sheet.pdf",
        f"{where}object/{nowhere}/",
        f"/notices/{nowhere}/{row}",
        "/notices/x/",
    ):
        assert reader.get(address).status_code == 404, address


def test_who_is_signed_in_keeps_their_navigation(posted, client_of):
    page = text(client_of("township").get(town_of(posted)))
    assert 'class="side"' in page
    assert "/objections/" in page


@pytest.mark.parametrize("address", ["/notices/", "/notices/?name=x", "/notices/answer/"])
def test_an_english_page_has_no_bare_chinese(posted, client_of, address):
    browser = client_of()
    browser.cookies["language"] = "en"
    names = re.compile(r"[\u4e00-\u9fff]+(镇|村|乡|街道|信用社)$")
    assert [one for one in bare_chinese(text(browser.get(address))) if not names.search(one)] == []


# Objecting.
def test_an_objection_gives_a_number_and_a_code_that_tells_its_state(posted, reader):
    answer = objected(reader, posted)
    page = text(answer)
    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("max-age=0") or "no-store" in answer["Cache-Control"]
    code = re.search(r'class="code">([^<]+)<', page)[1]
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code)
    assert [one.status for one in posted.lines()].count("held") == 1
    told = text(reader.post("/notices/answer/", {"code": code.lower().replace("-", " ")}))
    assert "已收到" in told
    assert "第 1 号" in told
    wrong = reader.post("/notices/answer/", {"code": "ABCD"})
    assert (wrong.status_code, "没有这个查询码" in text(wrong)) == (422, True)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ground": ""}, "请选一项"),
        ({"ground": "other", "text": ""}, "请写明情况"),
        ({"text": "他的卡 6222 0212 3456 7890 123"}, "请不要填写身份证号"),
        ({"text": "身份证５２２７２８１９９００１０１１２３Ｘ"}, "请不要填写身份证号"),
        ({"text": "一\x00二"}, "含有不能接受的字符"),
        ({"text": "长" * 501}, "500"),
        ({"text": "长" * 900_000}, "500"),
        ({"who": "signed"}, "请写姓名"),
        ({"who": "signed", "name": "张三"}, "请写电话"),
        ({"who": "signed", "name": "张三", "phone": "电话"}, "填写有误"),
        ({"name": "张三"}, "您选了匿名"),
        ({"who": "signed", "name": "张\u200b三\x07", "phone": "13800001234"}, "含有不能接受的字符"),
    ],
)
def test_what_cannot_be_taken_is_named(posted, reader, changed, words):
    answer = objected(reader, posted, **changed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert all(one.status == "open" for one in posted.lines())


def test_too_many_from_one_network_are_refused_in_words(posted, reader):
    for _ in range(6):
        assert objected(reader, posted).status_code == 200
    answer = objected(reader, posted)
    assert answer.status_code == 429
    assert "每小时最多 6 件" in text(answer)


def test_an_objection_needs_the_form_it_came_from(posted, client_of):
    strict = client_of("", enforce_csrf_checks=True)
    assert objected(strict, posted).status_code == 403


def test_a_withdrawn_notice_takes_no_objection(posted, reader, client_of):
    where = town_of(posted)
    row = where + first_row(text(reader.get(where)))
    again = f"/subsidies/lists/{posted.list_id}/notices/post/"
    desk = client_of("township")
    told = {
        "contact": "镇政府",
        "days": "10",
        "villages": "on",
        "why": "名单有误，重新公示",
        "instead_of": where.split("/")[2],
    }
    assert where.split("/")[2] in text(desk.get(again))
    assert desk.post(again, told | {"why": ""}).status_code == 422
    assert desk.post(again, told).status_code == 302
    assert desk.post(again, told).status_code == 409  # sent twice
    page = text(reader.get(where))
    assert "这份公示已经撤下" in page
    assert "对此条提出异议</a>" not in page
    assert reader.get(row).status_code == 410
    assert reader.get(where + "sheet.pdf").status_code == 422


def test_a_filed_list_takes_no_objection_and_says_so_before_the_form(office, reader, today):
    from tests.casework.archive_made import stepped

    office.posted()  # in 2022
    where = town_of(office)
    row = where + first_row(text(reader.get(where)))
    stepped(office, "filed", day_of(today))
    page = text(reader.get(where))
    assert "对此条提出异议</a>" not in page
    assert "网上不再受理异议" in page
    answer = reader.get(row)
    assert (answer.status_code, "这一期已经归档" in text(answer)) == (410, True)


# The desks.
def test_the_township_looks_posts_photographs_and_closes(office, client_of):
    office.reviewed()
    desk, where = client_of("township"), f"/subsidies/lists/{office.list_id}/notices/"
    assert "还没有张贴" in text(desk.get(where))
    page = text(desk.get(where + "post/"))
    assert "将生成 3 张" in page
    assert "LD2021-6" in page
    assert not [one.borrower_name for one in office.lines() if one.borrower_name in page]
    told = {"contact": "云岭镇 0854-7600100", "days": "8", "villages": "on", "why": ""}
    short = desk.post(where + "post/", told)
    assert (short.status_code, "不得少于10天" in text(short)) == (422, True)
    more = desk.post(where + "post/", told | {"days": "12"})
    assert (more.status_code, "必须填写理由" in text(more)) == (422, True)
    assert desk.post(where + "post/", told | {"days": "10"}).status_code == 302
    page = text(desk.get(where))
    assert "今天张贴，共 10 天" in page
    assert "公示期满，转签章上报" not in page
    early = desk.post(where + "close/", {"seen_hash": office.seen()})
    assert (early.status_code, "公示期未满" in text(early)) == (422, True)


def test_a_notice_whose_days_are_over_goes_on(office, client_of):
    office.posted()
    desk, where = client_of("township"), f"/subsidies/lists/{office.list_id}/notices/"
    assert "公示期满，转签章上报" in text(desk.get(where))
    page = text(desk.get(where + "close/"))
    seen = re.search(r'name="seen_hash" value="([0-9a-f]+)"', page)[1]
    assert desk.post(where + "close/", {"seen_hash": "0" * 64}).status_code == 422
    assert desk.post(where + "close/", {"seen_hash": seen, "opinion": ""}).status_code == 302
    assert office.view().state == "township_submission"


@pytest.mark.parametrize(("role", "level"), [("township", "township"), ("village", "village")])
def test_photographs_are_taken_by_what_they_are(posted, client_of, role, level):
    from bangfu.casework.notices.models import Notice

    desk = client_of(role)
    with everything():
        rows = Notice.objects.filter(list_id=posted.list_id, level=level)
        mine = next((one for one in rows if one.area.startswith(posted.person(role).place)), None)
    if mine is None:
        pytest.skip("the village of number 1 has no line in this list")
    where = f"/notices/{mine.pk}/photos/"
    assert "还没有" in text(desk.get(where))
    sent = {"part": "near", "file": SimpleUploadedFile("近景.png", PNG, "image/png")}
    assert desk.post(where, sent).status_code == 302
    assert 'loading="lazy"' in text(desk.get(where))
    for name, content in (("a.png", b"<script>alert(1)</script>"), ("a.jpg", b"%PDF-1.4\n%%EOF")):
        refused = desk.post(where, {"part": "far", "file": SimpleUploadedFile(name, content, "image/png")})
        assert refused.status_code in (413, 422), name
    assert client_of("village", 2).get(where).status_code == 404
    assert client_of("branch_officer").post(where, sent).status_code in (403, 404)


def signed_objection(reader, office) -> str:
    """The code of a signed objection."""
    page = text(objected(reader, office, who="signed", name="张大有", phone="13800001234"))
    return re.search(r'class="code">([^<]+)<', page)[1]


def test_an_objection_goes_from_the_phone_to_its_answer(posted, reader, client_of):
    code = signed_objection(reader, posted)
    station, township = client_of("station"), client_of("township")
    page = text(station.get("/objections/"))
    where = re.search(r'href="(/objections/[0-9a-f-]+/)"', page)[1]
    assert "金额不对" in page
    one = text(station.get(where))
    assert "我 · 调查并写明情况" in one
    assert "另一人 · 处理并答复" not in one
    assert "张**" in one
    assert "张大有" not in one
    assert "13800001234" not in one
    assert "核算" in one
    assert "机器核对" in one
    refused = station.post(where + "show/phone/", {"reason": ""})
    assert (refused.status_code, "13800001234" in text(refused)) == (422, False)
    assert "13800001234" in text(station.post(where + "show/phone/", {"reason": "电话核实情况"}))
    paper = {"file": SimpleUploadedFile("笔录.png", PNG, "image/png")}
    assert station.post(where + "papers/", paper).status_code == 302
    assert station.post(where + "investigate/", {"finding": " "}).status_code == 422
    assert station.post(where + "investigate/", {"finding": "走访核实，没有提前还款"}).status_code == 302
    assert township.get(where + "letter.pdf").status_code == 422
    early = reader.post("/notices/answer/", {"code": code, "do": "letter"})
    assert (early.status_code, early["Content-Type"][:9], "letter" in text(early)) == (
        200,
        "text/html",
        False,
    )
    page = text(township.get(where))
    seen = re.search(r'name="seen_hash" value="([0-9a-f]+)"', page)[1]
    decision = {"outcome": "rejected", "answer": "经查，金额无误。", "clause": "", "seen_hash": seen}
    assert township.post(where + "decide/", decision | {"answer": ""}).status_code == 422
    assert station.post(where + "decide/", decision).status_code == 403
    assert township.post(where + "decide/", decision).status_code == 302
    assert "已处理：不成立" in text(township.get("/objections/?show=all"))
    assert "下一步" not in text(township.get(where))
    told = text(reader.post("/notices/answer/", {"code": code}))
    assert "经查，金额无误。" in told
    assert f'name="code" value="{code}"' in told
    for sent in (
        reader.post("/notices/answer/", {"code": code, "do": "letter"}),
        township.get(where + "letter.pdf"),
    ):
        assert (sent["Content-Type"], sent.content[:5]) == ("application/pdf", b"%PDF-")
    assert where + "letter.pdf" in text(township.get(where))
    assert client_of("branch_officer").get(where + "letter.pdf").status_code in (403, 404)
    assert reader.get(where + "letter.pdf").status_code in (302, 403)
    assert "不成立" in told
    assert "走访核实" not in told
    assert all(line.status == "open" for line in posted.lines())


def test_who_investigated_is_told_that_another_decides(posted, reader, client_of):
    objected(reader, posted)
    desk = client_of("township")
    where = re.search(r'href="(/objections/[0-9a-f-]+/)"', text(desk.get("/objections/?show=mine")))[1]
    assert desk.post(where + "investigate/", {"finding": "核实过了"}).status_code == 302
    page = text(desk.get(where))
    assert "须由另一人处理" in page
    assert "decide/" not in page
    assert where not in text(desk.get("/objections/?show=mine"))
    assert where in text(client_of("township", 3).get("/objections/?show=mine"))


@pytest.mark.parametrize("role", [("township", 2), ("village", 2), ("station", 2), ("branch_officer", 1)])
def test_objections_are_the_first_townships_alone(posted, reader, client_of, role):
    objected(reader, posted)
    page = text(client_of("township").get("/objections/"))
    where = re.search(r'href="(/objections/[0-9a-f-]+/)"', page)[1]
    other = client_of(*role)
    assert other.get(where).status_code in (403, 404)
    assert where not in text(other.get("/objections/"))


def test_the_number_of_questions_does_not_grow_with_objections(posted, reader, client_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk, counts = client_of("township"), []
    for _ in range(3):
        objected(reader, posted)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get("/objections/").status_code == 200
            assert desk.get(f"/subsidies/lists/{posted.list_id}/notices/").status_code == 200
        counts.append(len(asked))
    assert max(counts) == min(counts), counts


def test_a_sheet_carries_the_way_back_to_its_page(posted, reader):
    from pypdf import PdfReader

    where = town_of(posted)
    answer = reader.get(where + "sheet.pdf")
    assert answer["Content-Type"] == "application/pdf"
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    plain = re.sub(r"[\s\u200b]", "", told)
    assert where.strip("/").rpartition("/")[2] in plain
    assert "0854-7600100" in plain
