"""A computed cycle whose lists stand at payment, its money allotted and committed, an account for each household."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.site import NOW

COUNTY = "522728"
PERIOD = (date(2023, 6, 21), date(2023, 9, 21))
START = datetime(2023, 9, 25, 2, 0, tzinfo=UTC)
PAYING = datetime(2023, 10, 12, 2, 0, tzinfo=UTC)
YEAR = 2023


def made_card(number: int) -> str:
    """A made-up card number whose check digit fits."""
    from bangfu.casework.payments.api import luhn_ok

    body = f"622848{number:09d}"
    return next(f"{body}{digit}" for digit in range(10) if luhn_ok(f"{body}{digit}"))


def sql(text: str, given=()):
    """All rows, past every scope."""
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered

    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(text, list(given))
        return cursor.fetchall() if cursor.description else []


def site(now=PAYING):
    from bangfu.casework.database.actor import Actor

    return Actor.site(now=now)


def at_payment(cycle_id, *, now=PAYING, list_ids=()):
    """Put lists straight to payment, as the county confirmed them: committed payer by payer."""
    from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.casework.subsidies.models import ListStage

    actor = site(now)
    with entered(actor.scope):
        views = [
            one
            for one in subsidies.lists_of(cycle_id=cycle_id, on=actor.on)
            if not list_ids or one.id in list_ids
        ]
        for view in views:
            stage = ListStage.objects.get(subsidy_list_id=view.id, recorded__upper_inf=True)
            stage.recorded = DateTimeTZRange(stage.recorded.lower, now)
            stage.save(update_fields=["recorded"])
            subsidies.begin(
                list_id=view.id, cycle=view.cycle, number=view.stage_number + 1, state="payment", actor=actor,
                scope_area=view.township, institution_id=view.institution_id,
            )  # fmt: skip
            budgets.post(
                actor=actor,
                entries=[
                    budgets.Entry(
                        key=f"committed:{view.id}:1:{payer}", county=view.cycle.county,
                        year=view.cycle.payment_month.year, source=payer, on=actor.on, kind="committed",
                        amount_fen=fen, subject=f"subsidy_list:{view.id}",
                    )
                    for payer, fen in view.open.payable_by.items()
                ],
            )  # fmt: skip
    return views


def allotted(fen: int = 10**9, *, sources=("central", "province", "city", "county", "fiscal"), now=PAYING):
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.database.session import entered

    with entered(site(now).scope):
        for source in sources:
            budgets.allot(
                actor=site(now),
                county=COUNTY,
                year=YEAR,
                source=source,
                amount_fen=fen,
                document="示财农〔2023〕1号",
            )


def with_accounts(households=None, *, now=PAYING):
    """Accounts for all households (or some), of their borrower; household → number."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.payments import api as payments

    rows = sql(
        "select distinct on (household_id) household_id, borrower_name from casework_loan where upper_inf(recorded)"
        " and household_id is not null and not ordinary order by household_id, contract_on desc"
    )
    wanted = [
        payments.NewAccount(household, name, made_card(number), "示范县农村信用合作联社")
        for number, (household, name) in enumerate(rows)
        if households is None or household in households
    ]
    with entered(site(now).scope):
        payments.register(actor=site(now), rows=wanted)
    return {one.household_id: one.number for one in wanted}


def opened():
    """The cycle of the summer of 2023, opened by the site and computed."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    actor = site(START)
    with entered(actor.scope):
        cycle = subsidies.open_cycle(
            actor=actor, county=COUNTY, rhythm="quarter", start=PERIOD[0], end=PERIOD[1], known_at=NOW
        )
        subsidies.compute_cycle(actor=actor, cycle_id=cycle.id, known_at=NOW)
    return cycle


@pytest.fixture
def cycle(in_county):
    """The cycle, its lists with the branches."""
    return opened()


@pytest.fixture
def paying(in_county):
    """The cycle with all its lists at payment, money enough, an account for each household (``county_paying``)."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(site().scope):
        (standing,) = subsidies.cycles(actor=site(), county=COUNTY).rows
    return standing


class Money:
    """The finance bureau's two people and the county bank's, at a moment."""

    def __init__(self, as_role, now=PAYING):
        self.as_role, self.now = as_role, now

    def at(self, *day) -> Money:
        return Money(self.as_role, datetime(*day, 2, 0, tzinfo=UTC))

    def __call__(self, role: str = "finance", number: int = 1):
        actor = self.as_role(role, 1 if role == "finance" else number, now=self.now)
        if role == "finance" and number > 1:  # a colleague in the same bureau
            return replace(actor, account_id=900_000 + number, name=f"财政{number}")
        return actor

    def did(self, call, role: str = "finance", number: int = 1, **given):
        """An act in a transaction of its own."""
        from bangfu.casework.database.session import entered

        actor = self(role, number)
        with entered(actor.scope):
            return call(actor=actor, **given)

    def refused(self, call, role: str = "finance", number: int = 1, **given):
        from bangfu.casework.database.refusals import Refused

        with pytest.raises(Refused) as caught:
            self.did(call, role, number, **given)
        return caught.value


@pytest.fixture
def money(as_role) -> Money:
    return Money(as_role)


def sent(money, cycle_id, **given):
    """A batch prepared and released."""
    from bangfu.casework.payments import api as payments

    made = money.did(payments.prepare, cycle_id=cycle_id, **given)
    return money.did(payments.release, number=2, batch_id=made.id, seen_hash=made.content_hash)


def file_of(money, batch) -> str:
    from bangfu.casework.documents import api as documents

    _, content = money.did(documents.content_of, file_id=batch.file_id)
    return content.decode("gbk")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def results(text: str, *, status="成功", on="2023-10-16", changed=None, without=()) -> bytes:
    """A result file made of a batch file: every payment with a status; ``changed``: number → cells."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["序号", "社保卡/银行卡号", "金额", "处理状态", "失败原因", "入账日期", "流水号"])
    for row in rows_of(text):
        number = int(row["序号"])
        if number in without:
            continue
        told = {"状态": status, "原因": "", "金额": row["金额"], "卡号": row["社保卡/银行卡号"], "日期": on}
        told |= (changed or {}).get(number, {})
        writer.writerow(
            [number, told["卡号"], told["金额"], told["状态"], told["原因"], told["日期"], f"R{number:06d}"]
        )
    return out.getvalue().encode("gbk")
