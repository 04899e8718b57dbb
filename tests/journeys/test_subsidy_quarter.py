"""A quarter's subsidy in a browser, from its opening to its filing and to the correction in the next one.

Eight people do the first township's list; the second township's list goes beside it by the apis, a third one is late.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.casework.archive_made import picture
from tests.casework.cycles import COUNTY, core, written
from tests.casework.payments_made import made_card, results, rows_of, with_accounts
from tests.casework.test_documents import PDF
from tests.journeys.conftest import PHONE, no_serious_fault
from tests.journeys.quarter_made import CONTACT, LATER, OTHER_TOWN, OVER, Desk, beside, send, words, yuan
from tests.journeys.test_application import press

from bangfu.money.fen import format_yuan

pytestmark = pytest.mark.browser
PERIOD = (date(2026, 6, 21), date(2026, 9, 21))
NEXT = (date(2026, 9, 21), date(2026, 12, 21))
LATE_TOWN, LATE_NAME = "522728102", "石桥镇"
LONG_S = 90 * 86_400


@pytest.fixture
def days(monkeypatch, settings) -> Callable[[datetime], None]:
    """``days(moment)`` moves the site's clock; nobody's session ends meanwhile, so that each signs in once."""
    from django.utils import timezone

    from bangfu.web import sessions

    monkeypatch.setattr(sessions, "IDLE_S", LONG_S)
    monkeypatch.setattr(sessions, "LONGEST_S", LONG_S)
    settings.SESSION_COOKIE_AGE = LONG_S

    def move(to: datetime) -> None:
        began = time.monotonic()
        monkeypatch.setattr(timezone, "now", lambda: to + timedelta(seconds=time.monotonic() - began))

    return move


@pytest.fixture
def desk(as_role) -> Desk:
    return Desk(as_role)


# ---- the steps, each by its person ----


def opened(people, total: int) -> str:
    """The bureau looks at the plan, whose total is the core's, and opens the cycle; its address."""
    bureau = people("bureau")
    bureau.goto("/subsidies/open/")
    press(bureau, "看方案")
    assert bureau.locator("main input[name=start]").first.input_value() == PERIOD[0].isoformat()
    assert yuan(total) in words(bureau)
    no_serious_fault(bureau)
    press(bureau, "按此方案开启")
    assert re.search(r"/subsidies/cycles/[0-9a-f-]{36}/$", bureau.url), words(bureau)
    no_serious_fault(bureau)
    return bureau.url


def computed(people, cycle: str, ours: dict[str, int]) -> str:
    """The branch computes its list, takes the bank's figures, explains the one that differs; the list's address."""
    officer = people("branch_officer")
    officer.goto(cycle)
    press(officer, "计算我的清册")
    (address,) = {
        one.get_attribute("href") for one in officer.locator("main table a[href^='/subsidies/lists/']").all()
    }
    claimed = dict(ours)
    differing = min(ours)
    claimed[differing] += 123
    rows = [f"{loan},{PERIOD[0]},{PERIOD[1]},{format_yuan(fen)}," for loan, fen in claimed.items()]
    content = "\n".join(["loan_id,period_start,period_end,amount,rate_claimed", *rows]).encode()
    file = {"name": "bank.csv", "mimeType": "text/csv", "buffer": content}
    officer.goto(f"{cycle}claims/")
    officer.set_input_files("main input[type=file]", file)
    press(officer, "先检查")
    assert "检查通过" in words(officer)
    no_serious_fault(officer)
    officer.set_input_files("main input[type=file]", file)
    press(officer, "检查并取用")
    officer.goto(f"{address}?differing=on")
    (line,) = {
        one.get_attribute("href") for one in officer.locator("main table a[href^='/subsidies/lines/']").all()
    }
    officer.goto(line)
    assert differing in words(officer)
    assert "1.23" in words(officer)
    no_serious_fault(officer)
    officer.goto(f"{line}explained/")
    officer.fill("[name=reason]", "银行多计一日利息，以核算数为准")
    send(officer)
    officer.goto(address)
    shown = words(officer)
    for loan, fen in ours.items():
        assert loan in shown
        assert yuan(fen) in shown, f"{loan}: the core says {yuan(fen)}"
    no_serious_fault(officer)
    return address


def reviewed(people, address: str, lines: int) -> None:
    """The branch's manager gives the list; the township ticks each line."""
    manager = people("branch_manager")
    manager.goto(f"{address}submit/")
    no_serious_fault(manager)
    send(manager)
    township = people("township")
    township.goto(f"{address}review/")
    boxes = township.locator("main input[name=ok]")
    assert boxes.count() == 3 * lines  # identity, amount, right
    for box in boxes.all():
        box.check()
    no_serious_fault(township)
    press(township, "提交审核")
    assert township.url.endswith(address), words(township)


