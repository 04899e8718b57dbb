"""Chinese words for the facts of refusals and findings, so that a workbook reads without a key."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bangfu.facts import codes

FACT_WORDS: Mapping[str, str] = {
    # policy
    "place": "地区", "product": "产品", "day": "日期", "policy": "政策组合", "term": "要素", "column": "列",
    "pack_before": "此前政策", "pack_after": "此后政策", "missing": "缺少", "series": "利率序列",
    "last_fixing": "最后报价日", "days_since": "距今天数", "from": "自", "to": "至（不含）", "reason": "原因",
    "signed_on": "签订日", "terms_as_of": "按此日政策", "loan_product": "原产品",
    "lender": "贷款银行", "branch": "网点",
    # people
    "aged_on": "核算日", "roster": "名单记录", "admitted": "允许类别", "born_on": "出生日期", "age": "周岁",
    "age_min": "最低年龄", "age_max": "最高年龄", "labour_count": "劳动力人数", "some_member_able": "有成员能劳动",
    "household_id": "户编号", "borrower": "借款人证件", "category": "类别", "member_id": "人员编号",
    "member_of": "所在户",
    "id_number": "身份证号", "members": "人数", "households": "户数", "fails": "不符项", "listed_on": "纳入日期",
    "left_on": "退出日期", "left_reason": "退出原因",
    # limits, term, rate
    "principal": "贷款金额", "outstanding": "其他未还本金", "household_total": "全户合计", "cap": "额度",
    "over_cap": "超额", "live_loan_balances": "未结清贷款余额", "live_loans": "未结清笔数", "contract_on": "签订日",
    "matures_on": "到期日", "latest_maturity_on": "最晚到期日", "term_max_months": "最长月数", "rate": "利率%",
    "ceiling": "上限%", "over_ceiling": "超过%", "fixed_on": "报价日", "fixing_confirmed": "报价已核实",
    "changed_rate": "变更后利率%", "changed_on": "变更日", "guarantee": "担保方式", "fees": "收费金额",
    "first_fee_on": "首次收费日", "purpose": "用途",
    # use
    "to_name": "收款户名", "to_kind": "收款方类型", "to_account": "收款账号", "passed": "转出金额",
    "share_percent": "占比%", "households_paying": "付款户数", "households_passing_whole": "全额转出户数",
    "treatment": "处理方式", "least_share_percent": "认定占比下限%", "cluster": "团伙号", "first_account": "首个账号",
    "loans": "笔数", "payees": "收款方数", "gathered": "归集金额", "least_households": "认定户数下限",
    # renewal and extension
    "act": "行为", "act_on": "行为日", "nth": "第几次", "first_act": "首次行为", "first_act_on": "首次行为日",
    "from_on": "自", "until_on": "至", "latest_extended_end_on": "展期最晚止日",
    "latest_renewal_end_on": "续贷最晚止日",
    # the breaker and the fund
    "loan_kind": "贷款类型", "disbursed_on": "放款日", "evaluated_on": "评估日", "since": "熔断起日",
    "npl_percent": "不良率%", "overdue_percent": "逾期率%", "threshold": "熔断线%", "due_on": "违约日",
    "compensated_on": "代偿日", "grace_months": "缓冲月数", "first_claim_on": "最早可代偿日",
    "days_too_early": "提前天数",
    "recovered_on": "追回日", "recovered": "追回金额", "compensated": "代偿金额", "goes_back": "应存回",
    "return_by": "存回期限", "returned_in_time": "按时存回", "working_days": "工作日", "fund": "补偿金余额",
    "balance": "贷款余额", "fund_percent": "补偿金占比%", "floor": "下限%", "fund_wanted": "应有补偿金",
    # interest
    "interest_method": "银行计息方式", "held_to": "政策标准", "collected": "实收利息", "due": "应收（应贴）",
    "whole_periods": "按期计息应收", "daily_360": "按日÷360应收", "difference_of_methods": "两法之差",
    "effective_annual_rate": "实际年利率%", "refund_to_payer": "应退财政", "refund_to_borrower": "应退借款人",
    # subsidy
    "period_start": "计息起日", "period_end": "计息止日（不计）", "amount": "已报金额", "held_back": "暂扣",
    "rate_claimed": "申报利率%", "payable": "应付", "subsidy": "贴息", "last_paid_on": "最近支付日",
    "subsidised_to": "已贴至", "interest": "应计利息", "returned": "已返还", "programme": "其他贴息项目",
    "other_start": "其他贴息起日", "other_end": "其他贴息止日", "other": "其他贴息金额", "overlap_from": "重叠起日",
    "overlap_to": "重叠止日", "overlap_days": "重叠天数", "ground": "依据事由", "paid": "已付贴息", "rows": "笔数",
    # ordinary loans
    "part": "可享受本金", "programme_rate": "小额信贷利率%", "difference": "利差%", "counted_to": "算至",
    "more_interest": "多付利息",
    # insurance, reminders
    "kinds_missing": "缺少险种", "not_covered_on": "未保日", "kind": "类别", "on": "日期", "policy_id": "保单号",
    "claimed_on": "报案日", "paid_on": "赔付日", "amount_due": "应赔", "amount_paid": "已赔", "tell_by": "告知期限",
    "tell_in_writing_by": "书面告知期限", "missed": "未告知次数",
    # statistics
    "level": "层级", "overdue_loans": "逾期笔数", "others_loans": "其余笔数", "others_overdue_loans": "其余逾期笔数",
    "others_overdue_percent": "其余逾期率%", "areas_compared": "比较地区数", "one_chance_in": "偶然概率为几分之一",
    "least_times": "认定倍数下限", "least_one_chance_in": "认定概率界限（几分之一）", "households_before": "此前户数",
    "change": "变动", "usual_change": "通常变动", "spread": "离散度", "least_spreads": "认定离散倍数",
    "least_swing_percent": "认定变动下限%", "listed": "在册户数", "borrowing": "有贷户数",
    "households_borrowing": "贷款户数",
    "listed_unable_to_work": "在册无劳力户", "borrowing_unable_to_work": "有贷无劳力户",
    "least_listed": "认定在册户数下限",
    # the monitor's alarms
    "overdue": "逾期金额", "before_on": "此前日期", "before_percent": "此前逾期率%", "growth": "上升（百分点）",
    "least_overdue_loans": "认定逾期笔数下限",
    "least_growth": "认定上升下限", "least_times_percent": "认定倍数下限%", "parent_loan_id": "原贷款编号",
    "risk_class": "分类", "parent_class": "原贷款分类", "loan_id": "贷款编号",
}  # fmt: skip

# Codes that stand as a fact's value; where two tables use one code, its words are the same or near enough.
CODE_WORDS: Mapping[str, str] = {
    code: words[0]
    for known in (
        codes.CATEGORY, codes.LEFT_REASON, codes.ORDINARY_PRODUCT, codes.LOAN_KIND, codes.PURPOSE,
        codes.GUARANTEE, codes.INTEREST_METHOD, codes.PAYEE_KIND, codes.INSURANCE_EVENT,
    )
    for code, words in known.items()
} | {
    "extension": "展期", "village": "村", "township": "乡镇", "county": "县", "check_digit": "校验位", "flag": "提示",
    "undetermined": "尚未确定", "none": "不设上限", "forbidden": "禁止", "allowed": "允许", "ledger": "台账管理",
    "law_abiding": "守法", "honest": "诚信", "no_major_bad_credit": "无重大不良信用", "good_credit": "信用良好",
    "full_civil_capacity": "有完全民事行为能力", "rated_by_bank": "通过银行评级授信", "wants_the_loan": "有贷款意愿",
    "real_need": "需求真实", "labour_skills": "有劳动技能", "some_repayment_ability": "有一定还款能力",
    "repayment_ability": "有还款能力", "lawful_project": "项目合法", "market_prospect": "项目有市场前景",
    "in_line_with_national_policy": "项目符合国家政策", "employable": "有就业创业潜质", "original": "按原政策",
    "own": "按续贷时政策",
    "target": "不良率目标", "actual": "实际不良率", "farm": "农业险", "life": "人身险", "critical_illness": "大病险",
    "accident": "意外险", "either": "不良率或逾期率", "npl": "不良率", "at_or_above": "达到即熔断",
    "above": "超过才熔断",
    "lender": "按贷款机构", "branch": "按网点", "repayment": "通过清偿", "quarter": "按季",
    "end_of_month_before_payment": "贴息月份的上个月末",
    "farm_relending": "支农再贷款", "poverty_relending": "扶贫再贷款",
}  # fmt: skip


def facts_words(told: str) -> str:
    """The facts of a refusal or finding (JSON text) in one line; what is empty is left out."""
    facts: dict[str, object] = json.loads(told)
    shown = (
        (FACT_WORDS.get(name, name), _plain(value)) for name, value in facts.items() if value is not None
    )
    return "；".join(f"{word} {value}" for word, value in shown)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return f"{value:,}"
    return CODE_WORDS.get(str(value), str(value))
