"""The codes of the tables and the Chinese words officials write for them; readers accept either.

Each code set is a mapping from the code to its words: the first word is the one we write, the others are read too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

Words = Mapping[str, tuple[str, ...]]

CATEGORY: Words = {
    "poor": ("建档立卡贫困户", "贫困户", "建档立卡户"),
    "out_of_poverty": ("脱贫户", "脱贫人口", "已脱贫户"),
    "margin": ("边缘易致贫户", "边缘户", "边缘人口", "边缘易致贫人口"),
    "monitored": ("监测户", "监测对象", "防返贫监测对象"),
    "assisted": ("帮扶对象", "帮扶户", "帮扶人口"),
}
LEFT_REASON: Words = {
    "graduated": ("脱贫", "脱贫退出", "稳定脱贫"),
    "wrongly_listed": ("错评", "错评清退", "识别不精准"),
    "bad_faith": ("失信", "恶意失信", "弄虚作假"),
    "no_longer_at_risk": ("风险消除", "消除风险", "风险已消除"),
    "moved": ("迁出", "户籍迁出"),
    "deceased": ("死亡", "去世", "整户死亡"),
}
PRODUCT: Words = {
    "poverty": ("扶贫小额信贷", "扶贫小额贷款"),
    "transition": ("脱贫人口小额信贷", "脱贫人口小额贷款"),
    "assistance": ("帮扶小额信贷", "帮扶小额贷款"),
}
ORDINARY_PRODUCT: Words = {**PRODUCT, "ordinary": ("普通贷款", "其他贷款", "农户贷款")}
LOAN_KIND: Words = {
    "new": ("新增", "新贷", "首贷", "新发放"),
    "top_up": ("追加", "追加贷款"),
    "renewal": ("续贷", "无还本续贷"),
}
INTEREST_METHOD: Words = {
    "daily_360": ("按日计息（360天）", "积数计息", "按日/360", "按日计息", "日积数"),
    "daily_365": ("按日计息（365天）", "按日/365"),
    "whole_periods": ("按期计息", "逐笔计息", "按年按月", "对年对月"),
}
PURPOSE_LAWFUL: Words = {
    "crops": ("种植", "种植业"),
    "livestock": ("养殖", "养殖业", "畜牧", "畜牧业"),
    "forestry": ("林业", "林果", "林果业"),
    "fishery": ("渔业", "水产", "水产养殖"),
    "processing": ("加工", "农产品加工", "加工业"),
    "trade": ("商贸", "经商", "批发零售", "商业"),
    "service": ("服务", "服务业", "餐饮", "乡村旅游", "农家乐"),
    "equipment": ("农机具", "购置农机", "购买设备", "设备"),
    "protected_farming": ("设施农业", "大棚"),
    "transport": ("运输", "运输业", "交通运输"),
    "cooperation": ("合作经营", "合作发展", "参与合作社"),
}
PURPOSE_FORBIDDEN: Words = {
    "wedding": ("结婚", "婚丧嫁娶", "彩礼"),
    "house": ("建房", "购房", "买房", "修房", "装修"),
    "wealth_product": ("理财", "购买理财"),
    "household_goods": ("购置家庭用品", "家庭用品", "家电", "生活消费"),
    "medical": ("医疗", "看病", "治病"),
    "education": ("教育", "上学", "子女上学"),
    "debt": ("还债", "偿还债务", "归还欠款"),
    "enterprise": ("企业使用", "户贷企用", "入股分红", "转贷"),
    "government_vehicle": ("政府融资平台", "融资平台"),
}
PURPOSE: Words = {**PURPOSE_LAWFUL, **PURPOSE_FORBIDDEN}
GUARANTEE: Words = {
    "none": ("免担保", "信用", "信用贷款", "无", "免抵押免担保", "免担保免抵押"),
    "guarantor": ("保证", "保证人", "联保", "自然人保证"),
    "pledge": ("质押",),
    "mortgage": ("抵押",),
    "counter_guarantee": ("反担保",),
    "government_guarantee": ("政府性担保", "政府担保机构担保", "政策性担保"),
    "credit_insurance": ("保证保险", "贷款保证保险"),
    "user_enterprise": ("用款企业担保", "用款企业连带担保"),
}
FUNDING: Words = {
    "own": ("自有资金",),
    "farm_relending": ("支农再贷款",),
    "poverty_relending": ("扶贫再贷款",),
}
EVENT_KIND: Words = {
    "disbursed": ("发放", "放款"),
    "repaid": ("还本", "归还本金", "还款", "收回本金"),
    "interest_collected": ("收息", "收利息", "归还利息", "还息"),
    "penalty_collected": ("收罚息", "罚息", "收取罚息"),
    "fee_collected": ("收费", "收取费用"),
    "extended": ("展期",),
    "classified": ("风险分类", "分类", "五级分类"),
    "written_off": ("核销",),
    "compensated": ("代偿", "风险补偿"),
    "recovered": ("追回", "清收", "代偿后追回"),
    "converted": ("转贷", "转为其他贷款", "转产业扶贫贷款"),
    "recalled": ("提前收回", "宣布提前到期", "要求提前还款"),
    "subsidy_returned": ("返还贴息", "贴息返还"),
    "interest_refunded": ("退还利息", "退息"),
    "rate_changed": ("利率变更", "调整利率"),
    "reminded": ("到期提醒", "提醒", "催收提醒"),
    "returned_to_fund": ("存回专户", "归还补偿金", "退回风险补偿金"),
}
PAID_TO: Words = {
    "borrower": ("借款人", "农户", "贷款户"),
    "lender": ("银行", "贷款银行", "金融机构", "承贷银行"),
}
PAYEE_KIND: Words = {
    "person": ("个人", "自然人"),
    "enterprise": ("企业", "公司"),
    "cooperative": ("合作社", "专业合作社", "农民专业合作社"),
    "government_vehicle": ("政府融资平台", "融资平台"),
    "unknown": ("不详", "未知"),
}
INSURANCE_EVENT: Words = {
    "death": ("死亡", "身故"),
    "disability": ("伤残", "残疾"),
    "hospital": ("住院", "医疗"),
}
FUND_KIND: Words = {
    "opening": ("期初余额", "期初"),
    "injected": ("注入", "拨入"),
    "compensated": ("代偿", "代偿支出"),
    "returned": ("追回存入", "收回存入"),
    "interest": ("利息", "利息收入"),
}
_FURTHER_KIN = (
    "儿媳",
    "女婿",
    "孙子",
    "孙女",
    "祖父",
    "祖母",
    "外孙子",
    "外孙女",
    "岳父",
    "岳母",
    "公公",
    "婆婆",
    "兄弟姐妹",
)
RELATION: Words = {
    "head": ("户主", "本人", "本人或户主"),
    "spouse": ("配偶", "妻", "妻子", "丈夫", "夫", "夫妻"),
    "child": (
        "子女",
        "之子",
        "之女",
        "儿子",
        "女儿",
        "子",
        "女",
        "长子",
        "次子",
        "三子",
        "长女",
        "次女",
        "三女",
        "独生子",
        "独生女",
    ),
    "parent": ("父母", "之父", "之母", "父亲", "母亲", "父", "母"),
    "other": (
        "其他",
        *_FURTHER_KIN,
        *(f"之{kin}" for kin in _FURTHER_KIN),
        "兄",
        "弟",
        "姐",
        "妹",
        "哥哥",
        "弟弟",
        "姐姐",
        "妹妹",
    ),
}
POVERTY_CAUSE: Words = {
    "lack_of_money": ("缺资金",),
    "lack_of_skill": ("缺技术",),
    "illness": ("因病",),
    "disability": ("因残",),
    "schooling": ("因学",),
    "disaster": ("因灾",),
    "no_labour": ("缺劳力", "缺劳动力"),
    "other": ("其他",),
}
RISK_CLASS: Words = {
    "1": ("正常",),
    "2": ("关注",),
    "3": ("次级",),
    "4": ("可疑",),
    "5": ("损失",),
}
REMINDER: Words = {
    "spoken": ("口头", "电话", "口头提醒"),
    "written": ("书面", "书面提醒", "短信"),
}
TRUTH: Words = {
    "true": ("是", "1", "有", "y", "yes", "t", "√"),
    "false": ("否", "0", "无", "n", "no", "f", "×"),
}

CATEGORIES = frozenset(CATEGORY)
LEFT_REASONS = frozenset(LEFT_REASON)
PRODUCTS = frozenset(PRODUCT)
LOAN_KINDS = frozenset(LOAN_KIND)
INTEREST_METHODS = frozenset(INTEREST_METHOD)
PURPOSES_LAWFUL = frozenset(PURPOSE_LAWFUL)
PURPOSES_FORBIDDEN = frozenset(PURPOSE_FORBIDDEN)
PURPOSES = frozenset(PURPOSE)
GUARANTEES = frozenset(GUARANTEE)
FUNDINGS = frozenset(FUNDING)
EVENT_KINDS = frozenset(EVENT_KIND)
PAID_TOS = frozenset(PAID_TO)
PAYEE_KINDS = frozenset(PAYEE_KIND)
INSURANCE_EVENT_KINDS = frozenset(INSURANCE_EVENT)
FUND_KINDS = frozenset(FUND_KIND)
RELATIONS = frozenset(RELATION)
POVERTY_CAUSES = frozenset(POVERTY_CAUSE)
RISK_CLASSES = frozenset(RISK_CLASS)
REMINDERS = frozenset(REMINDER)

# Events that move the principal: design §6 and the ledger semantics of the reader.
EVENTS_UP = frozenset({"disbursed"})
EVENTS_DOWN = frozenset({"repaid", "written_off", "compensated", "converted"})
# Events that are nothing without an amount. A conversion without one takes the whole balance along.
EVENTS_OF_MONEY = frozenset(
    {
        "disbursed",
        "repaid",
        "interest_collected",
        "penalty_collected",
        "fee_collected",
        "written_off",
        "compensated",
        "recovered",
        "subsidy_returned",
        "interest_refunded",
        "returned_to_fund",
    }
)


def reverse(words: Words) -> dict[str, str]:
    """Every spelling of a code set, code or word, to its code; spellings folded as cells are (full width, capitals)."""
    spelled = {code: code for code in words}
    spelled.update({_folded(word): code for code, all_words in words.items() for word in all_words})
    return spelled


def spellings(words: Words) -> list[str]:
    """Every spelling of a code set as people write it."""
    return [*words, *(word for all_words in words.values() for word in all_words)]


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).lower()
