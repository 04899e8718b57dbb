"""An application put into the shapes of the components: stages, fields, the core's decision, what was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse

from bangfu.casework.origination import api as origination
from bangfu.casework.people.api import ROLES
from bangfu.casework.words import Words
from bangfu.money.capitals import capitals
from bangfu.refusals import CODES
from bangfu.web.basis import MET, condition, facts_told
from bangfu.web.parts import Basis, Checked, Chip, Fact, Happening, Step

# Where the whole way leads, as the indicator shows it.
_WAY = (
    "draft", "village_review", "township_review", "station_opinion", "branch_examination", "bank_decision", "approved",
)  # fmt: skip
TONES = {"approved": "ok", "refused": "bad", "withdrawn": "off", "returned": "warn", "draft": "info"}
_MET: Mapping[str, Words] = {
    **MET,
    "renewed_or_extended_twice": Words(
        "续贷、展期没有超过次数", "Not renewed or extended more often than allowed"
    ),
    "renewal_too_long": Words("续贷期限没有超过最长期限", "The renewal is not too long"),
    "lent_while_suspended": Words("没有处于熔断暂停期", "Lending is not suspended by the breaker"),
}
_ACTS: Mapping[str, Words] = {
    "application.opened": Words("开办申请", "opened"),
    "application.written": Words("填写申请", "fields written"),
    "application.submitted": Words("提交", "submitted"),
    "application.approved": Words("同意", "approved a step"),
    "application.refused": Words("不同意", "refused"),
    "application.returned": Words("退回补正", "returned"),
    "application.withdrawn": Words("撤回", "withdrawn"),
    "application.exception_asked": Words("申请例外", "asked for an exception"),
    "application.exception_approved": Words("批准例外", "approved an exception"),
    "application.exception_refused": Words("不批准例外", "refused an exception"),
    "file.kept": Words("存入文件", "kept a file"),
    "file.opened": Words("查看文件", "opened a file"),
    "personal.revealed": Words("查看完整号码", "saw a number in full"),
}


def state_chip(code: str) -> Chip:
    """A state as a chip."""
    return Chip(TONES.get(code, "wait"), origination.STATES[code].words)  # type: ignore[arg-type]


def steps(view: origination.CaseView) -> list[Step]:
    """The stage indicator: who and when of what is done in this round, and what is to come."""
    restarts = [place for place, one in enumerate(view.stages) if one.state in ("draft", "returned")]
    round_ = {one.state: one for one in view.stages[restarts[-1] if restarts else 0 :]}
    if "returned" in round_:
        round_["draft"] = round_.pop("returned")
    ended = view.state in ("refused", "withdrawn")
    now = "draft" if view.state == "returned" else view.state
    last = next((one.state for one in reversed(view.stages) if one.state not in ("refused", "withdrawn")), "")
    found, past = [], False
    for code in _WAY:
        state, stage = origination.STATES[code], round_.get(code)
        if ended and code == last:
            mark = "refused"
        elif stage is None:
            mark = "skipped" if ended else "next"
        elif code == now:
            mark = "done" if code == "approved" else "now"
        else:
            mark = "done"
        past = past or mark == "refused"
        found.append(
            Step(
                state.words, mark, stage.who if stage else "",  # type: ignore[arg-type]
                stage.ended if stage and mark != "now" else None,
                stage.due_on if stage and mark == "now" else None, state.clauses,
            )
        )  # fmt: skip
    return found


def basis(view: origination.CaseView) -> Basis | None:
    """The core's decision with every rule, and what people have answered so far."""
    told = view.decision
    if not told:
        return None
    answers: dict[str, bool] = {}
    for one in view.reviews:
        if one.stands:
            answers |= one.attested
    packs = [one["id"] for one in told["packs"]]
    conditions = (condition(one, answers) for one in told["to_attest"])
    checked = (*map(_rule, told["rules"]), *_warnings(told), *conditions)
    about = "outcome" if view.state in origination.LIVE else "past_outcome"
    return Basis(told["outcome"], packs, checked, about=about)


def _rule(one: Mapping[str, Any]) -> Checked:
    state, code = one["state"], one["code"]
    against = state in ("failed", "in_principle")
    name = Words(CODES[code].zh, CODES[code].en) if against or code not in _MET else _MET[code]
    return Checked(state, name, facts_told(one["facts"]), one["clauses"])


def _warnings(told: Mapping[str, Any]) -> Iterator[Checked]:
    for one in told["warnings"]:
        yield Checked("warned", Words(one["zh"], one["en"]), facts_told(one["facts"]), one["clauses"])


