"""The ways to go: what each role finds on the left. An entry whose address is not there yet is left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, reverse

from bangfu.casework.people.api import ROLES, may
from bangfu.casework.words import Words
from bangfu.web.parts import Group, Link

__all__ = ["GROUPS", "WATCHERS", "Entry", "navigation_of"]


@dataclass(frozen=True)
class Entry:
    """One way to go.

    Attributes:
        label: Its name.
        view: The name of the view, without arguments.
        icon: A picture of ``parts.ICONS``.
        act: Acts of which the role must be allowed one (``people.roles``); empty for all.
        roles: Only for these roles; empty for all.
    """

    label: Words
    view: str
    icon: str
    act: str = ""
    roles: tuple[str, ...] = ()

    def for_role(self, role: str) -> bool:
        """Whether a role finds it."""
        asked = self.act.split()
        return (not self.roles or role in self.roles) and (not asked or any(may(role, act) for act in asked))


# They watch over lending and decide little: their home shows how things stand, the others' what waits for them.
WATCHERS = ("finance", "regulator", "pboc", "auditor")
_OTHERS = tuple(code for code in ROLES if code not in WATCHERS)
_VERIFY = ("auditor", "admin")
GROUPS: tuple[tuple[Words, tuple[Entry, ...]], ...] = (
    (
        Words("工作", "Work"),
        (
            Entry(Words("概况", "Overview"), "front", "home", "", WATCHERS),
            Entry(Words("我的待办", "My work"), "front", "home", "", _OTHERS),
            Entry(Words("职责和时限", "Duties"), "duties", "clock"),
            Entry(Words("变更申请", "Requests"), "requests", "list"),
        ),
    ),
    (
        Words("名册", "Registry"),
        (
            Entry(Words("农户", "Households"), "households", "people", "household.read"),
            Entry(Words("名单", "Rosters"), "rosters", "list", "roster.read"),
            Entry(Words("名单对接情况", "Contacts"), "coverage", "count", "roster.read"),
            Entry(
                Words("按季提供名单", "Deliveries"),
                "deliveries",
                "download",
                "roster.deliver delivery.acknowledge",
            ),
            Entry(Words("行政区划", "Places"), "areas", "home", "household.read"),
            Entry(Words("机构与主责任银行", "Institutions"), "institutions", "law", "household.read"),
            Entry(
                Words("导入", "Imports"),
                "imports",
                "upload",
                "roster.import county.import ledger.import roster.request",
            ),
        ),
    ),
    (
        Words("信贷", "Credit"),
        (
            Entry(Words("贷款申请", "Applications"), "applications", "paper", "application.read"),
            Entry(Words("贷款台账", "Loans"), "loans", "loan", "loan.read"),
            Entry(Words("熔断状态", "Breaker"), "breaker", "warn", "breaker.read"),
            Entry(Words("银行台账文件", "Bank files"), "bank-file", "upload", "ledger.import"),
            Entry(Words("报备与清单", "Filings"), "filings", "paper", "filing.read filing.make"),
        ),
    ),
    (
        Words("贴息", "Subsidy"),
        (
            Entry(Words("贴息期次", "Subsidy cycles"), "cycles", "clock", "subsidy.read"),
            Entry(Words("超期清册", "Late lists"), "subsidy-late", "warn", "subsidy.read"),
            Entry(Words("发放批次", "Payment batches"), "payments", "loan", "payment.read"),
            Entry(
                Words("收款账户", "Payees' accounts"),
                "payees",
                "people",
                "payee.write payee.request payment.read",
            ),
            Entry(Words("到户与追回", "Proofs and recoveries"), "proofs", "ok", "payment.read"),
            Entry(Words("贴息资金", "Subsidy money"), "budgets", "count", "budget.read"),
            Entry(Words("发放时效", "Lateness"), "lateness", "clock", "payment.read"),
            Entry(Words("贴息报表", "Reports"), "subsidy-reports", "paper", "subsidy.read"),
            Entry(Words("贴息公示", "Public notices"), "notices", "eye", "subsidy.read"),
            Entry(Words("异议", "Objections"), "objections", "ask", "objection.read"),
        ),
    ),
    (
        Words("管理", "Administration"),
        (
            Entry(Words("账户与岗位", "Accounts"), "accounts", "people", "account.write"),
            Entry(Words("登录记录", "Sign-ins"), "sign-ins", "eye", "account.write"),
            Entry(Words("接口令牌", "API tokens"), "tokens", "lock", "token.write"),
            Entry(Words("后台任务", "Jobs"), "jobs", "clock", "job.read"),
        ),
    ),
    (
        Words("留痕", "Trail"),
        (
            Entry(Words("操作记录", "Acts"), "trail", "list"),
            Entry(Words("核验", "Verify"), "trail-verify", "shield", "", _VERIFY),
            Entry(Words("我的账户", "My account"), "my-account", "lock"),
        ),
    ),
)


@cache
def navigation_of(role: str) -> tuple[Group, ...]:
    """The entries of a role, under their headings."""
    groups = []
    for label, entries in GROUPS:
        links = [
            Link(one.label, where, one.icon)
            for one in entries
            if one.for_role(role) and (where := _where(one.view))
        ]
        if links:
            groups.append(Group(label, links))
    return tuple(groups)


def _where(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
