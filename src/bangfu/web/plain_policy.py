"""The policy in plain words: what a stack says on a day, topic by topic, each sentence with its clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.casework.words import Words
from bangfu.engine.admission.attest import CONDITIONS
from bangfu.money.fen import FEN_PER_YUAN
from bangfu.money.rates import format_percent
from bangfu.policy import NO_CEILING, VOCABULARY, Band, Payer, PolicyBook, Stack, TermValue
from bangfu.policy.places import chain_of
from bangfu.refusals import Refused
from bangfu.web.code_words import words_of
from bangfu.web.templatetags.bangfu import wan

OPEN, RUNNING, GAP, AHEAD, NEVER = "open", "running", "gap", "ahead", "never"
PRODUCTS = ("assistance", "transition", "poverty")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, and whence: its clauses, the document, our reading, what it overrides."""

    words: Words
    clauses: tuple[str, ...]
    reading: bool = False
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """Sentences under one heading."""

    name: Words
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Regime:
    """One product in a place on a day.

    Attributes:
        product: poverty, transition or assistance.
        standing: open (new loans are made), running (only loans that were signed before), gap (no document admits new
            ones, a contract signed that day is protected), ahead (begins later), never (this place has none).
        stack: What the sentences rest on; that of the last signing day where no new ones are made.
        signed_on: The signing day whose terms are shown.
        begins_on: Of one ahead, its first day.
        refused: The clauses behind "no new loans".
    """

    product: str
    standing: str
    stack: Stack | None = None
    signed_on: date | None = None
    begins_on: date | None = None
    refused: tuple[str, ...] = ()


def regimes(book: PolicyBook, *, place: str, on: date) -> list[Regime]:
    """The three products of a place on a day, the newest first."""
    return [regime(book, place=place, product=product, on=on) for product in PRODUCTS]


def regime(book: PolicyBook, *, place: str, product: str, on: date) -> Regime:
    """How one product stands."""
    refused: tuple[str, ...] = ()
    try:
        stack = book.stack(place, product, on, purpose="application")
        return Regime(product, OPEN, stack, on)
    except Refused as why:
        refused = why.refusal.clauses
    try:
        return Regime(product, GAP, book.stack(place, product, on), on, refused=refused)
    except Refused:
        pass
    chain = chain_of(place)
    packs = [pack for pack in book.packs.values() if pack.product == product and pack.jurisdiction in chain]
    ended = sorted((pack.contracts[1] for pack in packs if pack.contracts[1]), reverse=True)
    for day in (one for one in ended if one < on):
        try:
            return Regime(product, RUNNING, book.stack(place, product, day), day, refused=refused)
        except Refused:
            continue
    ahead = sorted(pack.contracts[0] for pack in packs if pack.contracts[0] > on)
    return Regime(product, AHEAD, begins_on=ahead[0]) if ahead else Regime(product, NEVER)


def topics(stack: Stack, *, on: date) -> list[Topic]:
    """What the stack says on a day; topics without a sentence are left out."""
    terms = stack.terms(on)
    found = []
    for name, builders in _TOPICS:
        said = tuple(one for build in builders for one in build(terms) if one is not None)
        if said:
            found.append(Topic(name, said))
    return found


def at_a_glance(stack: Stack, *, on: date) -> list[Topic]:
    """The first sentence of what people ask first: who, how much, how long, at what rate, who pays."""
    asked = {"Who may borrow", "How much", "How long", "Rate", "Who pays the interest"}
    return [Topic(topic.name, topic.said[:1]) for topic in topics(stack, on=on) if topic.name.en in asked]


def breakpoints(book: PolicyBook, *, place: str) -> list[date]:
    """The days on which what a place's documents admit changes."""
    chain = chain_of(place)
    days: set[date] = set()
    for pack in book.packs.values():
        if pack.jurisdiction in chain:
            opened, closed = pack.contracts
            days |= {opened} | ({closed + timedelta(days=1)} if closed else set())
    return sorted(days)


Terms = Mapping[str, TermValue]
Build = Callable[[Terms], Sequence[Said | None]]


