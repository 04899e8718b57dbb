"""The codes of payments in words: whom money goes to, what became of it, why not, what proves that it arrived."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words

__all__ = [
    "BATCH_STATES", "LEFT_OUT", "NEEDS_ACCOUNT", "OUTCOMES", "PAID_TO", "PAYING", "PROBLEMS", "PROOFS", "PROVING",
    "REASONS", "RECOVERED_FROM", "UNPROVED",
]  # fmt: skip

PAYING = ("LD2021-6", "CN2026-3.3")  # what a payment rests on
PROVING = ("HLJ2019-2.4", "CN2026-3.3")  # and that it reached the household
PAID_TO: Mapping[str, Words] = {
    "borrower": Words("农户", "the household"),
    "lender": Words("贷款机构", "the lender"),
}
BATCH_STATES: Mapping[str, Words] = {
    "prepared": Words("待复核", "waits for a second person"),
    "rejected": Words("未通过复核", "rejected"),
    "released": Words("已导出，等待结果", "released, waits for results"),
    "done": Words("结果已齐", "all results are in"),
}
OUTCOMES: Mapping[str, Words] = {
    "pending": Words("处理中", "pending"),
    "paid": Words("已发放", "paid"),
    "failed": Words("失败", "failed"),
    "returned": Words("退回", "returned"),
}
REASONS: Mapping[str, Words] = {
    "name_mismatch": Words("户名与账号不符", "the name does not fit the account"),
    "account_closed": Words("已销户", "the account is closed"),
    "account_wrong": Words("账号有误", "the account number is wrong"),
    "card_lost": Words("挂失", "the card is reported lost"),
    "deceased": Words("持卡人死亡", "the holder has died"),
    "frozen": Words("账户冻结", "the account is frozen"),
    "batch_rejected": Words("批次未通过复核", "the batch was rejected"),
    "other": Words("其他", "other"),
}
# Paid again to the same account it would come back again: another account is needed first.
NEEDS_ACCOUNT = frozenset(
    {"name_mismatch", "account_closed", "account_wrong", "card_lost", "deceased", "frozen"}
)
LEFT_OUT: Mapping[str, Words] = {
    "no_account": Words("没有收款账户", "no account to pay to"),
    "account_not_corrected": Words(
        "退回后账户尚未更正", "the account was not corrected after the money came back"
    ),
    "payee_deceased": Words("收款人已死亡", "the payee has died"),
}
PROBLEMS: Mapping[str, Words] = {
    "no_columns": Words("缺少列", "columns are missing"),
    "unreadable": Words("文件无法读取", "the file cannot be read"),
    "empty": Words("没有数据行", "there are no rows"),
    "unknown_row": Words("批次中没有这一笔", "the batch has no such payment"),
    "ambiguous_row": Words("账号、金额相同的有多笔，须有序号", "several payments fit; the number is needed"),
    "duplicate_row": Words("同一笔出现多次", "the same payment occurs twice"),
    "missing_row": Words("缺少这一笔的结果", "no result for this payment"),
    "wrong_amount": Words("金额与批次不一致", "the amount is not the batch's"),
    "wrong_account": Words("账号与批次不一致", "the account is not the batch's"),
    "bad_amount": Words("金额有误", "not an amount"),
    "bad_number": Words("序号有误", "not a number"),
    "bad_day": Words("日期有误", "not a day"),
    "day_outside": Words("日期早于导出日或晚于今天", "the day lies before the release or in the future"),
    "unknown_status": Words("处理状态不认识", "the status is not known"),
    "changed_outcome": Words("与已登记的结果不一致", "another result stands already"),
    "missing_field": Words("必填项未填", "a required field is empty"),
    "not_in_scope": Words("查无此户，或不在管辖范围内", "no such household in your scope"),
    "several_households": Words(
        "该证件号对应多户，须写明户编号", "the number is of several households; name one"
    ),
    "not_a_member": Words("持卡人不是该户成员", "the holder is not of the household"),
    "bad_account": Words("账号只能是 8 至 32 位数字", "an account number has 8 to 32 digits"),
    "account_differs": Words("与在用账户不一致，须申请变更", "another account stands: ask for the change"),
    "same_account": Words("同一账号用于多户", "one account for several households"),
    "luhn": Words("卡号校验位不符（仅提示）", "the check digit does not fit (only a warning)"),
    "name_differs": Words(
        "持卡人姓名与户内登记不同（仅提示）", "the name differs from the register (a warning)"
    ),
}
PROOFS: Mapping[str, Words] = {
    "card": Words("已发至本户卡上", "paid to the household's own card"),
    "returned_by_lender": Words("贷款机构已返还农户", "the lender passed it on"),
    "paper": Words("凭证", "a paper"),
}
UNPROVED: Mapping[str, Words] = {
    "holder_outside": Words("持卡人不是本户成员", "the holder is not of the household"),
    "lender_keeps": Words("贷款机构尚未返还农户", "the lender has not passed it on"),
}
RECOVERED_FROM: Mapping[str, Words] = {
    "borrower": Words("农户", "the borrower"),
    "lender": Words("贷款机构", "the lender"),
}
