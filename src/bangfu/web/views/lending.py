"""Loans: the list, one loan, signing, paying out, the ledger, the bank's file, the subsidy of a period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.lending import api as lending
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.refusals import CODES
from bangfu.web.basis import basis_of
from bangfu.web.marks import tell
from bangfu.web.parts import Column, Table
from bangfu.web.views import lending_forms as given
from bangfu.web.views import lending_shown as shown
from bangfu.web.views import subsidy_lines_shown
from bangfu.web.views.documents import XLSX, attached

_MOST_DIGITS = 7


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


@require_safe
def loans(request: HttpRequest) -> HttpResponse:
    """The list of one regime, with the sums of each beside it."""
    actor = _actor(request)
    form, wanted = _wanted(request)
    sums = lending.totals(actor=actor, asked=wanted)
    present = [one.product for one in sums]
    asked_for = request.GET.get("product", "")
    product = asked_for if asked_for in lending.PRODUCTS else (present[0] if present else "transition")
    sort = request.GET.get("sort", "-contract")
    sort = sort if sort.removeprefix("-") in lending.SORTS else "-contract"
    asked = replace(wanted, product=product)
    found = lending.loans(actor=actor, asked=asked, page=_page(request), sort=sort)
    context = {
        "table": shown.list_table(found, product=product), "totals": shown.totals_table(sums, found.on),
        "filters": form,
        "tabs": shown.product_tabs(sums, product, request.GET.dict()), "query": request.GET.urlencode(),
        "product": product, "may_import": people.may(actor.role, "ledger.import"), "known_at": wanted.known_at,
        "on": found.on,
    }  # fmt: skip
    return render(request, "lending/loans.html", context)


def _page(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    return int(page) if page.isdecimal() and page.isascii() and len(page) < _MOST_DIGITS else 1


def _wanted(request: HttpRequest) -> tuple[given.Filter, lending.LoanFilter]:
    actor = _actor(request)
    villages = {one.code: one.name for one in registry.villages(actor=actor)}
    branches = {one.institution_id: one.name for one in registry.institutions(actor=actor)}
    form = given.Filter(request.GET or None, villages=villages, branches=branches)
    told = dict(form.cleaned_data) if form.is_bound and form.is_valid() else {}
    known_on = told.pop("known_on", None)
    within = told.pop("maturing_within", "")
    filled = {name: value for name, value in told.items() if value}
    if known_on is not None:
        end = datetime.combine(known_on + timedelta(days=1), time(), tzinfo=SHANGHAI).astimezone(UTC)
        filled["known_at"] = min(end - timedelta(microseconds=1), actor.now)
    return form, lending.LoanFilter(**filled, maturing_within=int(within) if within else None)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The list with its filter, as XLSX."""
    _, wanted = _wanted(request)
    product = request.GET.get("product", "")
    asked = replace(wanted, product=product if product in lending.PRODUCTS else "")
    taken = lending.exported(actor=_actor(request), asked=asked, purpose=request.POST.get("purpose", ""))
    return attached(taken.content, name=taken.name, media_type=XLSX)


@require_safe
def loan(request: HttpRequest, loan_id: str) -> HttpResponse:
    """One loan: terms, pinned policy, ledger, the line of its balance."""
    actor = _actor(request)
    found = lending.opened(actor=actor, loan_id=loan_id)
    terms, stands = shown.loan_facts(found, actor.on)
    may_correct = people.may(actor.role, "event.correct")
    context = {
        "found": found, "loan": found.loan, "terms": terms, "stands": stands, "chart": shown.chart(found, actor.on),
        "events": shown.events_table(found.events, correct=may_correct),
        "corrected": shown.events_table(found.corrected, correct=False, corrected=True) if found.corrected else None,
        "files": documents.files_of(subject=("loan", loan_id)),
        "subsidies": subsidy_lines_shown.about_table(
            subsidies.lines_of_loan(actor=actor, loan_id=loan_id), of_loan=True
        ),
        "may_pay": people.may(actor.role, "loan.disburse")
        and found.loan.disbursed_on is None
        and not found.loan.ordinary,
        "may_write": people.may(actor.role, "event.write") and found.loan.disbursed_on is not None,
        "subject": f"loan:{loan_id}",
    }  # fmt: skip
    return render(request, "lending/loan.html", context)


_RECKON = Words("计算", "Compute")