def _said(term: TermValue, zh: str, en: str, *others: TermValue | None) -> Said:
    clauses = [*term.clauses, *(clause for other in others if other for clause in other.clauses)]
    overrides = tuple(dict.fromkeys(clause for below in term.overrides for clause in below.clauses))
    if term.incorporates:
        clauses.append(term.incorporates)
    return Said(Words(zh, en), tuple(dict.fromkeys(clauses)), bool(term.reading), overrides)


def _yes(name: str, zh: str, en: str, *, no_zh: str = "", no_en: str = "") -> Build:
    """A sentence for a true or false term; none for the side without words."""

    def build(terms: Terms) -> Sequence[Said | None]:
        term = terms.get(name)
        if term is None or term.undetermined:
            return []
        if term.boolean:
            return [_said(term, zh, en)] if zh else []
        return [_said(term, no_zh, no_en)] if no_zh else []

    return build


def _number(name: str, zh: str, en: str) -> Build:
    """A sentence with ``{n}`` for a number."""

    def build(terms: Terms) -> Sequence[Said | None]:
        term = terms.get(name)
        if term is None:
            return []
        if term.undetermined:
            label = VOCABULARY[name]
            return [
                _said(term, f"{label.zh}：文件没有规定，另行确定。", f"{label.meaning}: left to be fixed.")
            ]
        shown_zh, shown_en = amount(name, term.integer)
        return [_said(term, zh.format(n=shown_zh), en.format(n=shown_en))]

    return build


def amount(name: str, value: int) -> tuple[str, str]:
    """A number of a term with its unit, in Chinese and English."""
    kind = VOCABULARY[name].type
    if kind == "yuan":
        return f"{wan(value)}万元", f"{value // FEN_PER_YUAN:,} yuan"
    if kind == "percent":
        return f"{format_percent(value, least_decimals=0)}%", f"{format_percent(value, least_decimals=0)}%"
    if kind == "points":
        return f"{format_percent(value, least_decimals=0)}个百分点", (
            f"{format_percent(value, least_decimals=0)} points"
        )
    return str(value), str(value)


def _codes(name: str, which: str, zh: str, en: str) -> Build:
    """A sentence with ``{n}`` for a list of codes."""

    def build(terms: Terms) -> Sequence[Said | None]:
        term = terms.get(name)
        if term is None or term.undetermined:
            return []
        words = [words_of(code, which) for code in term.codes]
        told_zh, told_en = "、".join(one.zh for one in words), ", ".join(one.en for one in words)
        return [_said(term, zh.format(n=told_zh), en.format(n=told_en))]

    return build


def _conditions(terms: Terms) -> Sequence[Said | None]:
    term = terms.get("borrower.conditions")
    if term is None:
        return []
    known = [CONDITIONS[code] for code in term.codes if code in CONDITIONS]
    zh, en = "、".join(one.zh for one in known), "; ".join(one.en.lower() for one in known)
    return [_said(term, f"还要由村、乡镇和银行核实：{zh}。", f"Village, township and bank also ask: {en}.")]


def _age(terms: Terms) -> Sequence[Said | None]:
    least, most, excepted = (terms.get(f"age.{name}") for name in ("min", "max", "exception_allowed"))
    if least is None or most is None:
        return []
    principle = excepted is not None and excepted.boolean
    zh = f"借款人{'原则上' if principle else ''}{least.integer}至{most.integer}周岁（含）。"
    en = f"The borrower is {least.integer} to {most.integer} years old, both included"
    tail = (
        (
            "确有特殊情况的，经说明理由、批准并记录可以例外。",
            ", in principle: a reasoned, approved exception may stand.",
        )
        if principle
        else ("", ".")
    )
    return [_said(least, zh + tail[0], en + tail[1], most, excepted)]


