"""The documented table of terms: what a pack may say. A new kind of circular needs at most a new line here.

``klass``: a *signing* term is read on the day of signing, a *day* term on the day of the act, both within the
pinned stack. ``needed``: absent is a refusal ``term_not_set``; any other absent term is no such restriction.
``read_by``: the rule that reads the term; empty where only later work (workflows, reports) will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bangfu.policy.values import Json, Value, parse_value, show_value

CATEGORIES = ("poor", "out_of_poverty", "margin", "monitored", "assisted")
LEFT_REASONS = ("graduated", "wrongly_listed", "bad_faith", "no_longer_at_risk", "moved", "deceased")
GUARANTEES = (
    *("guarantor", "pledge", "mortgage", "counter_guarantee"),
    *("government_guarantee", "credit_insurance", "user_enterprise"),
)
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


def _signing(name: str, kind: str, zh: str, *, meaning: str, read_by: str = "", unit: str = "",
             needed: bool = False, allowed: tuple[str, ...] = ()) -> Term:  # fmt: skip
    return Term(name, kind, unit or UNITS.get(kind, ""), zh, meaning, "signing", read_by, needed, allowed)


def _day(name: str, kind: str, zh: str, *, meaning: str, read_by: str = "", unit: str = "",
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
    _signing("borrower.categories", "codes", "支持对象", read_by="eligibility", needed=True,
             allowed=CATEGORIES,
             meaning="Roster categories that may borrow"),
    _signing("borrower.one_loan_per_household", "bool", "一户一贷", read_by="limits",
             meaning="Lending is by household, one loan relation each"),
    _signing("borrower.labour_required", "bool", "须有劳动能力", read_by="eligibility",
             meaning="Somebody in the household must be able to work"),
    _signing("borrower.conditions", "codes", "贷款条件",
             meaning="Conditions that somebody attests before the loan"),
    _signing("borrower.barred_after", "codes", "清退不再享受", read_by="eligibility", allowed=LEFT_REASONS,
             meaning="Reasons of leaving the roster that bar a household"),
    _day("borrower.recall_after", "codes", "收回或转为农户贷款", allowed=LEFT_REASONS,
         meaning="Reasons of leaving the roster on which a running loan is recalled or converted; any "
         "other exit leaves it as it is"),
    _day("borrower.keeps_terms_after", "codes", "退出后政策不变", allowed=LEFT_REASONS,
         meaning="Reasons of leaving the roster that leave a running loan as it is, where a document says "
         "so"),
    _signing("borrower.may_be_charged_fees", "bool", "可否向借款人收费", read_by="guarantee",
             meaning="Whether guarantee, insurance or compensation costs may be put on the borrower"),
    # Amount, term, rate.
    _signing("amount.household_cap", "yuan", "单户额度", read_by="limits", needed=True,
             meaning="Cap over the household's live programme loans"),
    _signing("amount.household_cap_with_top_up", "yuan", "追加后单户额度", read_by="limits",
             meaning="The cap where a top-up was granted"),
    _signing("term.max_months", "months", "最长期限", read_by="term", needed=True,
             meaning="Longest contract, calendar months inclusive"),
    _signing("rate.ceiling", "bands", "利率上限", read_by="rate", needed=True,
             meaning="Highest rate by length of contract, or none"),
    _signing("rate.local", "percent", "当地执行利率", read_by="rate",
             meaning="The locally applied programme rate that index local refers to; only a local document "
             "sets it"),
    _signing("rate.fixed_in_contract", "bool", "合同期利率不变", read_by="rate",
             meaning="The rate stays through the contract"),
    _signing("guarantee.allowed", "bool", "可否要求担保", read_by="guarantee",
             meaning="Whether a guarantee or collateral may be asked"),
    _signing("guarantee.exempt_kinds", "codes", "不计为借款人担保", read_by="guarantee", allowed=GUARANTEES,
             meaning="Guarantees that do not breach the ban"),
    _signing("age.min", "years", "最低年龄", read_by="age",
             meaning="Full years on the application day, inclusive"),
    _signing("age.max", "years", "最高年龄", read_by="age",
             meaning="Full years on the application day, inclusive"),
    _signing("age.exception_allowed", "bool", "年龄可否例外", read_by="age",
             meaning="In principle: a reasoned, approved exception may stand"),
    # Use.
    _signing("use.forbidden_purposes", "codes", "禁止用途", read_by="use",
             meaning="Purpose codes a loan may not have"),
    _signing("use.by_enterprise", "code", "户贷企用", read_by="use",
             allowed=("allowed", "ledger", "forbidden"),
             meaning="Use by an enterprise or other body: allowed, ledger (listed and wound down), "
             "forbidden"),
    _day("use.by_enterprise_loses_subsidy", "bool", "户贷企用不贴息不补偿", read_by="use",
         meaning="A loan used by an enterprise against the rules gets no subsidy and no compensation"),
    _signing("use.cooperation_by_agreement", "bool", "合作须签协议",
             meaning="Cooperation with a business is voluntary and by written agreement"),
    _day("use.watched_from", "yuan", "重点关注项目金额",
         meaning="Projects of this amount and more are watched by the province, of this amount and less by "
         "the city"),
    # Interest and subsidy.
    _day("interest.standard_method", "code", "标准计息方式", read_by="interest",
         allowed=("daily_360", "whole_periods"),
         meaning="The interest the policy holds to; absent: the loan's own"),
    _day("subsidy.payers", "payers", "贴息", read_by="subsidy", needed=True,
         meaning="Who pays which part of the rate, or undetermined"),
    _day("subsidy.principal_cap", "yuan", "贴息本金上限", read_by="subsidy", needed=True,
         meaning="Subsidised principal a household"),
    _day("subsidy.principal_cap_large_need", "yuan", "大额需要贴息上限", read_by="subsidy",
         meaning="Subsidised principal a household where a really large productive need was recorded and "
         "approved"),
    _day("subsidy.collect_first", "bool", "先收后贴", read_by="subsidy",
         meaning="Only interest actually collected is subsidised"),
    _day("subsidy.normal_interest_only", "bool", "加息罚息不贴",
         meaning="Extra and penalty interest is never subsidised"),
    _day("subsidy.covers_extension", "bool", "展期贴息", read_by="subsidy",
         meaning="Whether the extended part of a loan is subsidised"),
    _day("subsidy.in_default", "bool", "逾期后贴息", read_by="subsidy",
         meaning="Whether normal interest of a loan in arrears stays subsidised"),
    _day("subsidy.max_months", "months", "最长贴息期限", read_by="subsidy",
         meaning="Longest subsidised time of a loan"),
    _day("subsidy.local_may_add", "bool", "地方可叠加贴息",
         meaning="A locality may add to the payers named"),
    _day("subsidy.borrower_should_bear", "bool", "借款人宜承担部分利息", read_by="subsidy",
         meaning="A warning where the borrower bears nothing"),
    _day("subsidy.overlap", "code", "与其他贴息统筹", read_by="overlap", allowed=("flag", "refuse"),
         meaning="What another fiscal subsidy on the same loan leads to"),
    _day("subsidy.rhythm", "code", "贴息频次", read_by="subsidy", allowed=("quarter", "year", "at_repayment"),
         meaning="How often the subsidy is paid"),
    _day("subsidy.list_due", "code", "清册报送", allowed=("end_of_month_before_payment",),
         meaning="When the list is due"),
    _day("subsidy.payment_months", "days_list", "贴息月份", unit="month of the year",
         meaning="Months (1 to 12) in which subsidies are paid"),
    _day("subsidy.submit_day", "count", "上报日", unit="day of the month",
         meaning="Day of the payment month by which the township submits"),
    _day("notice.days", "days", "公示天数",
         meaning="Full calendar days of public notice after the posting day"),
    # Renewal and extension.
    _signing("renewal.times", "count", "续贷展期次数", read_by="renewal",
             meaning="Renewals and extensions of a loan's whole family"),
    _signing("renewal.max_months", "months", "续贷最长期限", read_by="renewal",
             meaning="Longest renewal"),
    _signing("renewal.exception_allowed", "bool", "续贷期限可否例外", read_by="renewal",
             meaning="In principle: a reasoned, approved exception may stand"),
    _signing("renewal.follows", "code", "续贷适用政策", read_by="renewal", allowed=("original", "own"),
             meaning="Whether a renewal signed under this policy keeps the terms of the loan it renews "
             "(original) or takes this policy's (own)"),
    _signing("renewal.from_products", "codes", "可续贷的原贷款", read_by="renewal", allowed=PRODUCTS,
             meaning="Earlier products whose loans may be renewed or extended once when they fall due "
             "under this policy"),
    _signing("renewal.only_if_never_before", "bool", "此前未续贷展期", read_by="renewal",
             meaning="An earlier product's loan qualifies only where it was never renewed or extended"),
    _signing("renewal.old_loan_keeps_rate", "bool", "原贷款续贷利率不变", read_by="renewal",
             meaning="A renewed loan of an earlier product keeps its rate"),
    _signing("renewal.conditions_rechecked", "bool", "续贷重新审查条件",
             meaning="The borrower must meet the conditions again"),
    _signing("renewal.keeps_class", "bool", "续贷不下调分类", read_by="classification",
             meaning="A lawful, sound renewal does not by itself lower the risk class"),
    _signing("renewal.borrow_again", "bool", "还清后可再贷",
             meaning="A household that has repaid may borrow again"),
    _signing("extension.short_limit_months", "months", "短期贷款界限", read_by="renewal",
             meaning="Loans up to this long are short for extension"),
    _signing("extension.short_share", "percent", "短期展期比例", read_by="renewal",
             meaning="Longest extension of a short loan, share of its original term"),
    _signing("extension.medium_share", "percent", "中期展期比例", read_by="renewal",
             meaning="Longest extension of a longer loan, share of its original term"),
    # Breaker, tolerance.
    _day("breaker.measure", "code", "熔断指标", read_by="breaker", allowed=("npl", "overdue", "either"),
         meaning="The ratio that is watched"),
    _day("breaker.threshold", "percent", "熔断阈值", read_by="breaker",
         meaning="The ratio that stops new loans"),
    _day("breaker.trips", "code", "熔断条件", read_by="breaker", allowed=("above", "at_or_above"),
         meaning="Whether the threshold itself trips"),
    _day("breaker.resumes", "percent", "恢复阈值", read_by="breaker",
         meaning="New loans start again at this ratio or below"),
    _day("breaker.resumes_by", "code", "恢复方式", read_by="breaker", allowed=("repayment",),
         meaning="How the ratio must have come down; a fall by write-off or compensation is shown"),
    _day("breaker.scope", "code", "熔断主体", read_by="breaker", allowed=("lender", "branch"),
         meaning="Whose ratio it is"),
    _day("breaker.area", "code", "熔断区域", read_by="breaker", allowed=("county", "township"),
         meaning="Within which area"),
    _day("tolerance.points", "points", "不良容忍度", read_by="tolerance",
         meaning="NPL ratio so far above the base is not held against the bank"),
    _day("tolerance.base", "code", "容忍度基数", read_by="tolerance", allowed=("target", "actual"),
         meaning="The bank's target, or its actual ratio, for all loans"),
    # Compensation fund.
    _day("fund.min_share_of_balance", "percent", "补偿金与余额比", read_by="fund",
         meaning="Least fund over loan balance"),
    _day("fund.budget_increment_share", "percent", "预算增量注入比例", read_by="fund",
         meaning="Yearly injection, share of the increase of the county's own general public budget revenue"),
    _day("fund.pays_share", "percent", "补偿比例", read_by="compensation",
         meaning="Share of the loss the fund bears"),
    _day("fund.grace_months", "months", "一般缓冲期", read_by="compensation",
         meaning="Usual wait after default before a claim"),
    _day("fund.grace_max_months", "months", "最长缓冲期", read_by="compensation",
         meaning="Longest wait after default before a claim"),
    _day("fund.return_working_days", "days", "追回款存回期限", unit="working days", read_by="compensation",
         meaning="Working days to put recovered money back"),
    _day("fund.covers_up_to", "yuan", "补偿本金上限", read_by="compensation",
         meaning="Principal a household within compensation"),
    _day("fund.only_within_tolerance", "bool", "容忍度内补偿",
         meaning="Claims only while the NPL ratio is within tolerance"),
    _day("fund.closed_account", "bool", "专户封闭运行",
         meaning="The fund is a closed special account"),
    # Reminders, insurance, funding.
    _day("reminder.days_before", "days_list", "到期提醒", unit="days", read_by="reminder",
         meaning="Days before maturity on which the borrower is told"),
    _day("reminder.written_days_before", "days_list", "到期书面提醒", unit="days", read_by="reminder",
         meaning="Days before maturity on which it is in writing"),
    _day("insurance.required_kinds", "codes", "应保险种", read_by="insurance",
         meaning="Insurance every household on the roster must have"),
    _day("insurance.encouraged_kinds", "codes", "鼓励险种",
         meaning="Insurance that is encouraged"),
    _day("insurance.premium_subsidy_share", "percent", "保费补贴比例",
         meaning="Share of the household's own part of a farm insurance premium that public money pays"),
    _signing("funding.new", "codes", "新发放资金来源", allowed=FUNDING,
             meaning="Central bank money behind new loans"),
    _signing("funding.old_renewed", "codes", "原贷款续贷资金来源", allowed=FUNDING,
             meaning="Central bank money behind renewed or extended loans of the earlier product"),
)  # fmt: skip

VOCABULARY: Mapping[str, Term] = {term.name: term for term in TERMS}
NEEDED: tuple[str, ...] = tuple(term.name for term in TERMS if term.needed)
