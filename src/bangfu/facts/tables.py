"""The fourteen tables of the programme (design §11), column by column, as officials head them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bangfu.facts import codes
from bangfu.facts.codes import Words
from bangfu.facts.schema import FEN_PUBLIC_FUNDS, Column, Table

_HOUSEHOLD = Column(
    "household_id",
    "户编号",
    "id",
    ("建档立卡户编号", "户号", "农户编号", "家庭编号", "贫困户编号", "脱贫户编号"),
    required=True,
    zh_note="一户一个编号，全表一致",
    en_note="One number a household, the same in all tables",
)
_LOAN = Column(
    "loan_id",
    "贷款编号",
    "id",
    ("借据号", "借据编号", "贷款借据号", "借据号码", "贷款账号", "贷款编码"),
    required=True,
    zh_note="每笔贷款唯一，一般用借据号",
    en_note="Unique for each loan, commonly the note number",
)
_MEMBER = Column("member_id", "人员编号", "id", ("成员编号", "个人编号", "人口编号"), required=True)
_ON = Column("on", "日期", "date", ("发生日期", "交易日期", "业务日期", "发生日"), required=True)


def _area(zh: str, aliases: tuple[str, ...], *, required: bool, note: tuple[str, str]) -> Column:
    return Column("area_code", zh, "area", aliases, required=required, zh_note=note[0], en_note=note[1])


def _money(zh: str, aliases: tuple[str, ...] = (), *, name: str = "amount", required: bool = True) -> Column:
    return Column(name, zh, "money", aliases, required=required, zh_note="单位：元", en_note="Yuan")


HOUSEHOLDS = Table(
    "households",
    "农户",
    (
        _HOUSEHOLD,
        _area(
            "行政区划代码",
            ("行政区划", "区划代码", "村代码", "行政村代码", "村级区划代码"),
            required=True,
            note=("12位，到村", "12 digits, down to the village"),
        ),
        Column("head_name", "户主姓名", "text", ("户主", "户主名称"), personal=True),
        Column("labour_count", "劳动力人数", "count", ("劳动力数", "劳动力", "劳动力人口数")),
        Column("poverty_cause", "致贫原因", "code", ("主要致贫原因",), words=codes.POVERTY_CAUSE),
    ),
    key=("household_id",),
    required=True,
    aliases=("户信息", "农户信息", "家庭", "户"),
)
MEMBERS = Table(
    "members",
    "家庭成员",
    (
        _MEMBER,
        _HOUSEHOLD,
        Column("name", "姓名", "text", ("成员姓名",), personal=True),
        Column(
            "id_number",
            "身份证号",
            "idnumber",
            ("身份证号码", "公民身份号码", "证件号码", "身份证", "证件号", "居民身份证号码"),
            personal=True,
            zh_note="18位，单元格设为文本",
            en_note="18 characters, in a text cell",
        ),
        Column("relation", "与户主关系", "code", ("关系", "与户主的关系"), words=codes.RELATION),
        Column("labour", "是否劳动力", "bool", ("有无劳动能力", "是否有劳动能力", "劳动能力")),
        Column("deceased_on", "死亡日期", "date", ("去世日期", "身故日期")),
    ),
    key=("member_id",),
    aliases=("成员", "人口", "人员", "成员信息"),
    refers=(("household_id", ("households",)),),
)
ROSTER = Table(
    "roster",
    "名单",
    (
        _HOUSEHOLD,
        Column(
            "category",
            "身份类别",
            "code",
            ("身份", "类别", "户类别", "脱贫属性", "户属性", "人员类别"),
            required=True,
            words=codes.CATEGORY,
        ),
        Column(
            "listed_on", "纳入日期", "date", ("列入日期", "识别日期", "认定日期", "纳入时间"), required=True
        ),
        Column("left_on", "退出日期", "date", ("退出时间", "移出日期", "清退日期")),
        Column("left_reason", "退出原因", "code", ("移出原因",), words=codes.LEFT_REASON),
    ),
    key=("household_id", "category", "listed_on"),
    aliases=("名册", "帮扶名单", "建档立卡名单"),
    refers=(("household_id", ("households",)),),
)


def _loan_columns(product: Words, *, product_required: bool) -> tuple[Column, ...]:
    return (*_loan_of_whom(product, product_required=product_required), *_loan_agreed())


def _loan_of_whom(product: Words, *, product_required: bool) -> tuple[Column, ...]:
    return (
        _LOAN,
        _HOUSEHOLD,
        Column(
            "borrower_id_number",
            "借款人身份证号",
            "idnumber",
            (
                "借款人身份证号码",
                "借款人身份证",
                "贷款人身份证",
                "贷款人身份证号",
                "借款人证件号码",
                "贷款人身份证号码",
            ),
            personal=True,
            zh_note="18位，单元格设为文本",
            en_note="18 characters, in a text cell",
        ),
        Column(
            "lender",
            "贷款银行",
            "text",
            ("贷款金融机构", "放款机构", "承贷银行", "金融机构", "经办银行", "放贷机构"),
        ),
        Column("branch", "经办网点", "text", ("支行", "网点", "经办机构", "信用社", "营业网点")),
        Column(
            "product", "贷款产品", "code", ("产品", "贷款品种", "产品类型"), product_required, words=product
        ),
        Column(
            "kind", "贷款类型", "code", ("贷款种类", "新增或续贷"), product_required, words=codes.LOAN_KIND
        ),
        Column("parent_loan_id", "原贷款编号", "id", ("原借据号", "原借据编号", "上笔贷款编号")),
        _area(
            "签约地区划代码",
            ("行政区划代码", "区划代码", "行政区划"),
            required=False,
            note=("签约时所在地；空白表示与户相同", "Place at signing; empty = the household's"),
        ),
    )


def _loan_agreed() -> tuple[Column, ...]:
    return (
        Column("applied_on", "申请日期", "date", ("申请时间", "贷款申请日期")),
        Column(
            "contract_on",
            "合同签订日期",
            "date",
            ("合同日期", "签订日期", "签约日期", "合同签订日", "签订时间"),
            zh_note="尚在申请、未签合同的留空",
            en_note="Empty for an application not yet signed",
        ),
        Column(
            "matures_on", "到期日期", "date", ("到期日", "合同到期日", "到期时间"), needed_once_signed=True
        ),
        Column(
            "principal",
            "贷款金额",
            "money",
            ("合同金额", "借款金额", "贷款本金", "本金"),
            required=True,
            zh_note="单位：元",
            en_note="Yuan",
        ),
        Column(
            "rate",
            "年利率",
            "rate",
            ("贷款利率", "利率", "执行利率", "合同利率", "贷款年利率"),
            needed_once_signed=True,
            zh_note="百分数，如 3.85 表示 3.85%",
            en_note="Percent: 3.85 is 3.85 %",
        ),
        Column(
            "interest_method",
            "计息方式",
            "code",
            ("计息方法",),
            needed_once_signed=True,
            words=codes.INTEREST_METHOD,
        ),
        Column("purpose", "贷款用途", "code", ("用途", "借款用途"), words=codes.PURPOSE),
        Column("guarantee", "担保方式", "code", ("担保",), words=codes.GUARANTEE),
        Column("funding", "资金来源", "code", (), words=codes.FUNDING),
        Column(
            "subsidy_ceiling",
            "贴息本金上限",
            "money",
            ("批准贴息额度", "贴息额度"),
            zh_note="经批准提高的上限；空白为标准上限；单位：元",
            en_note="The raised ceiling that was approved; empty = the standard one; yuan",
        ),
    )


_LOAN_REFERS = (("household_id", ("households",)), ("parent_loan_id", ("loans", "ordinary_loans")))
LOANS = Table(
    "loans",
    "贷款",
    _loan_columns(codes.PRODUCT, product_required=True),
    key=("loan_id",),
    required=True,
    aliases=("贷款台账", "贷款明细", "贷款信息", "小额信贷"),
    refers=_LOAN_REFERS,
)
ORDINARY_LOANS = Table(
    "ordinary_loans",
    "普通贷款",
    _loan_columns(codes.ORDINARY_PRODUCT, product_required=False),
    key=("loan_id",),
    aliases=("其他贷款", "非小额信贷"),
    refers=_LOAN_REFERS,
    zh_note="这些户的其他贷款",
    en_note="The households' other loans",
)
_ANY_LOAN = (("loan_id", ("loans", "ordinary_loans")),)
EVENTS = Table(
    "events",
    "贷款流水",
    (
        _LOAN,
        _ON,
        Column(
            "kind",
            "业务类型",
            "code",
            ("事项", "业务种类", "交易类型", "类型"),
            required=True,
            words=codes.EVENT_KIND,
        ),
        _money("金额", ("发生金额", "交易金额", "发生额"), required=False),
        Column(
            "value",
            "内容",
            "value",
            ("变更内容", "变更值", "值"),
            zh_note="展期填新到期日；分类填1至5或正常至损失；利率变更填新利率（%）；提醒填口头或书面",
            en_note="Extended: new maturity. Classified: 1 to 5. Rate changed: percent. Reminded: spoken or written",
        ),
        Column(
            "recorded_on",
            "登记日期",
            "date",
            ("录入日期", "记账日期", "登记时间"),
            zh_note="空白表示与发生日期相同",
            en_note="The day we learnt of it; empty = on",
        ),
    ),
    required=True,
    aliases=("流水", "还款明细", "贷款事项", "发生额"),
    refers=_ANY_LOAN,
)


def _period(start_aliases: tuple[str, ...] = (), end_aliases: tuple[str, ...] = ()) -> tuple[Column, Column]:
    return (
        Column(
            "period_start",
            "计息起日",
            "date",
            ("起始日期", "起日", "贴息起日", "计息起始日", *start_aliases),
            required=True,
        ),
        Column(
            "period_end",
            "计息止日",
            "date",
            ("截止日期", "止日", "贴息止日", "计息截止日", *end_aliases),
            required=True,
            zh_note="不含当日（算头不算尾）",
            en_note="Exclusive: the day itself is not counted",
        ),
    )


SUBSIDIES = Table(
    "subsidies",
    "贴息",
    (
        _LOAN,
        *_period(),
        _money("贴息金额", ("金额", "已贴息金额", "实贴金额")),
        Column(
            "rate_claimed",
            "申报利率",
            "rate",
            ("贴息利率", "申报贴息利率"),
            zh_note="百分数",
            en_note="Percent",
        ),
        Column("paid_on", "支付日期", "date", ("发放日期", "拨付日期", "贴息发放日期")),
        Column("paid_to", "支付对象", "code", ("收款对象", "发放对象"), words=codes.PAID_TO),
    ),
    aliases=("贴息明细", "贴息清册", "贴息发放"),
    refers=_ANY_LOAN,
)
TRANSFERS = Table(
    "transfers",
    "资金流向",
    (
        _LOAN,
        _ON,
        _money("转账金额", ("金额", "支付金额")),
        Column("to_account", "收款账号", "id", ("对方账号", "收款人账号"), personal=True),
        Column("to_name", "收款户名", "text", ("收款人", "对方户名", "收款人名称"), personal=True),
        Column("to_kind", "收款方类型", "code", ("收款人类型", "对方类型"), words=codes.PAYEE_KIND),
    ),
    aliases=("转账", "资金去向", "支付流水"),
    refers=_ANY_LOAN,
)
INSURANCE = Table(
    "insurance",
    "保险",
    (
        Column("policy_id", "保单号", "id", ("保单号码", "保险单号"), required=True),
        _MEMBER,
        Column("insurer", "保险公司", "text", ("承保公司", "承保机构")),
        Column("kind", "险种", "text", ("保险种类", "险种名称")),
        Column("from", "起保日期", "date", ("保险起期", "保险起日", "起保时间"), required=True),
        Column(
            "to",
            "终保日期",
            "date",
            ("保险止期", "保险止日", "终保时间"),
            required=True,
            zh_note="不含当日",
            en_note="Exclusive: the first day without cover",
        ),
        _money("保费", ("保险费",), name="premium", required=False),
    ),
    key=("policy_id", "member_id", "from"),
    aliases=("保单", "参保"),
    refers=(("member_id", ("members",)),),
)
INSURANCE_EVENTS = Table(
    "insurance_events",
    "保险事故",
    (
        _MEMBER,
        Column("on", "出险日期", "date", ("日期", "事故日期", "发生日期"), required=True),
        Column("kind", "事故类型", "code", ("出险类型", "类型"), required=True, words=codes.INSURANCE_EVENT),
        Column("policy_id", "保单号", "id", ("保单号码", "保险单号")),
        Column("claimed_on", "报案日期", "date", ("申请理赔日期", "理赔申请日期")),
        Column("paid_on", "赔付日期", "date", ("赔款日期", "支付日期")),
        _money("应赔金额", ("应赔付金额",), name="amount_due", required=False),
        _money("实赔金额", ("已赔金额", "实际赔付金额"), name="amount_paid", required=False),
    ),
    aliases=("理赔", "出险"),
    refers=(("member_id", ("members",)), ("policy_id", ("insurance",))),
)
FUND = Table(
    "fund",
    "风险补偿金",
    (
        _area(
            "县区划代码",
            ("行政区划代码", "区划代码", "县代码", "行政区划"),
            required=True,
            note=("县级6位", "6 digits, the county"),
        ),
        _ON,
        Column("kind", "业务类型", "code", ("类型", "事项"), required=True, words=codes.FUND_KIND),
        Column(
            "amount",
            "金额",
            "money",
            ("发生金额",),
            True,
            limit_fen=FEN_PUBLIC_FUNDS,
            zh_note="单位：元",
            en_note="Yuan",
        ),
        Column("loan_id", "贷款编号", "id", ("借据号", "借据编号")),
    ),
    aliases=("补偿金", "风险补偿基金", "风补金"),
    refers=_ANY_LOAN,
)
BUDGETS = Table(
    "budgets",
    "财政预算",
    (
        _area(
            "县区划代码",
            ("行政区划代码", "区划代码", "县代码", "行政区划"),
            required=True,
            note=("县级6位", "6 digits, the county"),
        ),
        Column("year", "年度", "count", ("年份",), required=True),
        Column(
            "revenue",
            "一般公共预算收入",
            "money",
            ("本级一般公共预算收入", "预算收入"),
            True,
            limit_fen=FEN_PUBLIC_FUNDS,
            zh_note="县本级，单位：元",
            en_note="The county's own general public budget revenue, yuan",
        ),
    ),
    key=("area_code", "year"),
    aliases=("预算", "财政收入"),
)
LENDERS = Table(
    "lenders",
    "贷款机构",
    (
        Column("lender", "贷款银行", "text", ("贷款金融机构", "金融机构", "银行"), required=True),
        Column("from", "起始日期", "date", ("生效日期", "起用日期"), required=True),
        Column("npl_target", "不良率目标", "rate", ("不良贷款率目标",), most_decimals=6, most_percent=100),
        Column("npl_all", "各项贷款不良率", "rate", ("全部贷款不良率",), most_decimals=6, most_percent=100),
    ),
    key=("lender", "from"),
    aliases=("银行", "机构"),
)
OTHER_SUBSIDIES = Table(
    "other_subsidies",
    "其他贴息",
    (
        _LOAN,
        Column("programme", "项目名称", "text", ("政策名称", "贴息项目"), required=True),
        *_period(),
        _money("贴息金额", ("金额",)),
    ),
    aliases=("其他财政贴息",),
    refers=_ANY_LOAN,
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        HOUSEHOLDS,
        MEMBERS,
        ROSTER,
        LOANS,
        EVENTS,
        SUBSIDIES,
        TRANSFERS,
        INSURANCE,
        INSURANCE_EVENTS,
        ORDINARY_LOANS,
        FUND,
        BUDGETS,
        LENDERS,
        OTHER_SUBSIDIES,
    )
}


def empty(name: str) -> pl.DataFrame:
    """A table without rows, with the columns it has in memory."""
    return pl.DataFrame(schema=TABLES[name].schema)