def posted(people, address: str, desk: Desk, list_id, *, kind: str = "before") -> None:
    """The township posts, and photographs its own sheet near and far; the villages' photographs by the api."""
    from bangfu.casework.notices import api as notices

    township = people("township")
    township.goto(f"{address}notices/post/")
    township.fill("[name=contact]", CONTACT)
    no_serious_fault(township)
    send(township)
    assert township.url.endswith("/notices/"), words(township)
    no_serious_fault(township)
    person = desk.actor("township")
    standing = [one for one in desk.does(person, notices.of_list, list_id=list_id) if one.notice.kind == kind]
    own = next(one for one in standing if one.notice.level == "township")
    for number, part in enumerate(("near", "far")):
        seed = number + (10 if kind == "after" else 0)
        township.goto(f"/notices/{own.notice.id}/photos/")
        township.check(f"[name=part][value={part}]")
        photo = {"name": f"{part}.png", "mimeType": "image/png", "buffer": picture(seed)}
        township.set_input_files("main input[type=file]", photo)
        send(township)
    assert township.locator("main .photos img").count() == 2
    no_serious_fault(township)
    for place, one in enumerate(standing, start=1):
        for number, part in enumerate(("near", "far")):
            if one is not own:
                content = picture(40 * place + number + (10 if kind == "after" else 0))
                desk.does(
                    person,
                    notices.photo,
                    notice_id=one.notice.id,
                    part=part,
                    content=content,
                    name=f"{part}.png",
                )


def objected(phone, lines) -> list[str]:
    """Somebody with a phone objects to the first row with a name and to the second without; the two codes."""
    phone.goto("/notices/")
    no_serious_fault(phone)
    with phone.expect_navigation():
        phone.locator("main table a", has_text="云岭镇").first.click()
    for line in lines:
        assert yuan(line.payable_fen) in words(phone)
        assert line.borrower_name not in words(phone)
    no_serious_fault(phone)
    notice, codes = phone.url, []
    for number, signed in ((1, True), (2, False)):
        phone.goto(notice)
        row = phone.locator("main table.listed tbody tr").nth(number - 1)
        assert yuan(lines[number - 1].payable_fen) in row.inner_text()
        with phone.expect_navigation():
            row.locator("a").click()
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        no_serious_fault(phone)
        phone.locator("[name=ground]").first.check()
        phone.fill("[name=text]", "这一户的情况与公示不符，请核实")
        phone.check(f"[name=who][value={'signed' if signed else 'anonymous'}]")
        if signed:
            phone.fill("[name=name]", "王乡邻")
            phone.fill("[name=phone]", "13800000009")
        press(phone, "提交异议")
        no_serious_fault(phone)
        codes.append(phone.locator(".receipt .code").inner_text())
    return codes


ANSWERS = ("经查该笔贷款用途不符，已剔除。", "经查用途和金额属实，维持公示。")


def answered(people, phone, list_id, codes: list[str]) -> None:
    """The township looks into both, the bureau upholds the first and rejects the second; each code tells its answer."""
    township, bureau = people("township"), people("bureau")
    township.goto(f"/objections/?list={list_id}")
    no_serious_fault(township)
    found = township.locator("main table tbody a[href^='/objections/']")
    told = {}
    for address in sorted({one.get_attribute("href") for one in found.all()}):
        township.goto(address)
        told["匿名" in words(township)] = address
        township.fill("#investigate [name=finding]", "走访户主和邻居，查看台账和流水")
        press(township, "记录调查情况")
    assert set(told) == {True, False}
    for anonymous, outcome, answer in ((False, "upheld", ANSWERS[0]), (True, "rejected", ANSWERS[1])):
        bureau.goto(told[anonymous])
        no_serious_fault(bureau)
        assert "13800000009" not in bureau.content()
        bureau.check(f"#decide [name=outcome][value={outcome}]")
        if outcome == "upheld":
            bureau.select_option("#decide [name=clause]", "LD2021-1.6")
        bureau.fill("#decide [name=answer]", answer)
        press(bureau, "处理并答复", within="#decide")
        assert answer in words(bureau)
    for code, answer in zip(codes, ANSWERS, strict=True):
        phone.goto("/notices/answer/")
        phone.fill("[name=code]", code)
        press(phone, "查询")
        assert answer in words(phone)
        no_serious_fault(phone)


