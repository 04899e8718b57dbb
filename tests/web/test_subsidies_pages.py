"""The desk pages of the subsidy cycle: cycles, lists, lines, the steps by forms, what is refused and where."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from types import SimpleNamespace

import openpyxl
import polars as pl
import pytest
from tests.casework.lending_made import one
from tests.casework.subsidies_made import PERIOD, everything, office  # noqa: F401 - a fixture

ROLES = ("village", "township", "branch_officer", "county_bank", "bureau", "finance", "auditor")


def text(answer) -> str:
    return answer.content.decode()


def seen(page: str) -> str:
    (found,) = set(re.findall(r'name="seen_hash" value="([0-9a-f]{64})"', page))
    return found


def errors_of(answer) -> set[str]:
    """The fields at which something is refused; the form itself where it is said above all fields."""
    page = text(answer)
    assert answer.status_code == 422, page[:600]
    return set(re.findall(r'id="id_(\w+)_error"', page)) or {"form" if 'role="alert"' in page else "nothing"}


@pytest.fixture
def urls(office):  # noqa: F811
    """Addresses of the first township's list."""
    line = office.lines()[0]
    return SimpleNamespace(
        office=office, cycle=f"/subsidies/cycles/{office.cycle_id}/", list=f"/subsidies/lists/{office.list_id}/",
        line=f"/subsidies/lines/{line.id}/", number=line.number, loan=line.loan_id, household=line.household_id,
    )  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_the_pages_open_for_each_role_in_both_languages(client_of, urls, role):
    client = client_of(role)
    pages = [
        "/subsidies/",
        "/subsidies/late/",
        urls.cycle,
        f"{urls.cycle}?state=branch_list&late=on&township=1",
    ]
    if role != "village":
        pages += [urls.list, f"{urls.list}?status=held&differing=on&page=9"]
    for language in ("zh-hans", "en"):
        client.cookies["language"] = language
        for page in (*pages, urls.line):
            answer = client.get(page)
            assert answer.status_code == 200, (page, text(answer)[:800])
            assert len(text(answer).encode()) < 150_000
    assert not re.search(r"\d{17}[\dX]", text(client.get(urls.line)))


def test_where_a_list_stands_who_is_next_and_by_which_clause(client_of, urls):
    page = text(client_of("township").get(urls.list))
    assert "下一步" in page
    assert "信用社负责人" in page
    assert "已超期" in page
    assert "LD2021-6" in page
    assert "2022年第三季度" in text(client_of("bureau").get("/subsidies/"))


def test_a_village_sees_its_own_line_and_no_list(client_of, urls):
    client = client_of("village")
    assert client.get(urls.list).status_code == 404
    theirs = next(line for line in urls.office.lines() if line.village == urls.office.person("village").place)
    assert theirs.loan_id in text(client.get(f"/subsidies/lines/{theirs.id}/"))


def test_others_see_nothing_of_it(client_of, urls):
    for role in ("township", "branch_officer", "branch_manager", "county_bank"):
        client = client_of(role, 2)
        for page in (urls.list, urls.line, f"{urls.line}held/", f"{urls.list}review/"):
            assert client.get(page).status_code in (403, 404), (role, page)
        assert urls.loan not in text(client.get(urls.cycle))
    assert client_of().get(urls.cycle).status_code == 302
    assert client_of("admin").get("/subsidies/").status_code == 403


def test_a_cycle_is_opened_after_its_plan_was_shown(client_of, urls):
    client = client_of("bureau")
    plan = {"rhythm": "quarter", "start": "2023-06-21", "end": "2023-09-20", "payment_month": "2023-11"}
    page = text(client.get("/subsidies/open/", plan))
    for told in (
        "文件未定，由县局定",
        "2023年11月",
        "本地确定",
        "2023-10-31",
        "2023-11-15",
        "10 天",
        "LD2021-6",
        "将建清册",
    ):
        assert told in page, told
    assert errors_of(client.get("/subsidies/open/", plan | {"end": "2023-01-01"})) == {"end"}
    assert errors_of(client.get("/subsidies/open/", plan | {"payment_month": "soon"})) == {"payment_month"}
    answer = client.post("/subsidies/open/", plan | {"why": "局务会议纪要"})
    assert answer.status_code == 302
    assert "2023年第三季度" in text(client.get(answer["Location"]))
    assert errors_of(client.post("/subsidies/open/", plan)) == {"form"}
    assert "不能再开" in text(client.get("/subsidies/open/", plan))
    assert client_of("township").get("/subsidies/open/").status_code == 403
    assert one("select why from casework_subsidy_cycle where payment_month = '2023-11-01'") == (
        "局务会议纪要",
    )


