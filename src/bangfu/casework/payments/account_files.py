"""A bank's file of its households' accounts: tried first, every bad row named; taken, it only adds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.payments.accounts import (
    FIELD,
    TABLE,
    NewAccount,
    cleaned,
    luhn_ok,
    number_ok,
    register,
    same_name,
    standing_numbers,
    villages_of,
)
from bangfu.casework.payments.tables import LARGEST, FileProblem, table_of
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data

__all__ = ["AccountFile", "take_account_file", "try_account_file"]

_CARD = (13, 19)  # digits of a card, whose last one checks
_MOST_PROBLEMS = 500
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "household_id": ("户编号", "household_id", "农户编号", "户编码"),
    "name": ("姓名", "持卡人", "持卡人姓名", "户名", "name"),
    "id_number": ("身份证号", "证件号", "证件号码", "持卡人身份证号", "id_number"),
    "account": ("卡号", "账号", "社保卡号", "银行卡号", "社保卡/银行卡号", "收款账号", "account"),
    "bank_name": ("开户行", "开户银行", "发卡行", "bank_name"),
}


@dataclass(frozen=True)
class AccountFile:
    """What a file of accounts holds.

    Attributes:
        sha256: Of its content, hexadecimal.
        rows: Rows in it.
        known: Accounts that stand already.
        added: Accounts that are new (or were added).
        problems: Every bad row; with one of them nothing is taken, unless it only warns.
    """

    sha256: str
    rows: int
    known: int
    added: int
    problems: tuple[FileProblem, ...]

    @property
    def bad(self) -> tuple[FileProblem, ...]:
        """Those that stop it."""
        return tuple(one for one in self.problems if not one.warns)


def try_account_file(*, actor: Actor, content: bytes) -> AccountFile:
    """Read a bank's file of accounts and say what it would do, every bad row named; nothing is written.

    Raises:
        Refused: ``not_your_role``, ``too_large``.
    """
    return _read(actor, content)[0]


def take_account_file(*, actor: Actor, content: bytes, leave_out: bool = False) -> AccountFile:
    """Take a file: the accounts of households that have none; nothing where a row is bad.

    Args:
        actor: Who.
        content: CSV (any usual separator and encoding) or XLSX: 户编号 or 身份证号, 姓名, 卡号, 开户行.
        leave_out: Take the good rows and leave the bad ones out; they are listed all the same.

    Raises:
        Refused: ``not_your_role``, ``too_large``.
    """
    found, fresh = _read(actor, content)
    if (found.bad and not leave_out) or not fresh:
        return found
    register(actor=actor, rows=fresh)
    return found


def _read(actor: Actor, content: bytes) -> tuple[AccountFile, list[NewAccount]]:
    people.require(actor, "payee.write")
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_bytes=LARGEST)
    digest = hashlib.sha256(content).hexdigest()
    table = table_of(content, _COLUMNS, needed=("name", "account"))
    if table.problems:
        return AccountFile(digest, 0, 0, 0, table.problems), []
    told = _Told(table.rows)
    problems: list[FileProblem] = []
    fresh, known = [], 0
    for number, cells in table.rows:
        mine, household = told.judged(number, cells)
        problems += mine
        if any(not one.warns for one in mine):
            continue
        if told.stand.get(household) == cleaned(cells["account"]):
            known += 1
            continue
        fresh.append(NewAccount(household, cells["name"], cells["account"], cells.get("bank_name", "")))
    listed = tuple(sorted(problems, key=lambda one: (one.warns, one.row))[:_MOST_PROBLEMS])
    return AccountFile(digest, len(table.rows), known, len(fresh), listed), fresh


class _Told:
    """What the rows of a file are judged by, read in a few questions."""

    def __init__(self, rows: Sequence[tuple[int, Mapping[str, str]]]) -> None:
        numbers = {personal_data.normal("id_number", one.get("id_number", "")) for _, one in rows} - {""}
        holders = personal_data.look_up_many("id_number", numbers)
        wanted = {one.get("household_id", "") for _, one in rows} - {""}
        member_ids = sorted(
            {row_id for told in holders.values() for table, row_id in told if table == "casework_member"}
        )
        self.members: dict[str, list[tuple[str, str]]] = {}  # household → (member, name)
        self.homes: dict[str, set[str]] = {}  # member → households
        with connection.cursor() as cursor:
            cursor.execute(
                "select household_id, member_id, name from casework_member where upper_inf(recorded) and"
                " upper_inf(valid) and (member_id = any(%s) or household_id = any(%s))",
                [member_ids, sorted(wanted)],
            )
            for household, member, name in cursor.fetchall():
                self.members.setdefault(household, []).append((member, name))
                self.homes.setdefault(member, set()).add(household)
        self.holders = {
            number: {row_id for table, row_id in told if table == "casework_member"}
            for number, told in holders.items()
        }
        self.villages = villages_of(sorted(wanted | set(self.members)))
        self.stand = standing_numbers(self.villages)
        self.times = Counter((cleaned(one.get("account", "")), self._household(one)[0]) for _, one in rows)
        self.uses = Counter(account for account, _ in self.times)
        with widened():
            used = personal_data.look_up_many(FIELD, [account for account in self.uses if account])
        self.used_by = {
            number: {row_id for table, row_id in told if table == TABLE} for number, told in used.items()
        }

    def _household(self, cells: Mapping[str, str]) -> tuple[str, str]:
        """(household, problem) of a row."""
        named = cells.get("household_id", "")
        number = personal_data.normal("id_number", cells.get("id_number", ""))
        found = {home for member in self.holders.get(number, ()) for home in self.homes.get(member, ())}
        if named:
            if number and named not in found:
                return named, "not_a_member"
            return named, ""
        if not found:
            return "", "not_in_scope"
        return (next(iter(found)), "") if len(found) == 1 else ("", "several_households")

    def judged(self, number: int, cells: Mapping[str, str]) -> tuple[list[FileProblem], str]:
        """What is wrong with a row, and whose account it is."""
        account = cleaned(cells.get("account", ""))
        if not cells.get("name") or not account or not (cells.get("household_id") or cells.get("id_number")):
            return [FileProblem(number, "missing_field")], ""
        if not number_ok(account):
            return [FileProblem(number, "bad_account")], ""
        household, wrong = self._household(cells)
        known = any(same_name(name, cells["name"]) for _, name in self.members.get(household, ()))
        if not known and not cells.get("id_number"):
            wrong = wrong or "not_a_member"
        wrong = wrong or self._against(account, household)
        if wrong:
            return [FileProblem(number, wrong)], household
        out = []
        if self.times[account, household] > 1:
            out.append(FileProblem(number, "duplicate_row"))
        if _CARD[0] <= len(account) <= _CARD[1] and not luhn_ok(account):
            out.append(FileProblem(number, "luhn", warns=True))
        if not known:
            out.append(FileProblem(number, "name_differs", warns=True))
        return out, household

    def _against(self, account: str, household: str) -> str:
        """What stands against an account of a household."""
        if household not in self.villages:
            return "not_in_scope"
        if self.uses[account] > 1 or self.used_by.get(account, set()) - {household}:
            return "same_account"
        return "account_differs" if self.stand.get(household, account) != account else ""