def _ceiling(terms: Terms) -> Sequence[Said | None]:
    term = terms.get("rate.ceiling")
    if term is None:
        return []
    if term.value is NO_CEILING:
        return [
            _said(
                term,
                "利率由银行按成本、信用评级和还款能力合理确定，文件不设上限。",
                "The bank sets a reasonable rate by its cost, the rating and the ability to repay; no ceiling is set.",
            )
        ]
    if term.undetermined:
        return [_said(term, "利率上限另行确定。", "The ceiling of the rate is left to be fixed.")]
    zh = "；".join(f"{_up_to(band)[0]}，不高于{_limit(band)[0]}" for band in term.bands)
    en = "; ".join(f"{_up_to(band)[1]}, not above {_limit(band)[1]}" for band in term.bands)
    return [_said(term, f"利率：{zh}。", f"The rate: {en}.")]


_MONTHS_A_YEAR = 12
_INDEXES = {
    "LPR_1Y": ("1年期LPR", "the 1-year LPR"),
    "LPR_5Y": ("5年期以上LPR", "the over-5-year LPR"),
    "PBOC_1Y": ("人民银行1年期贷款基准利率", "the central bank's 1-year benchmark"),
    "PBOC_1_5Y": ("人民银行1至5年期贷款基准利率", "the central bank's 1-to-5-year benchmark"),
    "local": ("当地执行利率", "the rate applied locally"),
}


def _up_to(band: Band) -> tuple[str, str]:
    years, months = divmod(band.up_to_months, _MONTHS_A_YEAR)
    if months:
        return f"期限{band.up_to_months}个月以内", f"up to {band.up_to_months} months"
    return f"期限{years}年以内（含）", f"up to {years} year{'s' if years > 1 else ''}"


def _limit(band: Band) -> tuple[str, str]:
    if band.index is not None:
        return _INDEXES[band.index]
    shown = f"{format_percent(band.percent_e8 or 0)}%"
    return shown, shown


def _payers(terms: Terms) -> Sequence[Said | None]:
    term = terms.get("subsidy.payers")
    if term is None:
        return []
    if term.undetermined:
        return [
            _said(
                term,
                "这一天由谁贴息、贴多少，文件没有规定，要等另行确定；系统不作推测。",
                "Who pays which part on this day is left to be fixed by another document; nothing is guessed.",
            )
        ]
    if not term.payers:
        return [_said(term, "不贴息。", "Nothing is subsidised.")]
    zh = "；".join(_payer(one)[0] for one in term.payers)
    en = "; ".join(_payer(one)[1] for one in term.payers)
    return [_said(term, f"贴息：{zh}。", f"Subsidy: {en}.")]


_WHOLE = 100


def _payer(one: Payer) -> tuple[str, str]:
    who = words_of(one.payer, "payer")
    if one.share_percent == _WHOLE and one.max_points_e8 is None:
        return f"{who.zh}全额贴息", f"{who.en} pays all of the interest"
    if one.share_percent is not None:
        zh, en = (
            f"{who.zh}按贷款利率的{one.share_percent}%贴息",
            f"{who.en} pays {one.share_percent}% of the rate",
        )
    else:
        points = format_percent(one.points_e8 or 0, least_decimals=0)
        zh, en = f"{who.zh}贴{points}个百分点", f"{who.en} pays {points} percentage points"
    if one.max_points_e8 is not None:
        most = format_percent(one.max_points_e8, least_decimals=0)
        zh, en = f"{zh}，最多{most}个百分点", f"{en}, at most {most} percentage points"
    return zh, en


def _times(terms: Terms) -> Sequence[Said | None]:
    term = terms.get("renewal.times")
    if term is None:
        return []
    often = {1: "once", 2: "twice"}.get(term.integer, f"{term.integer} times")
    return [_said(term, f"续贷或展期只能办{term.integer}次。", f"Renewed or extended {often} in all.")]


def _extension(terms: Terms) -> Sequence[Said | None]:
    short, medium, limit = (
        terms.get(f"extension.{name}") for name in ("short_share", "medium_share", "short_limit_months")
    )
    if short is None or medium is None or limit is None:
        return []
    one, two = (f"{format_percent(share.integer, least_decimals=0)}%" for share in (short, medium))
    return [
        _said(
            short,
            f"展期：{limit.integer}个月以内的贷款，最长为原期限的{one}；更长的贷款，最长为原期限的{two}。",
            f"An extension: for loans up to {limit.integer} months at most {one} of the original term, "
            f"for longer ones {two}.",
            medium,
            limit,
        )
    ]