def test_the_branch_computes_and_gives_its_list(client_of, urls):
    officer, manager = client_of("branch_officer"), client_of("branch_manager")
    assert officer.post(f"{urls.cycle}compute/").status_code == 302
    assert officer.post(f"{urls.list}compute/").status_code == 302
    assert officer.get(f"{urls.list}submit/").status_code == 403
    page = text(manager.get(f"{urls.list}submit/"))
    stale = manager.post(f"{urls.list}submit/", {"seen_hash": "0" * 64})
    assert "变动" in text(stale)
    assert seen(text(stale)) == seen(page), "and what stands now is what the next try binds to"
    assert manager.post(f"{urls.list}submit/", {"seen_hash": seen(page)}).status_code == 302
    assert "乡镇审核" in text(manager.get(urls.list))
    assert manager.get(f"{urls.list}submit/").status_code == 409


def test_the_banks_figures_are_tried_taken_and_explained(client_of, urls):
    from django.core.files.uploadedfile import SimpleUploadedFile

    officer, manager = client_of("branch_officer"), client_of("branch_manager")
    lines = urls.office.lines()
    start, end = PERIOD

    def send(do: str, extra: int = 0):
        rows = [f"{one.loan_id},{start},{end},{one.subsidy_fen / 100:.2f}" for one in lines]
        rows[0] = f"{lines[0].loan_id},{start},{end},{(lines[0].subsidy_fen + extra) / 100:.2f}"
        content = "\n".join(["loan_id,period_start,period_end,amount", *rows]).encode()
        return officer.post(
            f"{urls.cycle}claims/", {"file": SimpleUploadedFile("bank.csv", content), "do": do}
        )

    assert officer.post(f"{urls.cycle}claims/", {"do": "take"}).status_code == 422
    assert "检查通过" in text(send("try", 12_345))
    assert send("take", 12_345).status_code == 302
    assert "没有取用" in text(
        officer.post(
            f"{urls.cycle}claims/", {"file": SimpleUploadedFile("b.csv", b"loan_id\nL1"), "do": "take"}
        )
    )
    assert "+123.45" in text(officer.get(f"{urls.list}?differing=on"))
    line = f"/subsidies/lines/{urls.office.lines()[0].id}/"
    told = {"seen_hash": seen(text(manager.get(f"{urls.list}submit/")))}
    assert "有差异未说明" in text(manager.post(f"{urls.list}submit/", told))
    assert officer.post(f"{line}explained/", {"reason": "银行录入有误"}).status_code == 302
    assert "已人工说明" in text(officer.get(urls.list))
    told = {"seen_hash": seen(text(manager.get(f"{urls.list}submit/")))}
    assert manager.post(f"{urls.list}submit/", told).status_code == 302
    assert officer.post(f"{urls.cycle}claims/", {"do": "imported"}).status_code == 302
    assert client_of("township").get(f"{urls.cycle}claims/").status_code == 403


def ticked(page: str) -> list[str]:
    return re.findall(r'name="ok" value="([^"]+)" checked', page)


def test_the_township_reviews_line_by_line(client_of, urls):
    urls.office.given()
    client = client_of("township")
    page = text(client.get(f"{urls.list}review/"))
    preset = {
        f"{line.number}:{check['code']}"
        for line in urls.office.lines()
        for check in line.checks
        if check["outcome"] == "passed" and check["code"] != "overlap"
    }
    assert set(ticked(page)) == preset, "only what the computer's checks passed"
    ticks = [
        f"{line.number}:{part}" for line in urls.office.lines() for part in ("identity", "amount", "right")
    ]
    told = {"seen_hash": seen(page), "page": "1", "seen": "1", "do": "send", "outcome": "return"}
    assert errors_of(client.post(f"{urls.list}review/", told | {"ok": ticks})) == {"opinion"}
    wrong = [one for one in ticks if one != f"{urls.number}:amount"]
    answer = client.post(f"{urls.list}review/", told | {"ok": wrong, "outcome": "forward"})
    assert answer.status_code == 302, text(answer)[:600]
    (held,) = urls.office.lines("held")
    assert held.number == urls.number
    assert urls.office.view().state == "public_notice"
    page = text(client.get(f"/subsidies/lines/{held.id}/"))
    assert "乡镇审核不符" in page
    assert one("select count(*) from casework_line_check where not amount") == (1,)


