"""The bank's daily file of events of its own loans: tried first, taken whole or not at all; again, it adds nothing."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import standing
from bangfu.casework.database.refusals import REFUSALS, Refused
from bangfu.casework.lending.checking import Asked, checked, fitting
from bangfu.casework.lending.ledger import written
from bangfu.casework.lending.loans import EventView, events_of, loan_of, locked
from bangfu.casework.lending.models import Loan, LoanEvent
from bangfu.casework.people import api as people
from bangfu.facts import TABLES, BadFacts, Problem, empty, read_facts

__all__ = ["BankFile", "take_bank_file", "try_bank_file"]

LARGEST = 20 * 1024 * 1024
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MOST_PROBLEMS = 500
Identity = tuple[str, date, str, int | None, str]


@dataclass(frozen=True)
class BankFile:
    """What a file holds.

    Attributes:
        name: Its name.
        sha256: Of its content, hexadecimal.
        rows: Events in it.
        known: How many of them stand already: they change nothing.
        added: How many are new (or were added).
        by_kind: New events by kind: number, fen.
        problems: What is wrong; with one of them nothing is taken.
    """

    name: str
    sha256: str
    rows: int
    known: int
    added: int
    by_kind: Mapping[str, tuple[int, int]]
    problems: tuple[Problem, ...]


def try_bank_file(*, actor: Actor, name: str, content: bytes) -> BankFile:
    """Read a file and say what it would do; nothing is written.

    Raises:
        Refused: ``not_your_role``, ``too_large``.
    """
    found, _ = _read(actor, name, content)
    return found


def take_bank_file(*, actor: Actor, name: str, content: bytes) -> BankFile:
    """Take a file: every new event, or none where one row is wrong (``problems`` says which).

    Raises:
        Refused: ``not_your_role``, ``too_large``.
    """
    found, fresh = _read(actor, name, content)
    if found.problems or not fresh:
        return found
    batch_id = uuid.uuid4()
    for asked in fresh:
        written(actor, loan_of(asked.loan_id), asked, source="bank_file", batch_id=batch_id, told=False)
    trail.record(
        actor=actor, act="ledger.imported", subject=("bank_file", batch_id),
        after={
            "sha256": found.sha256, "rows": found.rows, "known": found.known, "added": found.added,
            "by_kind": {kind: list(told) for kind, told in found.by_kind.items()},
        },
        institution_id=None if actor.role == "site" else actor.place or None,
    )  # fmt: skip
    return found


def _read(actor: Actor, name: str, content: bytes) -> tuple[BankFile, list[Asked]]:
    people.require(actor, "ledger.import")
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_bytes=LARGEST)
    digest = hashlib.sha256(content).hexdigest()
    shown = Path(name.replace("\\", "/")).name[:100] or "file"
    try:
        events = _events(content)
    except BadFacts as bad:
        return BankFile(shown, digest, 0, 0, 0, {}, bad.problems[:_MOST_PROBLEMS]), []
    fresh, known, problems = _sorted_out(actor, events, shown)
    kinds: dict[str, tuple[int, int]] = {}
    for one in fresh:
        number, fen = kinds.get(one.kind, (0, 0))
        kinds[one.kind] = (number + 1, fen + (one.amount_fen or 0))
    return BankFile(
        shown, digest, events.height, known, len(fresh), kinds, tuple(problems[:_MOST_PROBLEMS])
    ), fresh


def _events(content: bytes) -> pl.DataFrame:
    """The rows of the file, through the core's reader: its own loans are known beside it."""
    name = "bank.xlsx" if content.startswith(_WORKBOOK) else "events.csv"
    with tempfile.TemporaryDirectory(prefix="bangfu-bank-file-") as folder:
        (Path(folder) / name).write_bytes(content)
        return read_facts(folder, beside=_beside()).tables["events"]


def _beside() -> dict[str, pl.DataFrame]:
    """The loans in scope, each as if a great sum had been paid out: the ledgers are gone through after this, whole."""
    rows = list(Loan.objects.filter(standing()).values_list("loan_id", "contract_on", "matures_on"))
    loans = empty("loans")
    ids = [row[0] for row in rows]
    known = pl.DataFrame(
        {"loan_id": ids, "contract_on": [row[1] for row in rows], "matures_on": [row[2] for row in rows]},
        schema={name: TABLES["loans"].schema[name] for name in ("loan_id", "contract_on", "matures_on")},
    )
    paid = pl.DataFrame(
        {"loan_id": ids, "on": [date(1970, 1, 1)] * len(ids), "kind": ["disbursed"] * len(ids),
         "amount_fen": [10**15] * len(ids)},
        schema={name: TABLES["events"].schema[name] for name in ("loan_id", "on", "kind", "amount_fen")},
    )  # fmt: skip
    return {
        "households": empty("households"),
        "ordinary_loans": empty("ordinary_loans"),
        "loans": pl.concat([loans, known], how="diagonal").select(loans.columns),
        "events": pl.concat([empty("events"), paid], how="diagonal").select(empty("events").columns),
    }


def _sorted_out(actor: Actor, events: pl.DataFrame, file: str) -> tuple[list[Asked], int, list[Problem]]:
    """New events by loan, how many are known, and what does not fit."""
    fresh: list[Asked] = []
    problems: list[Problem] = []
    known = 0
    names = ("loan_id", "on", "kind", "amount_fen", "value", "recorded_on")
    for (loan_id,), rows in sorted(events.select(names).group_by("loan_id", maintain_order=True)):
        locked(str(loan_id))
        loan, stand = loan_of(str(loan_id)), events_of(str(loan_id))
        left, keys = _standing(str(loan_id), stand)
        times: Counter[Identity] = Counter()
        mine: list[Asked] = []
        for loan_id_, on, kind, amount, value, booked in rows.rows():
            asked = Asked(loan_id_, kind, on, amount, value or "", "", booked)
            identity = (loan_id_, on, kind, amount, value or "")
            times[identity] += 1
            key = _key(identity, times[identity])
            if left[identity] > 0 or key in keys:
                left[identity] -= 1
                known += 1
                continue
            try:
                one = replace(checked(asked, today=actor.on), key=key)
                fitting(loan, stand, [*mine, one])
                mine.append(one)
            except Refused as refused:
                problems.append(_problem(refused, asked, file))
        fresh += mine
    return fresh, known, problems


def _standing(loan_id: str, stand: list[EventView]) -> tuple[Counter[Identity], set[str]]:
    """What stands already, whoever wrote it; and the keys of what was corrected since."""
    left: Counter[Identity] = Counter(
        (one.loan_id, one.on, one.kind, one.amount_fen, one.value) for one in stand
    )
    closed = LoanEvent.objects.filter(loan_id=loan_id, recorded__upper_inf=False, source_key__isnull=False)
    return left, {str(key) for key in closed.values_list("source_key", flat=True)}


def _key(identity: Identity, time: int) -> str:
    text = "|".join("" if part is None else str(part) for part in identity)
    return f"file:{hashlib.sha256(text.encode()).hexdigest()[:40]}:{time}"


def _problem(refused: Refused, asked: Asked, file: str) -> Problem:
    words = REFUSALS[refused.code]
    told = "，".join(str(value) for value in refused.facts.values())
    zh = f"{asked.on.isoformat()} {words.zh}" + (f"（{told}）" if told else "")
    en = f"{asked.on.isoformat()} {words.en}" + (f" ({told})" if told else "")
    return Problem(file, "", None, refused.field, asked.loan_id, refused.code, zh, en)
