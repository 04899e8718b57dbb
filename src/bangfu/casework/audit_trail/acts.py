"""The trail in words: acts, what they were done to, the names of values. A test knows every act."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.words import Words

__all__ = ["ACTS", "KINDS", "SUBJECTS", "VALUES", "act_words", "subject_words", "value_words"]

ACTS: Mapping[str, Words] = {
    "account.opened": Words("开立账户", "opened an account"),
    "account.closed": Words("停用账户", "closed an account"),
    "account.password_changed": Words("更换密码", "changed the password"),
    "account.password_reset": Words("重设密码", "reset a password"),
    "account.second_factor_set": Words("设置验证器", "set up the authenticator"),
    "account.second_factor_lost": Words("作废验证器", "voided an authenticator"),
    "account.handed_over": Words("工作交接", "handed all work over"),
    "role.given": Words("授予岗位", "gave a role"),
    "role.ended": Words("终止岗位", "ended a role"),
    "token.issued": Words("签发接口令牌", "issued an API token"),
    "token.revoked": Words("撤销接口令牌", "revoked an API token"),
    "trail.anchored": Words("保存记录链锚点", "kept the chain's anchor"),
    "trail.verified": Words("核验记录链", "verified the chain"),
    "trail.exported": Words("导出操作记录", "exported acts"),
    "personal.revealed": Words("查看个人信息明文", "saw a personal value in the clear"),
    "file.kept": Words("上传文件", "kept a file"),
    "file.opened": Words("打开文件", "opened a file"),
    "request.asked": Words("提出变更申请", "asked for a change"),
    "request.approved": Words("批准变更", "approved a change"),
    "request.refused": Words("不批准变更", "refused a change"),
    "request.withdrawn": Words("撤回变更申请", "withdrew a request"),
    "import.read": Words("试读导入文件", "read files for an import"),
    "import.done": Words("导入", "imported files"),
    "import.undone": Words("撤销导入", "undid an import"),
    "ledger.imported": Words("导入银行台账文件", "imported a bank's ledger file"),
    "roster.delivered": Words("向银行提供名单", "delivered a roster to a bank"),
    "roster.acknowledged": Words("签收名单", "acknowledged a roster"),
    "household.rated": Words("评级授信", "rated a household"),
    "household.declared_own": Words("声明为本人家庭", "declared a household one's own"),
    "household.no_longer_own": Words("撤销本人家庭声明", "took back that a household is one's own"),
    "application.opened": Words("受理申请", "opened an application"),
    "application.written": Words("填写申请", "wrote an application"),
    "application.submitted": Words("提交申请", "submitted an application"),
    "application.withdrawn": Words("撤回申请", "withdrew an application"),
    "application.approved": Words("批准", "approved an application"),
    "application.refused": Words("不予批准", "refused an application"),
    "application.returned": Words("退回补正", "returned an application"),
    "application.exception_asked": Words("申请例外", "asked for an exception"),
    "application.exception_approved": Words("批准例外", "approved an exception"),
    "application.exception_refused": Words("不批准例外", "refused an exception"),
    "application.exported": Words("导出贷款申请", "exported applications"),
    "export.taken": Words("导出", "took an export"),
    "list.taken": Words("导出清单", "took a list"),
    "personal.searched": Words("按证件号查找", "searched by ID number"),
    "import.confirmed": Words("确认导入", "confirmed an import"),
    "job.retried": Words("重试后台任务", "tried a job again"),
    "filing.monthly_filing": Words("月度备案", "filed the month's loans"),
    "filing.township_list": Words("向乡镇报送清单", "sent a township its list"),
    "filing.village_list": Words("向村报送清单", "sent a village its list"),
    "loan.signed": Words("签订合同", "signed a contract"),
    "loan.disbursed": Words("发放贷款", "disbursed a loan"),
    "loans.exported": Words("导出贷款台账", "exported loans"),
    "event.recorded": Words("登记台账", "entered a ledger event"),
    "event.corrected": Words("更正台账", "corrected a ledger event"),
    "event.voided": Words("作废台账记录", "voided a ledger event"),
}
KINDS: Mapping[str, Words] = {
    "account": Words("账户", "Accounts"),
    "role": Words("岗位", "Roles"),
    "token": Words("令牌", "Tokens"),
    "request": Words("变更申请", "Requests"),
    "application": Words("贷款申请", "Applications"),
    "loan": Words("贷款", "Loans"),
    "event": Words("台账", "Ledger"),
    "roster": Words("名单", "Rosters"),
    "household": Words("农户", "Households"),
    "import": Words("导入", "Imports"),
    "file": Words("文件", "Files"),
    "filing": Words("报备", "Filings"),
    "personal": Words("个人信息", "Personal data"),
    "trail": Words("留痕", "Trail"),
}
SUBJECTS: Mapping[str, Words] = {
    "account": Words("账户", "account"),
    "token": Words("令牌", "token"),
    "application": Words("贷款申请", "application"),
    "loan": Words("贷款", "loan"),
    "loans": Words("贷款台账", "loans"),
    "event": Words("台账记录", "ledger event"),
    "household": Words("农户", "household"),
    "member": Words("家庭成员", "member"),
    "roster": Words("名单", "roster"),
    "delivery": Words("名单交接", "delivery"),
    "area": Words("行政区划", "place"),
    "institution": Words("机构", "institution"),
    "township": Words("乡镇", "township"),
    "lead_bank": Words("主责任银行", "lead bank"),
    "import": Words("导入", "import"),
    "job": Words("后台任务", "job"),
    "list": Words("清单", "list"),
    "search": Words("查找", "search"),
    "bank_file": Words("银行文件", "bank's file"),
    "file": Words("文件", "file"),
    "filing": Words("报备", "filing"),
    "request": Words("变更申请", "request"),
    "trail": Words("记录链", "chain"),
}
VALUES: Mapping[str, Words] = {
    "username": Words("用户名", "user name"),
    "name": Words("姓名", "name"),
    "role": Words("岗位", "role"),
    "place": Words("地点或机构", "place"),
    "from": Words("自", "from"),
    "until": Words("至（不含）", "until"),
    "by": Words("经办人", "by"),
    "grants": Words("岗位编号", "grants"),
    "label": Words("用途", "for"),
    "may": Words("可办理", "may"),
    "days": Words("天数", "days"),
    "number": Words("序号", "number"),
    "hash": Words("哈希", "hash"),
    "faults": Words("问题数", "faults"),
    "field": Words("字段", "field"),
    "kind": Words("类型", "kind"),
    "request": Words("申请编号", "request"),
    "stage": Words("环节", "stage"),
    "outcome": Words("结论", "outcome"),
    "amount_fen": Words("金额", "amount"),
    "principal_fen": Words("本金", "principal"),
    "on": Words("日期", "day"),
    "status": Words("状态", "status"),
    "rows": Words("行数", "rows"),
    "file": Words("文件", "file"),
    "purpose": Words("用途", "purpose"),
    "sha256": Words("文件哈希", "hash of the file"),
    "size": Words("大小", "size"),
}


def act_words(act: str) -> Words:
    """An act in words; one that has none is shown by its code."""
    return ACTS.get(act, Words(act, act.replace("_", " ").replace(".", ": ")))


def subject_words(subject: str) -> Words:
    """A subject, ``concept:id``, in words."""
    concept, _, row_id = subject.partition(":")
    words = SUBJECTS.get(concept, Words(concept, concept.replace("_", " ")))
    return Words(f"{words.zh} {row_id}".strip(), f"{words.en} {row_id}".strip())


def value_words(name: str) -> Words:
    """The name of a value; one that has none is shown as it is."""
    return VALUES.get(name, Words(name, name.replace("_", " ")))
