"""The roles, where each is held, and what each may do at all. What it must do stands in ``duties.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bangfu.casework.words import Words

__all__ = ["ROLES", "Role", "may"]

HeldIn = Literal["village", "township", "county", "area", "branch", "bank", "site"]


@dataclass(frozen=True)
class Role:
    """A role.

    Attributes:
        code: Its name in the tables.
        words: Its name for people.
        held: Where it is held: a village, township, county or any area; a branch or a bank; the site.
        may: The acts it may do (``may``).
    """

    code: str
    words: Words
    held: HeldIn
    may: frozenset[str]


def _role(code: str, zh: str, en: str, held: HeldIn, *acts: str) -> tuple[str, Role]:
    return code, Role(code, Words(zh, en), held, frozenset(acts))


READS = (
    "household.read",
    "application.read",
    "loan.read",
    "roster.read",
    "trail.read",
    "subsidy.read",
    "archive.open",
)
WATCHES = (*READS, "filing.read", "breaker.read")
OPENS = (*READS, "paper.open", "personal.reveal")
ROLES: Mapping[str, Role] = dict(
    [
        _role("village", "村“两委”", "village committee", "village",
              *READS, "paper.open", "application.village_review", "roster.request", "household.request",
              "filing.read", "notice.photo", "archive.add", "objection.read", "objection.investigate"),
        _role("township", "乡镇（街道）审核", "township office", "township",
              *OPENS, "application.township_review", "roster.request", "household.request",
              "filing.read", "subsidy.review", "subsidy.hold", "subsidy.submit", "notice.post",
              "notice.photo", "objection.read", "objection.investigate", "objection.decide", "archive.add",
              "archive.write"),
        _role("station", "乡镇扶贫工作站", "township station", "township",
              *OPENS, "application.station_opinion", "roster.request", "household.request", "filing.read",
              "notice.photo", "archive.add", "objection.read", "objection.investigate"),
        _role("branch_officer", "信用社信贷员", "branch credit officer", "branch",
              *OPENS, "application.write", "application.examine", "credit_rating.write",
              "event.write", "event.correct", "loan.disburse", "delivery.acknowledge", "file.write",
              "subsidy.compute", "subsidy.claim", "subsidy.explain", "payee.request", "archive.add"),
        _role("branch_manager", "信用社负责人", "branch manager", "branch",
              *OPENS, "application.decide", "loan.sign", "loan.disburse", "event.correct", "delivery.acknowledge",
              "filing.make", "filing.read", "subsidy.submit_list", "subsidy.compute", "subsidy.explain",
              "archive.add"),
        _role("county_bank", "县联社", "county bank", "bank",
              *OPENS, "filing.make", "filing.read", "breaker.read", "ledger.import", "event.write", "event.correct",
              "delivery.acknowledge", "token.write", "exception.approve", "import.undo", "subsidy.claim",
              "subsidy.compute", "subsidy.explain", "subsidy.submit_list", "payment.result", "payment.read",
              "payment.open", "payee.write", "archive.add"),
        _role("bureau", "县乡村振兴（农业农村）局", "county bureau", "county",
              *OPENS, "roster.import", "county.import", "area.import", "roster.approve", "household.approve",
              "roster.deliver", "filing.read", "breaker.read", "lead_bank.request", "area.request", "area.approve",
              "import.undo", "exception.approve", "token.write", "cycle.open", "subsidy.confirm", "subsidy.hold",
              "objection.read", "objection.decide", "payee.approve", "archive.add", "archive.write", "archive.seal",
              "budget.read", "payment.read"),
        _role("finance", "县财政局", "county finance bureau", "county", *WATCHES, "budget.read",
              "budget.write", "payment.read", "payment.prepare", "payment.release", "payment.result",
              "payment.open", "payee.write",
              "archive.add", "recovery.write", "proof.write"),
        _role("regulator", "金融监管机构", "financial regulator", "area", *WATCHES, "lead_bank.approve",
              "budget.read", "payment.read"),
        _role("pboc", "人民银行", "central bank branch", "area", *WATCHES, "budget.read", "payment.read"),
        _role("auditor", "审计（纪检）", "auditor", "area", *WATCHES, "personal.reveal", "trail.verify",
              "objection.read", "budget.read", "payment.read"),
        _role("admin", "系统管理员", "administrator", "site",
              "account.write", "account.approve", "trail.anchor", "trail.verify", "job.read", "token.write"),
    ]
)  # fmt: skip


def may(role: str, act: str) -> bool:
    """Whether a role may do an act at all; where and on what is the scope's question."""
    return role in ROLES and act in ROLES[role].may