@require_safe
def interest(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Interest and subsidy of a period, step by step."""
    actor = _actor(request)
    form = given.Period(request.GET or None)
    for one in form.fields.values():
        one.required = False  # left out: from the payment to maturity
    told = form.cleaned_data if form.is_bound and form.is_valid() else {}
    refused, tables, found = None, [], None
    try:
        found = lending.explained(actor=actor, loan_id=loan_id, start=told.get("start"), end=told.get("end"))
        tables = shown.steps_tables(found)
    except Refused as why:
        if why.code in {"not_in_scope", "not_your_role"}:
            raise
        refused = why
    context = {
        "loan_id": loan_id, "form": form, "tables": tables, "refused": refused, "act": _RECKON,
        "undecided": [
            (Words(CODES[one.code].zh, CODES[one.code].en), one.clauses) for one in found.refusals
        ] if found else [],
        "refused_words": given.told(refused) if refused else None,
    }  # fmt: skip
    return render(request, "lending/interest.html", context)


@require_safe
def findings(request: HttpRequest, loan_id: str) -> HttpResponse:
    """What the core finds of a loan: every rule, its facts, its clauses."""
    told, result = lending.found_against(actor=_actor(request), loan_id=loan_id)
    stack = next((one for one in result.stacks if one.key == told["policy"]), None)
    basis = basis_of(told, stack=stack, hide=frozenset({"borrower", "household_id"}))
    return render(request, "lending/findings.html", {"loan_id": loan_id, "basis": basis})


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, application_id: str) -> HttpResponse:
    """Sign the contract of an approved application."""
    actor = _actor(request)
    draft = lending.draft_of(actor=actor, application_id=application_id)
    initial = {
        "contract_on": draft.contract_on, "amount": draft.amount_fen, "rate": draft.rate_e8,
        "matures_on": draft.matures_on, "seen_hash": draft.seen_hash,
    }  # fmt: skip
    form = given.Signing(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data

        def act() -> str:
            made = lending.sign(
                actor=actor, application_id=application_id, contract_on=told["contract_on"], amount_fen=told["amount"],
                rate_e8=told["rate"], matures_on=told["matures_on"], seen_hash=told["seen_hash"],
            )  # fmt: skip
            tell(request, "ok", Words("合同已签订，政策已锁定", "Signed; the policy is pinned"))
            return reverse("loan", args=(made.loan_id,))

        done = _done(form, act)
        if done:
            return done
    context = {"form": form, "draft": draft, "product": lending.PRODUCT_WORDS[draft.product]}
    return render(request, "lending/sign.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def disburse(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Pay a signed loan out."""
    actor = _actor(request)
    found = lending.payable(actor=actor, loan_id=loan_id)
    initial = {"on": actor.on, "amount": found.loan.principal_fen, "seen_hash": found.seen_hash}
    form = given.Payment(request.POST or None, initial=initial, needs_reason=found.needs_reason)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data

        def act() -> str:
            lending.disburse(
                actor=actor, loan_id=loan_id, on=told["on"], amount_fen=told["amount"], seen_hash=told["seen_hash"],
                reason=told["reason"],
            )  # fmt: skip
            tell(request, "ok", Words("已放款并入账", "Paid out and booked"))
            return reverse("loan", args=(loan_id,))

        done = _done(form, act)
        if done:
            return done
    stopped = Refused(found.refused) if found.refused else None
    context = {
        "form": form, "found": found, "loan": found.loan, "stopped": stopped,
        "terms": shown.loan_facts(lending.opened(actor=actor, loan_id=loan_id), actor.on)[0],
    }  # fmt: skip
    return render(request, "lending/disburse.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def event(request: HttpRequest, loan_id: str) -> HttpResponse:
    """Record an event."""
    actor = _actor(request)
    people.require(actor, "event.write")
    found = lending.opened(actor=actor, loan_id=loan_id)
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kind = asked if asked in given.BY_HAND else given.BY_HAND[0]
    form = given.Event(request.POST or None, kind=kind, initial={"on": actor.on})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data

        def act() -> str:
            lending.record_event(
                actor=actor, loan_id=loan_id, kind=kind, on=told["on"], amount_fen=told.get("amount"),
                value=form.value_text(), note=told["note"],
            )  # fmt: skip
            tell(request, "ok", Words("已登记", "Recorded"))
            return reverse("loan", args=(loan_id,))

        done = _done(form, act)
        if done:
            return done
    _, stands = shown.loan_facts(found, actor.on)
    return render(
        request,
        "lending/event.html",
        {
            "form": form,
            "loan": found.loan,
            "stands": stands,
            "kind": kind,
            "kinds": shown.kinds_of_events(kind),
        },
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, loan_id: str, event_id: int) -> HttpResponse:
    """Correct an event: close it and append the right one."""
    actor = _actor(request)
    people.require(actor, "event.correct")
    found = lending.opened(actor=actor, loan_id=loan_id)
    wrong = next((one for one in found.events if one.event_id == event_id), None)
    if wrong is None:
        raise Refused("not_in_scope")
    form = given.Correction(request.POST or None, kind=wrong.kind, needed=False)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data

        def act() -> str:
            lending.correct_event(
                actor=actor, event_id=event_id, reason=told["reason"], on=told["on"],
                amount_fen=told.get("amount"), value=form.value_text() or None, void=told["void"],
            )  # fmt: skip
            tell(request, "ok", Words("已更正，原记录保留", "Corrected; what stood before stays readable"))
            return reverse("loan", args=(loan_id,))

        done = _done(form, act)
        if done:
            return done
    context = {"form": form, "loan": found.loan, "table": shown.events_table([wrong], correct=False)}
    return render(request, "lending/correct.html", context, status=_status(form))


_KINDS = (
    Column("kind", Words("业务类型", "Kind"), "word", "event_kind"),
    Column("number", Words("笔数", "Events"), "number"),
    Column("fen", Words("金额", "Amount"), "yuan", unit=Words("元", "yuan")),
)


@require_http_methods(["GET", "HEAD", "POST"])
def bank_file(request: HttpRequest) -> HttpResponse:
    """The bank's file: tried, or taken whole."""
    actor = _actor(request)
    people.require(actor, "ledger.import")
    form = given.BankFile(request.POST or None, request.FILES or None)
    found, table = None, None
    taking = request.POST.get("do") == "take"
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        call = lending.take_bank_file if taking else lending.try_bank_file
        try:
            found = call(actor=actor, name=str(sent.name), content=sent.read(lending.LARGEST + 1))
        except Refused as refused:
            given.put(form, refused)
        else:
            rows = [{"kind": kind, "number": told[0], "fen": told[1]} for kind, told in found.by_kind.items()]
            table = Table(Words("新流水", "New events"), _KINDS, rows)
            if taking and not found.problems:
                tell(request, "ok", Words(f"已入账{found.added}笔", f"{found.added} events booked"))
                return HttpResponseRedirect(reverse("loans"))
    context = {"form": form, "found": found, "table": table, "taking": taking}
    bad = form.errors or (found is not None and found.problems)
    return render(request, "lending/bank_file.html", context, status=422 if bad else 200)


_LINES = (
    Column("regime", Words("政策", "Regime")),
    Column("lines", Words("笔数", "Loans"), "number"),
    Column("interest_fen", Words("应计利息", "Interest"), "yuan", unit=Words("元", "yuan")),
    Column("subsidy_fen", Words("应贴息", "Subsidy due"), "yuan", unit=Words("元", "yuan")),
    Column("borrower_fen", Words("借款人承担", "Borrower bears"), "yuan", unit=Words("元", "yuan")),
    Column("held_back_fen", Words("暂缓拨付", "Held back"), "yuan", unit=Words("元", "yuan")),
)


@require_safe
def subsidy(request: HttpRequest) -> HttpResponse:
    """The subsidy due for a period over all loans in scope, regimes apart."""
    form = given.Period(request.GET or None)
    table, result = None, None
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            result = lending.subsidy_of(actor=_actor(request), start=told["start"], end=told["end"])
        except Refused as refused:
            given.put(form, refused)
        else:
            rows = [
                {"regime": lending.PRODUCT_WORDS.get(product, product), "lines": lines.height,
                 **{column.name: int(lines[column.name].sum()) for column in _LINES[2:]}}
                for (product,), lines in sorted(result.lines.group_by("product"))
            ]  # fmt: skip
            table = Table(Words("应贴息（分政策）", "Subsidy due, by regime"), _LINES, rows)
    context: dict[str, Any] = {
        "form": form,
        "act": _RECKON,
        "table": table,
        "refusals": result.refusals.height if result else 0,
    }
    return render(request, "lending/subsidy.html", context, status=_status(form))


def _done(form: forms.BaseForm, act: Callable[[], str]) -> HttpResponse | None:
    """Do it and go on; a refusal is put at its field, what was begun is undone with the answer's status."""
    try:
        return HttpResponseRedirect(act())
    except Refused as refused:
        if refused.code in {"not_in_scope", "not_your_role"}:
            raise
        given.put(form, refused)
        return None


def _status(form: forms.BaseForm) -> int:
    return 422 if form.is_bound and form.errors else 200
