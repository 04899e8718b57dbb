"""What cannot be done and what is found wrong: one register of names, in a fixed order of precedence.

A refusal is a value with its facts, never a bare sentence (design §3.5). Wherever several apply, they are listed
in the order of this register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Code:
    """One named refusal or finding, with its wording in both languages."""

    name: str
    zh: str
    en: str


REGISTER: tuple[Code, ...] = (
    Code("no_policy_for_place_and_day", "该地该日无适用政策", "No policy covers this place and day"),
    Code(
        "rate_series_too_old",
        "利率序列已过期，最后一期报价距今超过45天",
        "The last stored fixing is over 45 days old",
    ),
    Code("term_not_set", "适用文件未规定该要素", "The policy in force does not set this term"),
    Code(
        "calendar_not_published",
        "该年工作日历尚未公布",
        "The working-day calendar of that year is not published",
    ),
    Code("not_on_roster", "借款户不在名单内", "The household is not on the roster"),
    Code("wrongly_listed", "错评清退户", "The household was listed wrongly and struck off"),
    Code("category_not_admitted", "名单类别不在支持范围", "The household's category may not borrow"),
    Code("over_household_cap", "超过单户贷款额度", "Over the household's cap"),
    Code("term_too_long", "贷款期限过长", "The term is too long"),
    Code("rate_above_ceiling", "利率高于上限", "The rate is above the ceiling"),
    Code("rate_changed_in_contract", "合同期内变更利率", "The rate changed inside the contract"),
    Code("guarantee_taken", "要求担保或抵押", "A guarantee or collateral was taken"),
    Code("borrower_charged", "向借款人收取担保、保险等费用", "A fee was charged on the borrower"),
    Code("purpose_forbidden", "贷款用途被禁止", "The purpose is forbidden"),
    Code("used_by_enterprise", "户贷企用", "The money is used by an enterprise"),
    Code("age_out_of_range", "借款人年龄超出范围", "The borrower's age is out of range"),
    Code("no_labour_force", "整户无劳动力", "Nobody in the household is able to work"),
    Code("borrower_not_in_household", "借款人不是该户成员", "The borrower is not a member of the household"),
    Code("several_loans_in_household", "一户多贷", "Several loans in one household"),
    Code("renewed_or_extended_twice", "续贷或展期超过一次", "Renewed or extended more than once"),
    Code("extension_too_long", "展期期限过长", "The extension is too long"),
    Code("renewal_too_long", "续贷期限过长", "The renewal is too long"),
    Code("lent_while_suspended", "熔断期间发放贷款", "Lent while lending was suspended"),
    Code("interest_overcharged", "多收利息", "Interest overcharged"),
    Code("interest_undercharged", "少收利息", "Interest undercharged"),
    Code("subsidy_overclaimed", "多报贴息", "Subsidy overclaimed"),
    Code("subsidy_underpaid", "少付贴息", "Subsidy underpaid"),
    Code("subsidy_not_returned", "贴息未返还借款人", "The subsidy was not passed back to the borrower"),
    Code("subsidised_twice", "重复贴息", "Subsidised twice"),
    Code("subsidised_without_right", "无权享受贴息", "Subsidised without right"),
    Code("subsidy_undetermined", "贴息政策尚未确定", "The subsidy is not yet fixed by any document"),
    Code("subsidy_exceeds_rate", "各级贴息合计超过贷款利率", "The payers together exceed the loan rate"),
    Code(
        "should_have_had_programme_loan", "应享受小额信贷而办理普通贷款", "Should have had a programme loan"
    ),
    Code("insurance_gap", "应保未保", "Not insured as required"),
    Code("insurance_claim_unpaid", "应赔未赔", "An insurance claim is unpaid"),
    Code("reminder_missed", "到期提醒缺失", "A reminder before maturity is missing"),
    Code("compensated_before_grace", "缓冲期未满即代偿", "Compensated before the grace ended"),
    Code(
        "recovered_not_returned_in_time", "追回款未按时存回专户", "Recovered money was not returned in time"
    ),
    Code("fund_below_floor", "风险补偿金低于下限", "The compensation fund is below its floor"),
    Code("overdue_outlier", "逾期率明显偏高", "Overdue ratio clearly above the others"),
    Code(
        "household_count_anomaly", "贷款户数异常波动", "Abnormal swing in the number of borrowing households"
    ),
    Code("lends_to_everyone", "见户即贷", "Lends to everyone without distinction"),
    Code("shared_payee_cluster", "多户资金流向同一账户", "Several households' money flows to one payee"),
    Code("duplicate_identity", "同一身份重复出现", "One identity appears more than once"),
    Code("bad_id_number", "身份证号码校验不符", "The ID number fails its check"),
)

CODES: Mapping[str, Code] = {code.name: code for code in REGISTER}
PRECEDENCE: Mapping[str, int] = {code.name: place for place, code in enumerate(REGISTER)}


# What people must know although nothing is refused: name, Chinese, English.
NOTICES: Mapping[str, tuple[str, str]] = {
    "signed_in_gap": (
        "合同签订于新旧政策之间，按旧政策执行",
        "Signed between two policies; it runs on the earlier terms",
    ),
    "charge_observed": (
        "向借款人收取了费用，适用文件未作规定",
        "A fee was charged; no clause in force speaks of it",
    ),
    "enterprise_ledger": ("列入户贷企用台账，分类处置", "Use by an enterprise, to be listed and wound down"),
    "recall_or_convert": (
        "该户已被清退，贷款应收回或转为农户贷款",
        "The household was struck off: recall the loan or convert it",
    ),
    "left_without_reason": (
        "退出名单未注明原因，资料不全",
        "The household left the roster without a recorded reason",
    ),
    "aged_on_contract_day": (
        "未记录申请日，按合同签订日判断",
        "No application day is recorded: judged on the contract day",
    ),
    "borrower_bears_nothing": (
        "财政贴息后借款人不承担利息，政策引导其承担一部分",
        "The borrower bears none of the interest; the policy wants a part to stay with the borrower",
    ),
    "raised_ceiling_not_known": (
        "登记了提高的贴息上限，但适用文件没有该规定或超出其上限",
        "A raised ceiling is on file that no clause in force admits, or beyond its figure",
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal or a finding as a value: its code, the clauses it rests on, and the facts that show it."""

    code: str
    clauses: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name that is not in the register."""
        if self.code not in CODES:
            raise ValueError(f"{self.code} is not in the register of refusals")

    def sentence(self, language: str = "zh") -> str:
        """The code's wording, with the facts and the clauses behind it."""
        code = CODES[self.code]
        words = code.zh if language == "zh" else code.en
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return (
            words
            + (f" ({facts})" if facts else "")
            + (f" [{', '.join(self.clauses)}]" if self.clauses else "")
        )


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """Raised where a single case cannot go on; carries the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence("en"))
        self.refusal = refusal
