"""What the platform refuses, by name: a refusal is a value with its facts (design §3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bangfu.casework.words import Words

__all__ = ["REFUSALS", "Refused"]

REFUSALS: Mapping[str, Words] = {
    "not_signed_in": Words("请先登录", "sign in first"),
    "not_in_scope": Words("不在您的管辖范围内，或不存在", "not in your scope, or not there"),
    "not_your_role": Words("您现在的岗位无权办理", "your role may not do this"),
    "own_step": Words(
        "不能审批本人经办或本人申请的事项", "nobody approves their own step, nor anything of their own"
    ),
    "second_person_needed": Words("须由另一名管理员批准", "another administrator must approve it"),
    "last_admin": Words("最后一名管理员不能停用", "the last administrator stays"),
    "content_changed": Words(
        "内容在您查看之后已变动，请重新查看", "the content changed after you saw it; look again"
    ),
    "already_decided": Words("该环节已由他人办理", "somebody else has done this step already"),
    "wrong_stage": Words("该事项不在此环节", "it does not stand at this step"),
    "reason_missing": Words("必须填写理由", "a reason is needed"),
    "missing_field": Words("必填项未填", "a required field is empty"),
    "bad_field": Words("填写有误", "a field is wrong"),
    "missing_paper": Words("缺少要件", "a paper is missing"),
    "core_refuses": Words("不符合政策规定", "the policy does not admit it"),
    "exception_needed": Words("需先批准例外", "an exception must be approved first"),
    "attestation_missing": Words("需逐项确认", "each point to be attested must be attested"),
    "breaker_open": Words("已熔断，暂停发放", "the breaker is open: no new loans are paid out"),
    "outside_contract_window": Words(
        "不在政策有效期内", "outside the days on which the policy admits contracts"
    ),
    "over_cap": Words("超过合同金额或额度", "over the contract's amount or the cap"),
    "rests_on": Words("后续记录以此为据，不能撤销", "later facts rest on it; it cannot be undone"),
    "duplicate": Words("重复", "it is there already"),
    "bad_file": Words("文件不能接受", "the file cannot be taken"),
    "too_large": Words("超过允许的大小", "too large"),
    "locked_out": Words("失败次数过多，暂时锁定", "locked for a while after too many failures"),
    "wrong_sign_in": Words("用户名、密码或验证码不正确", "user name, password or code is wrong"),
    "weak_password": Words("密码不符合规定", "the password does not meet the rules"),
    "expired": Words("已过期", "expired"),
    "terms_differ": Words("与审批的内容不一致", "the terms are not those that were approved"),
    "not_signed": Words("还没有签订合同", "no contract has been signed"),
    "decider_unknown": Words(
        "贷款由文件导入，系统中没有审批人，无法核对是否由他人放款；请写明由谁审批、依据什么放款",
        "the loan came by file and nobody is known to have decided it: say who did, and why it is paid out",
    ),
    "breaker_undetermined": Words(
        "熔断标准当地未定，须由负责人决定并说明理由",
        "no document sets the breaker here: a person decides, with a reason",
    ),
    "by_disbursement_only": Words(
        "放款须在放款环节办理", "money is paid out at the step of disbursement alone"
    ),
    "in_the_future": Words("日期晚于今天", "the day lies in the future"),
    "before_disbursement": Words("早于放款日期", "before the loan was paid out"),
    "above_balance": Words("超过当时的贷款余额", "more than the balance of that day"),
    "extension_not_later": Words(
        "新到期日不晚于现到期日", "the new maturity is not later than the one so far"
    ),
    "bad_json": Words("不是可接受的 JSON", "not JSON that can be taken"),
    "bad_text": Words("含有不能接受的字符", "it holds characters that cannot be taken"),
    "unknown_field": Words("没有这个字段", "there is no such field"),
    "wrong_media_type": Words("须以 application/json 提交", "it must be sent as application/json"),
    "wrong_method": Words("该地址不接受这种请求", "the address does not take this kind of request"),
    "key_reused": Words("幂等键已用于其他内容", "the idempotency key was used for other content"),
    "no_outlet": Words(
        "该银行在此乡镇没有网点，不能任主责任银行",
        "the bank has no outlet in this township and cannot lead there",
    ),
    "lead_bank_taken": Words(
        "该乡镇已有主责任银行；一个乡镇只能有一家",
        "the township has a lead bank already; it can have one only",
    ),
    "nothing_to_deliver": Words("该银行没有牵头的乡镇", "the bank leads no township"),
    "delivered_already": Words(
        "该季度名单已向该银行提供", "this quarter's rosters were delivered to the bank already"
    ),
    "anchor_forged": Words(
        "当日锚点文件被改动，请立即核验记录链", "the day's anchor file was changed: verify the chain at once"
    ),
    "clause_missing": Words("须写明依据条款", "name the clause it rests on"),
    "cycle_exists": Words("该期已开启", "the cycle is open already"),
    "branch_gives_it": Words(
        "清册由经办的信用社编制、报送，上级行不代办",
        "the branch that lent prepares and gives its list; the bank above does not act for it",
    ),
    "not_computed": Words("尚未计算", "not computed yet"),
    "not_explained": Words("有差异未说明", "a difference is not explained"),
    "notice_not_over": Words("公示期未满", "the days of the notice are not over"),
    "not_posted": Words("尚未公示", "no notice is posted"),
    "not_regulated": Words(
        "当地没有规定，须写明数值和理由", "not regulated here: give the figure and the reason"
    ),
    "not_investigated": Words("异议尚未调查", "the objection was not investigated yet"),
    "objection_open": Words("有异议尚未处理，且该笔未暂缓", "an objection is open and its line is not held"),
    "budget_short": Words("预算不足", "the budget does not reach"),
    "paid_once": Words("该笔已支付或正在支付", "the line is paid, or under payment"),
    "not_matched": Words("回单与批次对不上", "the results do not match the batch"),
    "not_paid_yet": Words("还有未支付的明细", "lines are not paid yet"),
    "nothing_to_pay": Words("没有可发放的明细", "there is nothing to pay now"),
    "no_account": Words("没有收款账户", "no account to pay to"),
    "papers_missing": Words("档案不齐", "papers are missing from the archive"),
    "period_not_over": Words("该期尚未结束", "the period is not over"),
    "rate_limited": Words("请求过于频繁", "too many requests"),
}


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """An act that was refused; nothing was changed.

    Attributes:
        code: One of ``REFUSALS``.
        facts: What it rests on, for people; no personal values.
        clauses: The clauses it rests on, if any.
        field: The form field it is about, if any.
    """

    def __init__(self, code: str, *, clauses: tuple[str, ...] = (), field: str = "", **facts: Any) -> None:
        if code not in REFUSALS:
            raise KeyError(code)
        super().__init__(code)
        self.code, self.facts, self.clauses, self.field = code, facts, clauses, field

    @property
    def words(self) -> Words:
        """The refusal in words, without its facts."""
        return REFUSALS[self.code]