def test_a_reviewers_own_household_is_checked_by_a_colleague(client_of, urls):
    from tests.casework.subsidies_made import REVIEWED

    from bangfu.casework.origination import api as origination

    urls.office.given()
    mine, *others = urls.office.lines()
    reviewer = urls.office.person("township", day=REVIEWED)
    urls.office.does(reviewer, origination.declare_own_household, household_id=mine.household_id)
    client, colleague = client_of("township"), client_of("township", 3)
    page = text(client.get(f"{urls.list}review/"))
    assert "须先由同事核对" in page
    assert "杨文军" in page, "who may check it"
    assert 'value="send"' not in page
    assert f'value="{mine.number}:amount"' not in page, "no tick for one's own"
    assert "须先由同事核对" in text(client.get(urls.list))
    assert "不须" not in page
    ticks = [f"{line.number}:{part}" for line in others for part in ("identity", "amount", "right")]
    told = {
        "seen_hash": seen(page),
        "page": "1",
        "seen": "1",
        "do": "send",
        "outcome": "forward",
        "ok": ticks,
    }
    assert client.post(f"{urls.list}review/", told).status_code == 403

    page = text(colleague.get(urls.list))
    assert f"{urls.list}check/" in page
    assert f"第 {mine.number} 笔" in page
    assert reviewer.name in page
    page = text(colleague.get(f"{urls.list}check/"))
    assert mine.loan_id in page
    assert others[0].loan_id not in page
    passed = [f"{mine.number}:identity", f"{mine.number}:right"]
    assert colleague.post(f"{urls.list}check/", {"ok": passed}).status_code == 302
    assert set(ticked(text(colleague.get(f"{urls.list}check/")))) == set(passed), "as they were checked"
    assert mine.loan_id not in text(client.get(f"{urls.list}check/")), "nobody checks their own"
    assert one("select count(*) from casework_trail_row where act = 'subsidy.lines_checked'") == (1,)

    page = text(client.get(f"{urls.list}review/"))
    assert "已核对，不符：贴息金额" in page
    assert client.post(f"{urls.list}review/", told).status_code == 302
    (held,) = urls.office.lines("held")
    assert held.id == mine.id
    assert client_of("bureau").get(f"{urls.list}check/").status_code == 403
    assert colleague.get(f"{urls.list}check/").status_code == 409


def test_a_list_is_computed_again_and_is_what_it_was_or_names_what_differs(client_of, urls, monkeypatch):
    from bangfu.casework.subsidies import reproducing

    again = f"{urls.list}again/"
    client = client_of("auditor")
    page = text(client.get(again))
    assert "完全一致" not in page
    assert f'href="{again}"' in text(client.get(urls.list))
    page = text(client.get(f"{again}?run=1"))
    assert "完全一致" in page
    (was,) = one("select encode(lines_hash, 'hex') from casework_subsidy_run where subsidy_list_id = %s",
                 urls.office.list_id)  # fmt: skip
    assert page.count(" ".join(was[at : at + 8] for at in range(0, 64, 8))) == 2, "as frozen, and again"
    assert client.get(f"{again}?run=7").status_code == 422
    assert client_of("township", 2).get(again).status_code == 404
    computed = reproducing.computed

    def otherwise(**given):
        """As if the core paid one fen more on a loan than it did then."""
        made = computed(**given)
        more = pl.col("payable_fen") + (pl.col("loan_id") == urls.loan).cast(pl.Int64)
        return replace(made, lines=made.lines.with_columns(more.alias("payable_fen")))

    monkeypatch.setattr(reproducing, "computed", otherwise)
    page = text(client.get(f"{again}?run=1"))
    assert "有 1 笔贷款与冻结的不同" in page
    assert urls.line in page
    assert ">0.01<" in page


def test_signing_names_two_leaders_and_confirming_shows_the_budget(client_of, urls):
    urls.office.closed()
    signs, confirms = client_of("township", 3), client_of("bureau")
    page = text(signs.get(f"{urls.list}sign/"))
    told = {"seen_hash": seen(page), "outcome": "forward", "principal": "", "responsible": ""}
    assert errors_of(signs.post(f"{urls.list}sign/", told)) == {"principal"}
    same = told | {"principal": "王书记", "responsible": "王书记"}
    assert errors_of(signs.post(f"{urls.list}sign/", same)) == {"responsible"}
    assert signs.post(f"{urls.list}sign/", same | {"responsible": "李镇长"}).status_code == 302
    page = text(confirms.get(f"{urls.list}confirm/"))
    assert "对 2022 年预算的影响" in page
    assert "预算不够" in page
    told = {"seen_hash": seen(page), "outcome": "return", "opinion": ""}
    assert errors_of(confirms.post(f"{urls.list}confirm/", told)) == {"opinion"}
    assert confirms.post(f"{urls.list}confirm/", told | {"outcome": "forward"}).status_code == 302
    assert urls.office.view().state == "payment"


