"""The core's decision on an application: the household's facts and the application as a loan not yet signed.

What is kept lists every rule that was looked at: failed, in principle, open, passed, or not regulated; its facts and
clauses; what people have to attest; the policy with its hashes. It is reckoned anew at each step, so that a reviewer
sees today's facts, and an approval binds to its digest.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from bangfu.casework.as_facts.api import facts_of_household
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.as_facts.breakers import states_before
from bangfu.casework.database.keys import key_file
from bangfu.engine.admission.judge import CASE_RULES
from bangfu.engine.check import CheckResult, check
from bangfu.engine.decide import asked_while_suspended
from bangfu.engine.findings import gathered
from bangfu.facts import TABLES, Facts
from bangfu.money.days import add_months_clamped
from bangfu.policy import VOCABULARY, Stack
from bangfu.rules.renewal.rule import RULE as RENEWAL

ADMITTED, REFUSED, NEEDS_EXCEPTION = "admitted", "refused", "needs_exception"
FAILED, IN_PRINCIPLE, OPEN, PASSED, SILENT = "failed", "in_principle", "open", "passed", "silent"
BREAKER, BREAKER_TERM = "lent_while_suspended", "breaker.threshold"
# Facts that show another bank's loans or a person's number: a reviewer is told the totals and the outcome.
_NOT_TOLD = frozenset({"live_loan_balances", "borrower", "borrower_id_number", "id_number"})
_MOST_JUDGED = 128
# The same facts on the same day give the same decision: a page looked at again, and the review that follows it, do not
# reckon it twice.
_JUDGED: dict[tuple[bytes, date, str], Judged] = {}


@dataclass(frozen=True)
class Asked:
    """An application as the core reads it; the ID number is in the clear and goes nowhere else."""

    application_id: str
    household_id: str
    village: str
    lender: str
    branch: str
    product: str
    kind: str
    parent_loan_id: str
    borrower_id_number: str
    applied_on: date
    amount_fen: int
    term_months: int
    purpose: str
    rate_e8: int | None
    interest_method: str
    guarantee: str
    funding: str


@dataclass(frozen=True)
class Judged:
    """The decision.

    Attributes:
        outcome: admitted, refused or needs_exception.
        told: What is shown (JSON): outcome, rules, to_attest, warnings, not_regulated, packs.
        on: The day it is judged for.
        policy: The key of the stack; empty where no policy speaks.
        policy_hash: Over the packs and their hashes.
        facts_hash: Over the facts it rests on, keyed, so that nothing can be guessed from it.
        digest: Over what a reviewer sees of it.
    """

    outcome: str
    told: Mapping[str, Any]
    on: date
    policy: str
    policy_hash: bytes
    facts_hash: bytes
    digest: str
    _result: CheckResult = field(repr=False, compare=False)
    _about: str = field(repr=False)

    def kept(self) -> dict[str, Any]:
        """What is kept of it: what is shown, with every step of every rule."""
        return {**self.told, "steps": self._result.steps(self._about)}

    @property
    def soft(self) -> tuple[Mapping[str, Any], ...]:
        """The limits “in principle” it departs from."""
        return tuple(one for one in self.told["rules"] if one["state"] == IN_PRINCIPLE)

    @property
    def hard(self) -> tuple[Mapping[str, Any], ...]:
        """What refuses it."""
        return tuple(one for one in self.told["rules"] if one["state"] == FAILED)


def judge(asked: Asked, *, on: date) -> Judged:
    """The core's decision on an application on a day; the lender's breaker is asked like any other rule."""
    facts = facts_of_household(asked.household_id)
    facts = Facts({**facts.tables, "loans": pl.concat([facts.loans, _row(asked, on=on)])}, facts.missing)
    found = gathered([asked_while_suspended(facts, states_before(asked.lender, on=on), on=on)])
    key = (_keyed(facts), on, found.write_json())
    if key not in _JUDGED:
        while len(_JUDGED) >= _MOST_JUDGED:
            _JUDGED.pop(next(iter(_JUDGED)), None)
        _JUDGED[key] = _judged(check(facts, site_book(), on=on, also=found), asked, facts_hash=key[0])
    return _JUDGED[key]


def _judged(result: CheckResult, asked: Asked, *, facts_hash: bytes) -> Judged:
    told, policy, packs = _told(result, asked)
    return Judged(
        outcome=told["outcome"],
        told=told,
        on=result.on,
        policy=policy,
        policy_hash=_sha(packs),
        facts_hash=facts_hash,
        digest=_sha([told[name] for name in ("outcome", "rules", "to_attest", "warnings", "packs")]).hex(),
        _result=result,
        _about=asked.application_id,
    )


def _row(asked: Asked, *, on: date) -> pl.DataFrame:
    """The application as a loan without a contract day."""
    shape = TABLES["loans"].schema
    told: dict[str, Any] = {
        "loan_id": asked.application_id,
        "household_id": asked.household_id,
        "borrower_id_number": asked.borrower_id_number or None,
        "lender": asked.lender,
        "branch": asked.branch or None,
        "product": asked.product,
        "kind": asked.kind,
        "parent_loan_id": asked.parent_loan_id or None,
        "area_code": asked.village,
        "applied_on": asked.applied_on,
        "matures_on": add_months_clamped(on, asked.term_months) if asked.term_months else None,
        "principal_fen": asked.amount_fen or None,
        "rate_e8": asked.rate_e8,
        "interest_method": asked.interest_method or None,
        "purpose": asked.purpose or None,
        "guarantee": asked.guarantee or None,
        "funding": asked.funding or None,
    }
    return pl.DataFrame([[told.get(column) for column in shape]], schema=shape, orient="row")


def _told(result: CheckResult, asked: Asked) -> tuple[dict[str, Any], str, list[Any]]:
    answers = result.as_json()
    mine = next(one for one in answers["decisions"] if one["loan_id"] == asked.application_id)
    number = result.decisions.filter(pl.col("loan_id") == asked.application_id)["stack_no"].item()
    stack = None if number is None else result.stacks[number]
    policy = answers["policies"][mine["policy"]] if stack is not None else {"packs": []}
    against = [
        {
            "code": one["code"],
            "state": IN_PRINCIPLE if one["in_principle"] else FAILED,
            "clauses": list(one["clauses"]),
            "facts": _shown(one["facts"]),
        }
        for one in mine["refusals"]
    ]
    missing = {one["code"]: one["missing"] for one in mine["not_judged"]}
    said = {one["code"] for one in against}
    told = {
        "outcome": mine["outcome"],
        "rules": against + ([] if stack is None else list(_others(stack, asked.kind, said, missing))),
        "to_attest": list(mine.get("to_attest", ())),
        "warnings": [
            {**one, "facts": _shown(one["facts"]), "clauses": list(one["clauses"])}
            for one in mine["warnings"]
        ],
        "not_regulated": list(mine.get("not_regulated", ())),
        "packs": policy["packs"],
    }
    return told, mine["policy"] or "", policy["packs"]


def _others(stack: Stack, kind: str, said: set[str], missing: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rules nothing was raised by, in the order they are run: open, passed, or set by no document."""
    clauses: dict[str, list[str]] = {}
    for rule in (*CASE_RULES, *((RENEWAL,) if kind == "renewal" else ())):
        for each in rule.raises:
            if "extension" not in each.code:
                clauses.setdefault(each.code, []).extend(_cited(stack, each.basis))
    clauses.setdefault(BREAKER, []).extend(_cited(stack, (BREAKER_TERM,)))
    for code, cited in clauses.items():
        if code in said:
            continue
        unique = list(dict.fromkeys(cited))
        if code in missing:
            yield {"code": code, "state": OPEN, "clauses": unique, "facts": {"missing": missing[code]}}
        else:
            yield {"code": code, "state": PASSED if unique else SILENT, "clauses": unique, "facts": {}}


def _cited(stack: Stack, basis: tuple[str, ...]) -> Iterator[str]:
    for name in basis:
        if name not in VOCABULARY:
            yield name
        elif (said := stack.look(name, stack.signed_on)) is not None:
            yield from said.clauses


def _shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in _NOT_TOLD}


def _sha(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()


def _keyed(facts: Facts) -> bytes:
    worker = hmac.new(key_file().trail, b"facts", hashlib.sha256)
    for name, frame in sorted(facts.tables.items()):
        worker.update(name.encode())
        if frame.height:
            worker.update(frame.write_ndjson().encode())
    return worker.digest()
