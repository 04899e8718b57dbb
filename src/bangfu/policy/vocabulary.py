"""The documented table of terms: what a pack may say. A new kind of circular needs at most a new line here.

``klass``: a *signing* term is read on the day of signing, a *day* term on the day of the act, both within the pinned
stack. ``needed``: absent is a refusal ``term_not_set``; any other absent term means no such restriction.
``read_by``: the rule that reads the term; empty where only later work (workflows, reports) will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bangfu.policy.values import Json, Value, parse_value, show_value

CATEGORIES = ("poor", "out_of_poverty", "margin", "monitored", "assisted")
LEFT_REASONS = ("graduated", "wrongly_listed", "bad_faith", "no_longer_at_risk", "moved", "deceased")
GUARANTEES = ("guarantor", "pledge", "mortgage", "counter_guarantee", "government_guarantee", "credit_insurance",
              "user_enterprise")  # fmt: skip
FUNDING = ("own", "farm_relending", "poverty_relending")
PRODUCTS = ("poverty", "transition", "assistance")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the vocabulary."""

    name: str
    type: str
    unit: str
    zh: str
    meaning: str
    klass: str
    read_by: str
    needed: bool = False
    allowed: tuple[str, ...] = ()

    def parse(self, written: object) -> Value:
        """The typed value of what a pack wrote; ValueError says what is wrong."""
        return parse_value(self.type, written, allowed=self.allowed)

    def show(self, value: Value | None) -> Json:
        """A value of this term for JSON."""
        return show_value(self.type, value)


def _signing(name: str, kind: str, zh: str, meaning: str, *, read_by: str = "", unit: str = "",
             needed: bool = False, allowed: tuple[str, ...] = ()) -> Term:  # fmt: skip
    return Term(name, kind, unit or UNITS.get(kind, ""), zh, meaning, "signing", read_by, needed, allowed)


def _day(name: str, kind: str, zh: str, meaning: str, *, read_by: str = "", unit: str = "",
         needed: bool = False, allowed: tuple[str, ...] = ()) -> Term:  # fmt: skip
    return Term(name, kind, unit or UNITS.get(kind, ""), zh, meaning, "day", read_by, needed, allowed)


UNITS: Mapping[str, str] = {
    "yuan": "fen",
    "percent": "1e-8",
    "points": "1e-8",
    "months": "months",
    "days": "days",
    "years": "full years",
}