def test_a_line_is_held_released_and_excluded_with_its_clause(client_of, urls):
    client = client_of("township")
    assert "暂缓" in text(client.get(urls.line))
    assert errors_of(client.post(f"{urls.line}held/", {"reason": ""})) == {"reason"}
    assert client.post(f"{urls.line}held/", {"reason": "户主去世，待核实"}).status_code == 302
    page = text(client.get(urls.line))
    assert "户主去世，待核实" in page
    assert f"{urls.line}released/" in page
    assert client.get(f"{urls.line}held/").status_code == 422
    assert client.get(f"{urls.line}nonsense/").status_code == 404
    assert errors_of(client.post(f"{urls.line}excluded/", {"reason": "不符"})) == {"clause"}
    told = {"reason": "用途不符", "clause": "LD2021-6"}
    assert client.post(f"{urls.line}excluded/", told).status_code == 302
    assert "剔除" in text(client_of("bureau").get(urls.cycle))
    assert client_of("branch_officer").get(f"{urls.line}held/").status_code == 403


def test_a_list_is_taken_away_with_who_took_it(client_of, urls):
    client = client_of("bureau")
    assert client.post(f"{urls.list}export/", {"purpose": ""}).status_code == 422
    taken = client.post(f"{urls.list}export/", {"purpose": "=1+1 季度核对"})
    lines = list(openpyxl.load_workbook(io.BytesIO(taken.content)).active.iter_rows(values_only=True))
    assert "=1+1 季度核对" in lines[0][0]
    assert len(lines) == 2 + len(urls.office.lines())
    answer = client.post(f"{urls.list}export/", {"purpose": "季度核对", "form": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[4] for row in rows[2:]] == [line.loan_id for line in urls.office.lines()]
    assert answer["Content-Disposition"].startswith("attachment")
    assert one("select count(*) from casework_trail_row where act = 'subsidy.list_exported'") == (2,)


def test_the_loan_and_the_household_tell_their_subsidies(client_of, urls):
    client = client_of("township")
    for page in (f"/loans/of/{urls.loan}/", f"/households/{urls.household}/"):
        assert urls.line in text(client.get(page)), page


@pytest.mark.parametrize(("page", "most"), [("/subsidies/", 14), ("cycle", 22), ("list", 34), ("line", 46)])
def test_the_number_of_questions_is_fixed(client_of, urls, page, most):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of("bureau")
    counts = []
    with everything():
        from bangfu.casework.subsidies import api as subsidies

        views = subsidies.lists_of(cycle_id=urls.office.cycle_id, on=PERIOD[1])
    sizes = sorted(views, key=lambda view: view.open.lines)
    for view in (sizes[0], sizes[-1]):
        line = urls.office.lines(list_id=view.id)[0]
        where = {"cycle": f"{urls.cycle}?township={view.township}", "list": f"/subsidies/lists/{view.id}/",
                 "line": f"/subsidies/lines/{line.id}/"}.get(page, page)  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            assert client.get(where).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
    assert counts[0] <= most, counts


PASSED = [{"code": code, "outcome": "passed"} for code in ("identity", "amount", "right", "overlap")]


def lines_made(count: int):
    """Lines as the review sees them."""
    return [
        SimpleNamespace(id=number, number=number, status="open", checks=PASSED, kind="regular")
        for number in range(1, count + 1)
    ]


def test_a_review_carries_what_stands_on_other_pages(monkeypatch):
    from django.http import QueryDict

    from bangfu.web.views import subsidy_reviewed as reviewed

    monkeypatch.setattr(reviewed, "row", lambda line: {"number": line.number})
    lines = lines_made(120)
    first = reviewed.ticks(lines, QueryDict())
    assert (first.pager.pages, first.seen, first.unseen, first.sent) == (3, [1], [2, 3], False)
    every = [value for row in first.rows for _, _, value, _ in row["ticks"]]
    sent = QueryDict(mutable=True)
    sent.setlist("ok", [one for one in every if one != "7:right"])
    sent.update({"page": "1", "seen": "1", "do": "page:3"})
    third = reviewed.ticks(lines, sent)
    assert (third.pager.number, third.seen, third.unseen, third.wrong) == (3, [1, 3], [2], ["7:right"])
    sent = QueryDict(mutable=True)
    sent.setlist("ok", [])
    sent.setlist("wrong", ["7:right"])
    sent.setlist("seen", ["1", "3"])
    sent.update({"page": "3", "do": "send"})
    last = reviewed.ticks(lines, sent)
    assert last.sent
    assert last.unseen == [2]
    assert last.failed[7] == {"right"}
    assert last.failed[101] == {"identity", "amount", "right"}
    assert 60 not in last.failed
    assert last.count == 1 + 20