def confirmed(people, address: str, payable: int) -> None:
    """The days are over: the notice is closed, another signs and submits, the bureau confirms."""
    township, second, bureau = people("township"), people("township", 3), people("bureau")
    township.goto(f"{address}notices/close/")
    no_serious_fault(township)
    send(township)
    second.goto(f"{address}sign/")
    second.fill("[name=principal]", "王书记")
    second.fill("[name=responsible]", "李镇长")
    second.set_input_files(
        "main input[name=file]", {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    no_serious_fault(second)
    send(second)
    bureau.goto(f"{address}confirm/")
    assert yuan(payable) in words(bureau)
    no_serious_fault(bureau)
    send(bureau)
    assert "一卡通发放" in words(bureau)


def allotted(people, desk: Desk) -> None:
    """Finance enters the central money; the county's by the api."""
    from bangfu.casework.budgets import api as budgets

    finance = people("finance")
    finance.goto("/budgets/allot/")
    finance.fill("[name=document]", "示财农〔2026〕1号")
    finance.select_option("[name=source]", "central")
    finance.fill("[name=year]", "2026")
    finance.fill("[name=amount]", "50000")
    no_serious_fault(finance)
    send(finance)
    desk.does(desk.actor("finance"), budgets.allot, county=COUNTY, year=2026, source="county", amount_fen=10_000,
              document="示财农〔2026〕2号")  # fmt: skip


def paid(people, cycle: str, today: date, *, returned: str = "", checked: bool = False) -> tuple[int, int]:
    """A batch prepared by one, released by another, its results read back; how many payments, of how much."""
    one, other = people("finance"), people("finance", 3)
    one.goto(f"{cycle}payments/")
    if not checked:
        no_serious_fault(one)
    send(one, within="#prepare")
    batch = one.url
    assert "须由另一人复核" in words(one)
    other.goto(f"{batch}decide/")
    if not checked:
        no_serious_fault(other)
    send(other)
    link = other.locator("main a[href^='/files/']", has_text=".csv").first.get_attribute("href")
    text = other.request.get(link).body().decode("gbk")
    rows = rows_of(text)
    back = {
        int(row["序号"]): {"状态": "退回", "原因": "户名不符"}
        for row in rows
        if row["社保卡/银行卡号"] == returned
    }
    assert len(back) == bool(returned)
    content = results(text, on=today.isoformat(), changed=back)
    file = {"name": "results.csv", "mimeType": "text/csv", "buffer": content}
    other.goto(f"{batch}results/")
    other.set_input_files("main input[type=file]", file)
    press(other, "先检查")
    assert "每一行都对得上" in words(other)
    if not checked:
        no_serious_fault(other)
    other.set_input_files("main input[type=file]", file)
    press(other, "检查并读入")
    assert not returned or returned not in other.content()
    assert f"成功 {len(rows) - len(back)} 笔" in words(other)
    total = sum(int(row["金额"].replace(".", "")) for row in rows)
    assert yuan(total) in words(other)
    if not checked:
        no_serious_fault(other)
    return len(rows), total


def account_corrected(people, line) -> None:
    """The branch asks for another account, the bureau approves it."""
    officer, bureau = people("branch_officer"), people("bureau")
    officer.goto(f"/households/{line.household_id}/ask/payee_account/")
    officer.fill("[name=holder_name]", line.borrower_name)
    officer.fill("[name=account_number]", made_card(987_654))
    officer.fill("[name=why]", "原卡户名登记有误，已核对身份证")
    no_serious_fault(officer)
    send(officer)
    assert made_card(987_654) not in officer.content()
    bureau.goto(officer.url)
    no_serious_fault(bureau)
    press(bureau, "批准并执行")


def paid_again(people, desk: Desk, cycle: str, line, *, central: int) -> None:
    """What came back is paid to the corrected account; the budget has paid each line once; the paid lists go on."""
    from bangfu.casework.budgets import api as budgets

    finance = people("finance")
    finance.goto(f"{cycle}payments/")
    assert "须先更正账户" in finance.locator("#again").inner_text()
    account_corrected(people, line)
    assert paid(people, cycle, OVER.date(), checked=True) == (1, line.payable_fen)
    finance.goto("/budgets/?year=2026")
    assert yuan(central) in words(finance)  # paid once, though it was sent twice
    no_serious_fault(finance)
    rows = desk.does(desk.actor("finance"), budgets.balances, county=COUNTY, year=2026)
    (stands,) = [one for one in rows if one.source == "central"]
    assert (stands.committed_fen, stands.in_payment_fen, stands.paid_fen) == (0, 0, central)
    finance.goto(f"{cycle}payments/")
    press(finance, "发完的转入公告")


def filed(people, address: str) -> None:
    """What is missing is named, and the list filed with the reason."""
    township = people("township")
    township.goto(f"{address}file/")
    assert re.search(r"缺 \d+ 件", words(township))
    no_serious_fault(township)
    press(township, "归档")
    assert township.locator("#id_reason_error").count() == 1
    township.fill("[name=reason]", "年度总结年底提供；转账凭证财政月底归档")
    send(township)
    no_serious_fault(township)
    township.goto(address)
    assert "已归档" in words(township)


def read(people, excluded, paid_line) -> None:
    """The auditor sees where the money of two lines is, and the list that is late."""
    auditor = people("auditor")
    auditor.goto(f"/subsidies/lines/{paid_line.id}/")
    assert "已到农户" in words(auditor)
    no_serious_fault(auditor)
    auditor.goto(f"/subsidies/lines/{excluded.id}/")
    assert "剔除" in words(auditor)
    assert "尚未发放" in words(auditor)
    auditor.goto("/subsidies/late/")
    assert LATE_NAME in words(auditor)  # it held nobody


def corrected(people, desk: Desk, line, folder: Path) -> None:
    """A repayment of the summer is told in December: the next quarter's list recovers what was too much."""
    from django.utils import timezone

    from bangfu.casework.as_facts.book import site_book
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.engine.subsidy import subsidy
    from bangfu.facts import Facts, read_facts

    told = {
        "on": date(2026, 7, 21),
        "kind": "repaid",
        "amount_fen": 1_000_000,
        "booked_on": date(2026, 12, 10),
    }
    with desk.everything():
        written(line.loan_id, at=timezone.now(), **told)
    facts = read_facts(folder)
    events = facts.events
    more = pl.DataFrame([{"loan_id": line.loan_id, **told}], schema=events.schema)
    told_now = Facts({**facts.tables, "events": pl.concat([events, more])}, facts.missing)
    due = subsidy(told_now, site_book(), start=PERIOD[0], end=PERIOD[1]).lines
    (now,) = due.filter(pl.col("loan_id") == line.loan_id)["subsidy_fen"].to_list()
    too_much = line.payable_fen - now
    assert too_much > 0
    cycle = desk.does(
        desk.actor("bureau"),
        subsidies.open_cycle,
        county=COUNTY,
        rhythm="quarter",
        start=NEXT[0],
        end=NEXT[1],
    )
    officer = people("branch_officer")
    officer.goto(f"/subsidies/cycles/{cycle.id}/")
    press(officer, "计算我的清册")
    with officer.expect_navigation():
        officer.locator("main table a[href^='/subsidies/lists/']").first.click()
    row = officer.locator("main table tbody tr", has_text=f"-{yuan(too_much)}")
    assert line.loan_id in row.first.inner_text()
    with officer.expect_navigation():
        row.first.locator("a[href^='/subsidies/lines/']").first.click()
    shown = words(officer)
    assert f"-{yuan(too_much)}" in shown
    assert "追回" in shown
    no_serious_fault(officer)
    auditor = people("auditor")
    auditor.goto(f"/subsidies/lines/{line.id}/")  # the line it corrects tells of it
    assert f"-{yuan(too_much)}" in words(auditor)


def test_a_quarter_from_its_opening_to_its_filing_and_the_correction_after_it(
    people, desk, days, county_folder
):
    from django.utils import timezone

    due = core(county_folder, PERIOD)
    cycle = opened(people, int(due["subsidy_fen"].sum()))
    cycle_id = cycle.rstrip("/").rpartition("/")[2]
    before = desk.lists(cycle_id)
    mine = next(one for code, one in before.items() if one.institution_id == "B0101")
    here = due.filter(due["area_code"].str.starts_with(mine.township))
    ours = dict(zip(here["loan_id"].to_list(), here["subsidy_fen"].to_list(), strict=True))
    address = computed(people, cycle, ours)
    first, second, third = lines = desk.lines(mine.id)
    reviewed(people, address, len(lines))
    assert desk.lists(cycle_id)[mine.township].state == "public_notice"
    posted(people, address, desk, mine.id)
    beside(desk, before[OTHER_TOWN], until="posted")
    phone = people.nobody(size=PHONE)
    codes = objected(phone, lines)
    answered(people, phone, mine.id, codes)

    days(OVER)
    confirmed(people, address, second.payable_fen + third.payable_fen)
    beside(desk, before[OTHER_TOWN], until="confirmed")
    allotted(people, desk)
    cards = with_accounts(now=timezone.now())
    other = [one for one in desk.lines(before[OTHER_TOWN].id) if one.payable_fen > 0]
    whole = second.payable_fen + third.payable_fen + sum(one.payable_fen for one in other)
    today = OVER.date()
    assert paid(people, cycle, today, returned=cards[third.household_id]) == (2 + len(other), whole)
    paid_again(
        people, desk, cycle, third, central=sum(one.payable_by["central"] for one in (second, third, *other))
    )
    posted(people, address, desk, mine.id, kind="after")
    people("township").goto(f"{address}notices/close/")
    send(people("township"))
    filed(people, address)

    read(people, first, third)
    assert desk.lists(cycle_id)[LATE_TOWN].state == "branch_list"

    days(LATER)
    corrected(people, desk, second, county_folder)
