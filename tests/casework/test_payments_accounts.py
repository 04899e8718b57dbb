"""The accounts money is paid to: entered by file where there is none, changed by two people alone, shown masked."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from tests.casework.payments_made import Money, made_card, sql
from tests.site import NOW


@pytest.fixture
def desks(as_role) -> Money:
    return Money(as_role, NOW)


@pytest.fixture
def households(desks):
    """Households of the county bank: (household, borrower, their number's id), by id."""
    return sql(
        "select distinct on (m.household_id) m.household_id, m.name, m.id_number_id from casework_member m"
        " join casework_loan l on l.household_id = m.household_id and upper_inf(l.recorded) and not l.ordinary"
        "  and l.borrower_name = m.name and l.institution_id = 'B0101'"
        " where upper_inf(m.recorded) and upper_inf(m.valid) and m.deceased_on is null and m.id_number_id is not null"
        " order by m.household_id limit 12"
    )


def clear(datum) -> str:
    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.personal_data import api as vault

    with entered(Scope(everything=True)):
        return vault.opened_of([datum])[datum]


def csv_of(*rows, head="户编号,姓名,身份证号,卡号,开户行", encoding="gbk") -> bytes:
    return "\r\n".join([head, *(",".join(row) for row in rows)]).encode(encoding)


def good(households, number: int) -> tuple[str, ...]:
    household, name, datum = households[number]
    return household, name, clear(datum), made_card(number), "示范信用社"


def test_a_file_adds_what_is_missing_and_again_changes_nothing(desks, households):
    from bangfu.casework.payments import api as payments

    content = csv_of(*(good(households, number) for number in range(5)))
    tried = desks.did(payments.try_account_file, "county_bank", content=content)
    assert (tried.rows, tried.added, tried.known, tried.problems) == (5, 5, 0, ())
    assert sql("select count(*) from casework_payee_account") == [(0,)]
    desks.did(payments.take_account_file, "county_bank", content=content)
    again = desks.did(payments.take_account_file, "county_bank", content=content)
    assert (again.added, again.known) == (0, 5)
    (view,) = desks.did(payments.accounts, "county_bank", household_ids=[households[0][0]])
    assert (view.holder_name, view.bank_name, view.masked[:6]) == (households[0][1], "示范信用社", "6228**")
    told = str(sql("select * from casework_payee_account")) + str(
        sql("select content::text from casework_trail_row")
    )
    assert made_card(0) not in told


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_files_of_all_sorts_are_read(desks, households, encoding, separator):
    from bangfu.casework.payments import api as payments

    text = csv_of(good(households, 0), good(households, 1), encoding="utf-8").decode().replace(",", separator)
    found = desks.did(payments.try_account_file, "county_bank", content=text.encode(encoding))
    assert (found.added, found.problems) == (2, ())


def test_a_workbook_without_household_ids_finds_them_by_their_members(desks, households):
    from bangfu.casework.payments import api as payments

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["社保卡发放明细"])
        sheet.write_row(1, 0, ["持卡人", "证件号码", "社保卡号"])
        for number in range(3):
            _, name, number_id, card, _ = good(households, number)
            sheet.write_row(2 + number, 0, [name, number_id, card])
    found = desks.did(payments.take_account_file, "county_bank", content=out.getvalue())
    assert (found.added, found.problems) == (3, ())
    assert {row[0] for row in sql("select household_id from casework_payee_account")} == {
        one[0] for one in households[:3]
    }


