"""What follows a payment, by its pages: the announcement with its photographs, and money that is to come back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.casework.archive_made import PAID_ON, picture, stepped
from tests.casework.cycles import AUTUMN, KNOWN, opened, written
from tests.casework.payments_made import (
    COUNTY,
    YEAR,
    cycle,
    file_of,
    money,
    paying,
    results,
    sent,
    site,
    sql,
)
from tests.casework.subsidies_made import office

__all__ = ["cycle", "money", "office", "paying"]


def text(answer) -> str:
    return answer.content.decode()


def seen_in(page: str) -> str:
    return re.search(r'name="seen_hash" value="([0-9a-f]{64})"', page)[1]


@pytest.fixture
def recovery(paying, money):
    """A paid line of which a part is to come back: its repayment was booked after it was paid."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments
    from bangfu.casework.subsidies import api as subsidies

    batch = sent(money, paying.id)
    content = results(file_of(money, batch))
    money.at(2023, 10, 16).did(
        payments.take_results, "county_bank", batch_id=batch.id, content=content, name="r.csv"
    )
    ((loan_id,),) = sql(
        "select loan_id from casework_subsidy_line where payable_fen > 0 and upper_inf(recorded)"
        " order by subsidy_fen desc, loan_id limit 1"
    )
    with entered(site().scope):
        written(loan_id, "repaid", date(2023, 7, 21), booked_on=date(2023, 11, 2), amount_fen=300_000)
    winter = replace(site(), now=datetime(2023, 12, 28, 2, tzinfo=UTC))
    with entered(winter.scope):
        following = opened(winter, AUTUMN, known_at=KNOWN)
        subsidies.compute_cycle(actor=winter, cycle_id=following.id, known_at=KNOWN)
        (line,) = (
            one for one in subsidies.lines_of_loan(actor=winter, loan_id=loan_id) if one.kind == "recovery"
        )
    return line


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def paid_back() -> int:
    """What the county's ledger has back of that year."""
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    with entered(site().scope):
        return sum(one.recovered_fen for one in budgets.balances(actor=site(), county=COUNTY, year=YEAR))


def test_money_comes_back_by_receipts_until_all_of_it_is_there(recovery, client_of):
    due = -recovery.payable_fen
    page, listed = f"/recoveries/{recovery.id}/", "/recoveries/"
    finance = client_of("finance")
    assert page in text(finance.get(listed))
    told = text(finance.get(page))
    assert f'value="{yuan(due)}"' in told, "the whole is proposed"
    assert yuan(due) in told
    given = {"on": "2023-12-29", "amount": "1.00", "from_whom": "borrower", "voucher": "示财收〔2023〕1号"}

    def field_of(**changed) -> set[str]:
        answer = finance.post(page, given | changed)
        assert answer.status_code == 422, changed
        return set(re.findall(r'id="id_(\w+)_error"', text(answer)))

    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert field_of(amount=yuan(due + 1)) == {"amount"}
    assert field_of(amount="0") == {"amount"}
    assert field_of(on=tomorrow) == {"on"}
    assert field_of(voucher=" ") == {"voucher"}
    assert field_of(from_whom="nobody") == {"from_whom"}
    assert paid_back() == 0
    for _ in range(2):  # the same receipt twice is one
        assert finance.post(page, given).status_code == 302
        assert paid_back() == 100
    told = text(finance.get(page))
    assert "示财收〔2023〕1号" in told
    assert yuan(due - 100) in told
    rest = given | {"amount": yuan(due - 100), "voucher": "示财收〔2023〕2号", "from_whom": "lender"}
    assert finance.post(page, rest).status_code == 302
    assert paid_back() == due
    told = text(finance.get(page))
    assert '<form method="post" class="panel">' not in told, "nothing is missing any more"
    assert page not in text(finance.get(listed))
    assert page in text(finance.get(f"{listed}?all=1"))
    ((acts,),) = sql("select count(*) from casework_trail_row where act = 'payment.recovered'")
    assert acts == 2
    line = f"/subsidies/lines/{recovery.id}/"
    assert f"-{yuan(due)}" in text(finance.get(line))


def test_only_finance_enters_a_receipt(recovery, client_of):
    page = f"/recoveries/{recovery.id}/"
    given = {"on": "2023-12-29", "amount": "1.00", "from_whom": "borrower", "voucher": "1号"}
    for role in ("bureau", "auditor"):
        reader = client_of(role)
        told = reader.get(page)
        assert told.status_code == 200
        assert 'name="voucher"' not in text(told)
        assert reader.post(page, given).status_code == 403
    assert client_of("village").get(page).status_code == 403
    assert client_of("").get(page).status_code == 302
    assert paid_back() == 0


def test_what_was_paid_is_announced_photographed_and_filed_by_its_pages(office, client_of):
    office.confirmed()
    stepped(office, "announcement", PAID_ON)
    desk = f"/subsidies/lists/{office.list_id}/notices/"
    township, public = client_of("township"), client_of()
    told = text(township.get(desk))
    assert "张贴公告" in told
    looked_at = text(township.get(f"{desk}post/"))
    for line in office.lines("open"):
        assert line.borrower_name not in looked_at or len(line.borrower_name) < 2, (
            "masked as the public sees it"
        )
    answer = township.post(
        f"{desk}post/", {"contact": "云岭镇人民政府 0854-7600100", "days": "10", "villages": "on"}
    )
    assert answer.status_code == 302, text(answer)[:2000]
    rows = sql(
        "select id::text, level, area from casework_notice where list_id = %s and kind = 'after' order by level, area",
        [office.list_id],
    )
    assert {level for _, level, _ in rows} == {"township", "village"}
    of_town = next(one for one, level, _ in rows if level == "township")
    page = text(public.get(f"/notices/{of_town}/"))
    assert "公告" in page
    total = sum(one.payable_fen for one in office.lines("open"))
    assert yuan(total) in page
    assert page.count("对此条提出异议</a>") in (0, len(office.lines("open")))
    told = text(township.get(desk))
    for notice_id, *_ in rows:
        for number, part in enumerate(("near", "far")):
            picture_file = SimpleUploadedFile(f"{part}.png", picture(number), content_type="image/png")
            sent_on = township.post(f"/notices/{notice_id}/photos/", {"part": part, "file": picture_file})
            assert sent_on.status_code == 302, text(sent_on)[:1000]
    close = f"{desk}close/"
    answer = township.post(close, {"seen_hash": seen_in(text(township.get(close)))})
    assert answer.status_code == 302
    assert office.view().state == "filing"
    assert client_of("branch_officer").get(close).status_code == 403