def household_facts(view: origination.CaseView) -> list[Fact]:
    """Where the application belongs."""
    county, township, village = view.place
    return [
        Fact(Words("申请编号", "Number"), view.id),
        Fact(Words("乡镇、村", "Township and village"), f"{county} {township} {village}"),
        Fact(
            Words("建档立卡户编号", "Registration number"),
            view.household_id,
            link=_link("household", view.household_id),
        ),
        Fact(
            Words("经办网点", "Branch"),
            f"{view.bank} {view.branch}" if view.bank != view.branch else view.bank,
        ),
        Fact(Words("申请日期", "Day of the application"), view.fields["applied_on"], "day"),
    ]


def _link(name: str, *given: object) -> str:
    try:
        return reverse(name, args=given)
    except NoReverseMatch:
        return ""


def borrower_facts(view: origination.CaseView) -> list[Fact]:
    """The applicant's fields that are no numbers."""
    told, labels = view.fields, origination.LABELS
    sex = {"male": Words("男", "male"), "female": Words("女", "female")}.get(told["borrower_sex"], "")
    marital = origination.MARITAL.get(told["borrower_marital_status"], "")
    return [
        Fact(labels["borrower_name"], told["borrower_name"]),
        Fact(labels["borrower_sex"], str(sex)),
        Fact(labels["borrower_born_on"], told["borrower_born_on"], "day"),
        Fact(labels["borrower_marital_status"], str(marital)),
        Fact(labels["family_size"], told["family_size"], "number"),
        Fact(labels["address"], told["address"]),
        Fact(labels["spouse_name"], told["spouse_name"]),
        Fact(labels["spouse_born_on"], told["spouse_born_on"], "day"),
    ]


def numbers(view: origination.CaseView) -> list[dict[str, Any]]:
    """The numbers, masked, each with the address that shows it in full for a reason."""
    return [
        {
            "label": origination.LABELS[name],
            "value": view.fields[name],
            "url": reverse("application-show", args=(view.id, name)) if view.fields[name] else "",
        }
        for name in ("borrower_id_number", "borrower_phone", "spouse_id_number", "spouse_phone")
    ]


def loan_facts(view: origination.CaseView) -> list[Fact]:
    """What is asked for, and what was proposed."""
    told, labels = view.fields, origination.LABELS
    amount = told["amount_fen"]
    found = [
        Fact(Words("产品", "Product"), told["product"], "word", "product"),
        Fact(labels["kind"], told["kind"], "word", "loan_kind"),
        Fact(
            labels["amount_fen"], amount or None, "yuan", note=f"人民币{capitals(amount)}" if amount else ""
        ),
        Fact(labels["purpose"], told["purpose"], "word", "purpose", note=told["purpose_text"]),
        Fact(
            labels["term_months"],
            f"{told['term_months']} {Words('个月', 'months')}" if told["term_months"] else "",
        ),
    ]
    if told["parent_loan_id"]:
        found.insert(
            2,
            Fact(
                labels["parent_loan_id"], told["parent_loan_id"], link=_link("loan", told["parent_loan_id"])
            ),
        )
    if told["rate_e8"] is not None:
        found += [
            Fact(Words("拟定年利率", "Rate proposed"), told["rate_e8"], "percent"),
            Fact(Words("计息方式", "Interest method"), told["interest_method"], "word", "interest_method"),
            Fact(Words("资金来源", "Funding"), told["funding"], "word", "funding"),
        ]
    return found


def said(view: origination.CaseView) -> list[dict[str, Any]]:
    """The reviews so far."""
    return [
        {
            "step": origination.STATES[one.step].words,
            "chip": Chip(
                {"approve": "ok", "refuse": "bad"}.get(one.outcome, "warn"),  # type: ignore[arg-type]
                origination.OUTCOMES[one.outcome],
            ),
            "opinion": one.opinion,
            "reason": origination.REASONS.get(one.reason_code, ""),
            "who": one.who,
            "role": ROLES[one.role].words if one.role in ROLES else one.role,
            "at": one.at,
            "stands": one.stands,
        }
        for one in view.reviews
    ]


def papers(view: origination.CaseView) -> list[dict[str, Any]]:
    """The checklist."""
    return [
        {"kind": one.kind, "label": origination.PAPERS[one.kind], "needed": one.needed, "files": one.files}
        for one in view.papers
    ]


def exceptions(view: origination.CaseView) -> list[dict[str, Any]]:
    """Limits in principle, with where their exception stands."""
    return [
        {"one": one, "label": Words(CODES[one.code].zh, CODES[one.code].en)} for one in view.exceptions
    ]  # fmt: skip


def history(view: origination.CaseView) -> list[Happening]:
    """The trail in words, newest first."""
    return [
        Happening(one.at, _ACTS.get(one.act, one.act), one.why, one.who, clauses=one.basis)
        for one in reversed(view.history)
    ]