def test_every_bad_row_is_named_and_nothing_is_taken(desks, households):
    from bangfu.casework.payments import api as payments

    home = [good(households, number) for number in range(8)]
    desks.did(payments.take_account_file, "county_bank", content=csv_of(home[7]))
    rows = [
        home[0],  # row 2: good
        (home[1][0], "", home[1][2], home[1][3], ""),
        (home[2][0], home[2][1], home[2][2], "62284", ""),
        (home[3][0], "路人甲", "", home[3][3], ""),
        (home[4][0], home[4][1], home[5][2], home[4][3], ""),  # another household's number
        ("H-NONE", "路人乙", "", made_card(70), ""),
        (home[6][0], home[6][1], home[6][2], home[0][3], ""),  # the account of row 2
        (home[7][0], home[7][1], home[7][2], made_card(71), ""),  # another one stands
        ("", "路人丙", "110105194912310021", made_card(72), ""),
    ]
    found = desks.did(payments.take_account_file, "county_bank", content=csv_of(*rows))
    told = {(one.row, one.code) for one in found.bad}
    assert told == {
        (2, "same_account"), (3, "missing_field"), (4, "bad_account"), (5, "not_a_member"), (6, "not_a_member"),
        (7, "not_a_member"), (8, "same_account"), (9, "account_differs"), (10, "not_in_scope"),
    }  # fmt: skip
    assert sql("select count(*) from casework_payee_account") == [(1,)]
    assert not any(home[0][3] in one.detail for one in found.problems)
    left = desks.did(
        payments.take_account_file, "county_bank", content=csv_of(home[1], *rows[2:4]), leave_out=True
    )
    assert left.added == 1
    assert sql("select count(*) from casework_payee_account") == [(2,)]


def test_a_check_digit_and_a_name_only_warn(desks, households):
    from bangfu.casework.payments import api as payments

    household, name, number, card, _ = good(households, 0)
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    found = desks.did(
        payments.take_account_file, "county_bank", content=csv_of((household, f"{name}某", number, wrong, ""))
    )
    assert {(one.code, one.warns) for one in found.problems} == {("luhn", True), ("name_differs", True)}
    assert found.added == 1
    for number_, ok in (("4539148803436467", True), ("4111111111111111", True), ("4111111111111112", False)):
        assert payments.luhn_ok(number_) is ok


def test_an_account_is_changed_by_two_people_and_seen_masked(desks, households):
    from bangfu.casework.payments import api as payments
    from bangfu.casework.requests import api as requests

    household, name, *_ = households[0]
    desks.did(payments.take_account_file, "county_bank", content=csv_of(good(households, 0)))
    told = {"kind": "payee_account", "subject": ("household", household), "why": "原卡挂失"}
    details = {"household_id": household, "holder_name": name, "account_number": "6217 0000 1234 5670"}
    for wrong, field in (({"account_number": "12"}, "account_number"), ({"holder_name": " "}, "holder_name")):
        refused = desks.refused(requests.ask, "branch_officer", details={**details, **wrong}, **told)
        assert refused.field == field
    assert desks.refused(requests.ask, "village", details=details, **told).code == "not_your_role"
    asked = desks.did(requests.ask, "branch_officer", details=details, **told)
    assert "6217000012345670" not in str(asked)
    assert next(one["code"] for one in asked.effect["rosters"]) == "account_changes"
    assert desks.refused(
        requests.decide, "branch_officer", request_id=asked.id, outcome="approved", seen_hash=asked.seen_hash
    ).code in ("not_your_role", "own_step")
    seen = desks.did(requests.get, "bureau", request_id=asked.id)
    desks.did(requests.decide, "bureau", request_id=asked.id, outcome="approved", seen_hash=seen.seen_hash)
    ((number_id, source),) = sql(
        "select account_id, source from casework_payee_account where household_id = %s and upper_inf(recorded)",
        [household],
    )
    assert (clear(number_id), source) == ("6217000012345670", "request")
    assert sql("select count(*) from casework_payee_account where household_id = %s", [household]) == [(2,)]
    (view,) = desks.did(payments.accounts, "bureau", household_ids=[household])
    assert view.masked == "6217********5670"


def test_a_holder_outside_the_household_is_said_before_it_is_approved(desks, households):
    from bangfu.casework.requests import api as requests

    household = households[0][0]
    asked = desks.did(
        requests.ask, "branch_officer", kind="payee_account", subject=("household", household), why="由监护人代领",
        details={"household_id": household, "holder_name": "监护人", "account_number": "6217000012345671"},
    )  # fmt: skip
    assert {one["code"] for one in asked.effect["rosters"]} == {"account_changes", "holder_outside", "luhn"}


def test_who_may_and_where(desks, households):
    from bangfu.casework.payments import api as payments

    content = csv_of(good(households, 0))
    for role in ("township", "branch_officer", "auditor", "bureau"):
        assert desks.refused(payments.try_account_file, role, content=content).code == "not_your_role"
    other = desks.did(payments.try_account_file, "county_bank", 2, content=content)
    assert {one.code for one in other.bad} <= {"not_in_scope", "not_a_member"}
    assert other.added == 0