def _enterprise(terms: Terms) -> Sequence[Said | None]:
    term = terms.get("use.by_enterprise")
    told = {
        "forbidden": (
            "不得以入股分红、转贷、指标交换等方式交给企业或其他组织使用（“户贷企用”）。",
            "It may not be passed to an enterprise or other body by shares, on-lending or quota swaps.",
        ),
        "ledger": (
            "已交企业使用的贷款列入台账，逐笔清退。",
            "Loans already used by enterprises are listed and wound down.",
        ),
        "allowed": ("经批准可由企业使用。", "Use by an enterprise is admitted."),
    }
    return [] if term is None else [_said(term, *told[term.code])]


def _breaker(terms: Terms) -> Sequence[Said | None]:
    measure, threshold, trips, resumes = (
        terms.get(f"breaker.{name}") for name in ("measure", "threshold", "trips", "resumes")
    )
    if measure is None:
        return []
    ratio = {
        "npl": ("不良率", "bad-loan ratio"),
        "overdue": ("逾期率", "overdue ratio"),
        "either": ("不良率或逾期率", "bad-loan or overdue ratio"),
    }[measure.code]
    if threshold is None or threshold.undetermined:
        return [
            _said(
                measure,
                f"{ratio[0]}畸高时暂停发放新贷款；文件没有给出数字，由当地确定。",
                f"Where the {ratio[1]} is extreme, new loans stop; the document gives no figure, the locality sets it.",
                threshold,
            )
        ]
    figure = f"{format_percent(threshold.integer, least_decimals=0)}%"
    inclusive = trips is not None and trips.code == "at_or_above"
    zh = f"{ratio[0]}{'达到' if inclusive else '超过'}{figure}{'及以上' if inclusive else ''}时暂停发放新贷款"
    en = f"Where the {ratio[1]} {'reaches' if inclusive else 'exceeds'} {figure}, new loans stop"
    if resumes is not None and not resumes.undetermined:
        back = f"{format_percent(resumes.integer, least_decimals=0)}%"
        zh, en = (
            f"{zh}，通过清偿降到{back}（含）以下恢复",
            f"{en}; once repayment has brought it to {back} or less they start again",
        )
    return [_said(measure, zh + "。", en + ".", threshold, trips, resumes)]


def _reminders(terms: Terms) -> Sequence[Said | None]:
    spoken, written = terms.get("reminder.days_before"), terms.get("reminder.written_days_before")
    if spoken is None:
        return []
    first = "、".join(str(day) for day in spoken.days)
    zh, en = f"到期前{first}天告知借款人", f"The borrower is told {first} days before maturity"
    if written is not None:
        again = "、".join(str(day) for day in written.days)
        zh, en = f"{zh}，前{again}天书面告知", f"{en}, and in writing {again} days before"
    return [_said(spoken, zh + "。", en + ".", written)]


