"""What a role may do, in words: for the tick boxes of a token and the page of a role."""

from __future__ import annotations

from collections.abc import Mapping

from bangfu.casework.people.roles import ROLES
from bangfu.casework.words import Words

__all__ = ["MAY", "grantable", "may_words"]

MAY: Mapping[str, Words] = {
    "household.read": Words("查看农户", "read households"),
    "household.request": Words("申请变更农户", "ask for changes of households"),
    "household.approve": Words("批准农户变更", "approve changes of households"),
    "application.read": Words("查看贷款申请", "read applications"),
    "application.write": Words("受理、填写贷款申请", "take and write applications"),
    "application.examine": Words("审查贷款申请", "examine applications"),
    "application.decide": Words("决定贷款申请", "decide applications"),
    "application.village_review": Words("村级初核", "village review"),
    "application.township_review": Words("乡镇审核", "township review"),
    "application.station_opinion": Words("工作站意见", "station's opinion"),
    "exception.approve": Words("批准例外", "approve exceptions"),
    "credit_rating.write": Words("登记评级授信", "enter credit ratings"),
    "breaker.read": Words("查看熔断状态", "see the breaker's state"),
    "loan.read": Words("查看贷款台账", "read loans"),
    "loan.sign": Words("签订合同", "sign contracts"),
    "loan.disburse": Words("发放贷款", "disburse loans"),
    "event.write": Words("登记台账", "enter ledger events"),
    "event.correct": Words("更正台账", "correct ledger events"),
    "ledger.import": Words("导入台账文件", "import ledger files"),
    "filing.make": Words("报备、报送清单", "make filings and lists"),
    "filing.read": Words("查看报备与清单", "read filings and lists"),
    "roster.read": Words("查看名单", "read rosters"),
    "roster.request": Words("申请变更名单", "ask for changes of rosters"),
    "roster.approve": Words("批准名单变更", "approve changes of rosters"),
    "roster.import": Words("导入名单", "import rosters"),
    "roster.deliver": Words("向银行提供名单", "deliver rosters"),
    "delivery.acknowledge": Words("签收名单", "acknowledge rosters"),
    "county.import": Words("导入全县资料", "import a county's files"),
    "area.import": Words("导入行政区划", "import places"),
    "area.request": Words("申请变更区划", "ask for changes of places"),
    "area.approve": Words("批准区划变更", "approve changes of places"),
    "lead_bank.request": Words("申请指定主责任银行", "ask for a lead bank"),
    "lead_bank.approve": Words("确定主责任银行", "approve a lead bank"),
    "import.undo": Words("撤销导入", "undo imports"),
    "subsidy.read": Words("查看贴息清册", "read subsidy lists"),
    "subsidy.compute": Words("计算贴息清册", "compute subsidy lists"),
    "subsidy.claim": Words("报送银行贴息数", "give the bank's own figures"),
    "subsidy.explain": Words("说明差异", "explain differences"),
    "subsidy.submit_list": Words("报送贴息清册", "give the branch's list"),
    "subsidy.review": Words("审核贴息清册", "review subsidy lists"),
    "subsidy.hold": Words("暂缓、剔除、结转贴息", "hold, exclude or carry lines"),
    "subsidy.submit": Words("签章上报贴息清册", "submit the list, signed and sealed"),
    "subsidy.confirm": Words("审核确认贴息", "confirm the subsidy"),
    "cycle.open": Words("开启贴息期次", "open a cycle"),
    "notice.post": Words("公示、公告", "post notices"),
    "notice.photo": Words("上传公示照片", "add photographs of notices"),
    "objection.read": Words("查看异议", "read objections"),
    "objection.investigate": Words("调查异议", "investigate objections"),
    "objection.decide": Words("处理异议", "decide objections"),
    "payee.request": Words("申请变更收款账户", "ask for a payee's account"),
    "payee.approve": Words("批准收款账户变更", "approve a payee's account"),
    "payee.write": Words("登记收款账户", "enter payees' accounts"),
    "payment.open": Words("打开发放文件和回单", "open payment and result files"),
    "payment.read": Words("查看发放", "read payments"),
    "payment.prepare": Words("编制发放批次", "prepare payments"),
    "payment.release": Words("复核导出发放文件", "release payments"),
    "payment.result": Words("读入发放结果", "read results of payments"),
    "recovery.write": Words("登记追回", "enter recovered money"),
    "proof.write": Words("登记到户凭证", "enter proof of receipt"),
    "budget.read": Words("查看贴息预算", "read the budget"),
    "budget.write": Words("登记贴息预算", "enter the budget"),
    "archive.open": Words("打开归档文件", "open papers of the archive"),
    "archive.add": Words("补充归档文件", "bring papers to the archive"),
    "archive.write": Words("归档", "file papers"),
    "archive.seal": Words("封存档案", "seal the archive"),
    "paper.open": Words("打开要件", "open papers"),
    "file.write": Words("上传文件", "upload files"),
    "personal.reveal": Words("说明理由后查看个人信息", "see personal data with a reason"),
    "trail.read": Words("查看操作记录", "read the trail"),
    "trail.verify": Words("核验记录链", "verify the chain"),
    "trail.anchor": Words("保存锚点", "keep anchors"),
    "account.write": Words("管理账户", "manage accounts"),
    "account.approve": Words("批准授予岗位", "approve roles"),
    "token.write": Words("签发接口令牌", "issue API tokens"),
    "job.read": Words("查看后台任务", "read jobs"),
}
# A program is never given power over people, keys or clear personal values.
_NEVER = ("account.", "token.", "trail.anchor", "personal.reveal")


def may_words(act: str) -> Words:
    """An act a role may do, in words."""
    return MAY.get(act, Words(act, act))


def grantable(role: str) -> tuple[str, ...]:
    """The acts of a role that a token may be given."""
    return tuple(sorted(act for act in ROLES[role].may if not act.startswith(_NEVER)))