TERMS: tuple[Term, ...] = (
    # Who may borrow, and for whom a loan stays one of the programme.
    _signing("borrower.categories", "codes", "支持对象", "Roster categories that may borrow",
             read_by="eligibility", needed=True, allowed=CATEGORIES),
    _signing("borrower.one_loan_per_household", "bool", "一户一贷", "Lending is by household, one loan relation each",
             read_by="limits"),
    _signing("borrower.labour_required", "bool", "须有劳动能力", "Somebody in the household must be able to work",
             read_by="eligibility"),
    _signing("borrower.conditions", "codes", "贷款条件", "Conditions that somebody attests before the loan"),
    _signing("borrower.barred_after", "codes", "清退不再享受", "Reasons of leaving the roster that bar a household",
             read_by="eligibility", allowed=LEFT_REASONS),
    _day("borrower.recall_after", "codes", "收回或转为农户贷款", "Reasons of leaving the roster on which a running "
         "loan is recalled or converted; any other exit leaves it as it is", read_by="eligibility",
         allowed=LEFT_REASONS),
    _day("borrower.keeps_terms_after", "codes", "退出后政策不变", "Reasons of leaving the roster that leave a running "
         "loan as it is, where a document says so", read_by="eligibility", allowed=LEFT_REASONS),
    _signing("borrower.may_be_charged_fees", "bool", "可否向借款人收费", "Whether guarantee, insurance or compensation "
             "costs may be put on the borrower", read_by="guarantee"),
    # Amount, term, rate.
    _signing("amount.household_cap", "yuan", "单户额度", "Cap over the household's live programme loans",
             read_by="limits", needed=True),
    _signing("amount.household_cap_with_top_up", "yuan", "追加后单户额度", "The cap where a top-up was granted",
             read_by="limits"),
    _signing("term.max_months", "months", "最长期限", "Longest contract, calendar months inclusive",
             read_by="term", needed=True),
    _signing("rate.ceiling", "bands", "利率上限", "Highest rate by length of contract, or none", read_by="rate",
             needed=True),
    _signing("rate.local", "percent", "当地执行利率", "The locally applied programme rate that index local refers to; "
             "only a local document sets it", read_by="rate"),
    _signing("rate.fixed_in_contract", "bool", "合同期利率不变", "The rate stays through the contract",
             read_by="rate"),
    _signing("guarantee.allowed", "bool", "可否要求担保", "Whether a guarantee or collateral may be asked",
             read_by="guarantee"),
    _signing("guarantee.exempt_kinds", "codes", "不计为借款人担保", "Guarantees that do not breach the ban",
             read_by="guarantee", allowed=GUARANTEES),
    _signing("age.min", "years", "最低年龄", "Full years on the application day, inclusive", read_by="age"),
    _signing("age.max", "years", "最高年龄", "Full years on the application day, inclusive", read_by="age"),
    _signing("age.exception_allowed", "bool", "年龄可否例外", "In principle: a reasoned, approved exception may stand",
             read_by="age"),
    # Use.
    _signing("use.forbidden_purposes", "codes", "禁止用途", "Purpose codes a loan may not have", read_by="use"),
    _signing("use.by_enterprise", "code", "户贷企用", "Use by an enterprise or other body: allowed, ledger (listed and "
             "wound down), forbidden", read_by="use", allowed=("allowed", "ledger", "forbidden")),
    _day("use.by_enterprise_loses_subsidy", "bool", "户贷企用不贴息不补偿", "A loan used by an enterprise against the "
         "rules gets no subsidy and no compensation", read_by="use"),
    _signing("use.cooperation_by_agreement", "bool", "合作须签协议", "Cooperation with a business is voluntary and by "
             "written agreement"),
    _day("use.watched_from", "yuan", "重点关注项目金额", "Projects of this amount and more are watched by the "
         "province, of this amount and less by the city"),
    # Interest and subsidy.
    _day("interest.standard_method", "code", "标准计息方式", "The interest the policy holds to; absent: the loan's own",
         read_by="interest", allowed=("daily_360", "whole_periods")),
    _day("subsidy.payers", "payers", "贴息", "Who pays which part of the rate, or undetermined", read_by="subsidy",
         needed=True),
    _day("subsidy.principal_cap", "yuan", "贴息本金上限", "Subsidised principal a household", read_by="subsidy",
         needed=True),
    _day("subsidy.principal_cap_large_need", "yuan", "大额需要贴息上限", "Subsidised principal a household where a "
         "really large productive need was recorded and approved", read_by="subsidy"),
    _day("subsidy.collect_first", "bool", "先收后贴", "Only interest actually collected is subsidised",
         read_by="subsidy"),
    _day("subsidy.normal_interest_only", "bool", "加息罚息不贴", "Extra and penalty interest is never subsidised",
         read_by="subsidy"),
    _day("subsidy.covers_extension", "bool", "展期贴息", "Whether the extended part of a loan is subsidised",
         read_by="subsidy"),
    _day("subsidy.in_default", "bool", "逾期后贴息", "Whether normal interest of a loan in arrears stays subsidised",
         read_by="subsidy"),
    _day("subsidy.max_months", "months", "最长贴息期限", "Longest subsidised time of a loan", read_by="subsidy"),
    _day("subsidy.local_may_add", "bool", "地方可叠加贴息", "A locality may add to the payers named",
         read_by="subsidy"),
    _day("subsidy.borrower_should_bear", "bool", "借款人宜承担部分利息", "A warning where the borrower bears nothing",
         read_by="subsidy"),
    _day("subsidy.overlap", "code", "与其他贴息统筹", "What another fiscal subsidy on the same loan leads to",
         read_by="overlap", allowed=("flag", "refuse")),
    _day("subsidy.rhythm", "code", "贴息频次", "How often the subsidy is paid", read_by="subsidy",
         allowed=("quarter", "year", "at_repayment")),
    _day("subsidy.list_due", "code", "清册报送", "When the list is due",
         allowed=("end_of_month_before_payment",)),
    _day("subsidy.payment_months", "days_list", "贴息月份", "Months (1 to 12) in which subsidies are paid",
         unit="month of the year"),
    _day("subsidy.submit_day", "count", "上报日", "Day of the payment month by which the township submits",
         unit="day of the month"),
    _day("notice.days", "days", "公示天数", "Full calendar days of public notice after the posting day"),
    # Renewal and extension.
    _signing("renewal.times", "count", "续贷展期次数", "Renewals and extensions of a loan's whole family",
             read_by="renewal"),
    _signing("renewal.max_months", "months", "续贷最长期限", "Longest renewal", read_by="renewal"),
    _signing("renewal.follows", "code", "续贷适用政策", "Whether a renewal signed under this policy keeps the terms of "
             "the loan it renews (original) or takes this policy's (own)", read_by="renewal",
             allowed=("original", "own")),
    _signing("renewal.from_products", "codes", "可续贷的原贷款", "Earlier products whose loans may be renewed or "
             "extended once when they fall due under this policy", read_by="renewal", allowed=PRODUCTS),
    _signing("renewal.only_if_never_before", "bool", "此前未续贷展期", "An earlier product's loan qualifies only where "
             "it was never renewed or extended", read_by="renewal"),
    _signing("renewal.old_loan_keeps_rate", "bool", "原贷款续贷利率不变", "A renewed loan of an earlier product keeps "
             "its rate", read_by="renewal"),
    _signing("renewal.conditions_rechecked", "bool", "续贷重新审查条件", "The borrower must meet the conditions again",
             read_by="renewal"),
    _signing("renewal.keeps_class", "bool", "续贷不下调分类", "A lawful, sound renewal does not by itself lower the "
             "risk class", read_by="classification"),
    _signing("renewal.borrow_again", "bool", "还清后可再贷", "A household that has repaid may borrow again",
             read_by="limits"),
    _signing("extension.short_limit_months", "months", "短期贷款界限", "Loans up to this long are short for "
             "extension", read_by="renewal"),
    _signing("extension.short_share", "percent", "短期展期比例", "Longest extension of a short loan, share of its "
             "original term", read_by="renewal"),
    _signing("extension.medium_share", "percent", "中期展期比例", "Longest extension of a longer loan, share of its "
             "original term", read_by="renewal"),
    # Breaker, tolerance.
    _day("breaker.measure", "code", "熔断指标", "The ratio that is watched", read_by="breaker",
         allowed=("npl", "overdue", "either")),
    _day("breaker.threshold", "percent", "熔断阈值", "The ratio that stops new loans", read_by="breaker"),
    _day("breaker.trips", "code", "熔断条件", "Whether the threshold itself trips", read_by="breaker",
         allowed=("above", "at_or_above")),
    _day("breaker.resumes", "percent", "恢复阈值", "New loans start again at this ratio or below", read_by="breaker"),
    _day("breaker.resumes_by", "code", "恢复方式", "How the ratio must have come down; a fall by write-off or "
         "compensation is shown", read_by="breaker", allowed=("repayment",)),
    _day("breaker.scope", "code", "熔断主体", "Whose ratio it is", read_by="breaker", allowed=("lender", "branch")),
    _day("breaker.area", "code", "熔断区域", "Within which area", read_by="breaker", allowed=("county", "township")),
    _day("tolerance.points", "points", "不良容忍度", "NPL ratio so far above the base is not held against the bank",
         read_by="tolerance"),
    _day("tolerance.base", "code", "容忍度基数", "The bank's target, or its actual ratio, for all loans",
         read_by="tolerance", allowed=("target", "actual")),
    # Compensation fund.
    _day("fund.min_share_of_balance", "percent", "补偿金与余额比", "Least fund over loan balance", read_by="fund"),
    _day("fund.budget_increment_share", "percent", "预算增量注入比例", "Yearly injection, share of the increase of the "
         "county's own general public budget revenue", read_by="fund"),
    _day("fund.pays_share", "percent", "补偿比例", "Share of the loss the fund bears", read_by="compensation"),
    _day("fund.grace_months", "months", "一般缓冲期", "Usual wait after default before a claim",
         read_by="compensation"),
    _day("fund.grace_max_months", "months", "最长缓冲期", "Longest wait after default before a claim",
         read_by="compensation"),
    _day("fund.return_working_days", "days", "追回款存回期限", "Working days to put recovered money back",
         unit="working days", read_by="compensation"),
    _day("fund.covers_up_to", "yuan", "补偿本金上限", "Principal a household within compensation",
         read_by="compensation"),
    _day("fund.only_within_tolerance", "bool", "容忍度内补偿", "Claims only while the NPL ratio is within tolerance",
         read_by="compensation"),
    _day("fund.closed_account", "bool", "专户封闭运行", "The fund is a closed special account", read_by="fund"),
    # Reminders, insurance, funding.
    _day("reminder.days_before", "days_list", "到期提醒", "Days before maturity on which the borrower is told",
         unit="days", read_by="reminders"),
    _day("reminder.written_days_before", "days_list", "到期书面提醒", "Days before maturity on which it is in writing",
         unit="days", read_by="reminders"),
    _day("insurance.required_kinds", "codes", "应保险种", "Insurance every household on the roster must have",
         read_by="insurance"),
    _day("insurance.encouraged_kinds", "codes", "鼓励险种", "Insurance that is encouraged"),
    _day("insurance.premium_subsidy_share", "percent", "保费补贴比例", "Share of the household's own part of a farm "
         "insurance premium that public money pays"),
    _signing("funding.new", "codes", "新发放资金来源", "Central bank money behind new loans", allowed=FUNDING),
    _signing("funding.old_renewed", "codes", "原贷款续贷资金来源", "Central bank money behind renewed or extended loans "
             "of the earlier product", allowed=FUNDING),
)  # fmt: skip

VOCABULARY: Mapping[str, Term] = {term.name: term for term in TERMS}
NEEDED: tuple[str, ...] = tuple(term.name for term in TERMS if term.needed)