_TOPICS: tuple[tuple[Words, tuple[Build, ...]], ...] = (
    (
        Words("谁能借", "Who may borrow"),
        (
            _codes("borrower.categories", "category", "{n}可以借，按户借款。", "By household: {n}."),
            _yes("borrower.one_loan_per_household", "一户只建立一个借贷关系。", "One loan relation a household."),
            _age,
            _yes("borrower.labour_required", "家里要有人能劳动。", "Somebody in the household must be able to work."),
            _conditions,
            _codes("borrower.barred_after", "left_reason", "因“{n}”退出名单的不再享受。",
                   "Households that left the roster for this reason may not: {n}."),
            _codes("borrower.recall_after", "left_reason", "因“{n}”退出名单的，在贷的要收回或转为普通农户贷款。",
                   "A running loan is recalled or converted where the household left the roster for: {n}."),
            _codes("borrower.keeps_terms_after", "left_reason", "因“{n}”退出名单的，未到期的贷款政策不变。",
                   "A running loan keeps its terms where the household left the roster for: {n}."),
        ),
    ),
    (
        Words("借多少", "How much"),
        (
            _number("amount.household_cap", "一户最多借{n}，各笔在贷的加在一起算。",
                    "Up to {n} a household, all its running programme loans together."),
            _number("amount.household_cap_with_top_up", "确有需要又还得起的可以追加，追加后一户不超过{n}。",
                    "With a top-up, where really needed and repayable, up to {n} a household."),
        ),
    ),
    (Words("借多久", "How long"), (_number("term.max_months", "最长{n}个月。", "Up to {n} months."),)),
    (
        Words("利率", "Rate"),
        (
            _ceiling,
            _number("rate.local", "当地执行利率{n}。", "The rate applied locally is {n}."),
            _yes("rate.fixed_in_contract", "合同期内利率不变。", "The rate stays through the contract."),
        ),
    ),
    (
        Words("担保和收费", "Guarantee and fees"),
        (
            _yes("guarantee.allowed", "", "", no_zh="不要担保，不要抵押。", no_en="No guarantor, no collateral."),
            _codes("guarantee.exempt_kinds", "guarantee", "{n}不算向借款人要担保。",
                   "Not counted as asked of the borrower: {n}."),
            _yes("borrower.may_be_charged_fees", "", "", no_zh="不得向借款人收取担保费、保险费或补偿费用。",
                 no_en="No guarantee, insurance or compensation fee may be charged on the borrower."),
        ),
    ),
    (
        Words("用在哪里", "What for"),
        (
            _codes("use.forbidden_purposes", "purpose", "只能用于生产经营，户借、户用、户还。不得用于：{n}。",
                   "For production only; the household borrows, uses and repays. Not for: {n}."),
            _enterprise,
        ),
    ),
    (
        Words("利息谁出", "Who pays the interest"),
        (
            _payers,
            _number("subsidy.principal_cap", "一户贴息的本金不超过{n}。",
                    "Subsidised principal up to {n} a household."),
            _number("subsidy.principal_cap_large_need", "确有大额生产支出、经批准的，贴息本金可到{n}。",
                    "For really large productive spending, once approved, up to {n}."),
            _yes("subsidy.borrower_should_bear", "引导借款人自己承担一部分利息。",
                 "Borrowers are led to bear a part of the interest."),
            _yes("subsidy.local_may_add", "地方可以再贴一部分。", "A locality may add a share."),
            _yes("subsidy.collect_first", "先收后贴：先付利息，贴息随后发到卡上。",
                 "Interest is collected first; the subsidy is paid onto the card afterwards."),
            _yes("subsidy.normal_interest_only", "逾期或违规产生的加息、罚息不贴。",
                 "Extra and penalty interest is never subsidised."),
            _yes("subsidy.covers_extension", "展期期间也贴息。", "An extension is subsidised too.",
                 no_zh="展期期间不贴息。", no_en="An extension is not subsidised."),
            _yes("subsidy.in_default", "", "", no_zh="逾期后不贴息。", no_en="No subsidy in arrears."),
        ),
    ),
    (
        Words("到期以后", "At maturity"),
        (
            _times,
            _number("renewal.max_months", "续贷最长{n}个月。", "A renewal is for {n} months at most."),
            _extension,
            _yes("renewal.only_if_never_before", "以前政策的贷款，此前没有续贷、展期过的才可以。",
                 "A loan of the earlier policy only if it was never renewed or extended before."),
            _yes("renewal.conditions_rechecked", "续贷、展期要重新审查条件。", "The conditions are checked again."),
            _yes("renewal.borrow_again", "还清以后可以再借。", "Who has repaid may borrow again."),
            _reminders,
        ),
    ),
    (
        Words("银行和补偿", "Bank and fund"),
        (
            _breaker,
            _number("tolerance.points", "不良率在基准以上{n}以内的，不因此追究银行。",
                    "A bad-loan ratio up to {n} above the base is not held against the bank."),
            _number("fund.pays_share", "风险补偿金承担损失的{n}。", "The compensation fund bears {n} of a loss."),
            _number("fund.covers_up_to", "一户最多补偿本金{n}。", "Compensation covers up to {n} a household."),
            _codes("insurance.required_kinds", "policy", "应投保：{n}。", "Insurance that is required: {n}."),
        ),
    ),
)  # fmt: skip
