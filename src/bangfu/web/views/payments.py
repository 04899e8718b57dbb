"""Payments: what of a cycle can be paid, batches prepared by one and released by another, results, what came back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words, said
from bangfu.web.hashes import grouped
from bangfu.web.marks import tell
from bangfu.web.views import payment_files_shown as files_shown
from bangfu.web.views import payment_forms as given
from bangfu.web.views import payments_shown as shown
from bangfu.web.views.documents import attached
from bangfu.web.views.doing import actor_of, done, posted, status_of
from bangfu.web.views.lending_forms import put
from bangfu.web.views.registry_shown import page_of
from bangfu.web.views.subsidies_shown import period_words

_METHODS = ["GET", "HEAD", "POST"]


def places_told(actor: Actor, codes: Iterable[str]) -> dict[str, str]:
    """Villages with their townships' names, in one question."""
    return registry.places_of(codes, on=actor.on)


@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    """All batches in scope, those that wait for somebody first."""
    actor = actor_of(request)
    people.require(actor, "payment.read")
    rows = payments.batches(actor=actor)
    cycles = {one.id: one for one in subsidies.cycles(actor=actor).rows}
    context = {
        "table": shown.batches_table(rows, {key: period_words(one) for key, one in cycles.items()}),
        "waiting": sum(1 for one in rows if one.state == "prepared"),
    }  # fmt: skip
    return render(request, "payments/batches.html", context)


@require_http_methods(_METHODS)
def of_cycle(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """What of a cycle is payable now, by list; who waits for what; a batch is prepared here."""
    actor = actor_of(request)
    people.require(actor, "payment.read")
    cycle = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    lists = subsidies.lists(actor=actor, cycle_id=cycle_id)
    found = payments.payable(actor=actor, cycle_id=cycle_id)
    ready = [(one.id, f"{one.township_name} · {one.bank_name}") for one in lists if one.id in found.lists]
    may_prepare = people.may(actor.role, "payment.prepare") and actor.place == cycle.county
    form = given.Batch(posted(request), lists=ready)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            told = form.cleaned_data
            whole = len(told["lists"]) == len(ready)
            made = payments.prepare(
                actor=actor,
                cycle_id=cycle_id,
                list_ids=() if whole else told["lists"],
                paid_to=told["paid_to"],
            )
            tell(
                request,
                "ok",
                Words(
                    f"已编制{shown.batch_name(made).zh}，{made.items} 笔，须由另一人复核导出。",
                    f"{shown.batch_name(made).en} is prepared with {made.items} payments; another person releases it.",
                ),
            )
            return reverse("payment", args=(made.id,))

        if answer := done(form, act):
            return answer
    paid = payments.paid_of(actor=actor, list_ids=tuple(one.id for one in lists))
    again = payments.due_again(actor=actor, cycle_id=cycle_id)
    rows = payments.batches(actor=actor, cycle_id=cycle_id)
    places = places_told(actor, {*(one.village for one in found.left_out), *(one.village for one in again)})
    finished = [one for one in lists if one.state == "payment" and paid[one.id].done]
    context = {
        "cycle": cycle, "name": period_words(cycle), "form": form, "figures": shown.figures(found, rows, len(again)),
        "table": shown.lists_table(lists, paid, found.lists), "batches": shown.batches_table(rows),
        "left_out": shown.left_out_table(
            found.left_out, places, page_of(request), asks=people.may(actor.role, "payee.request")
        ) if found.left_out else None,
        "again": shown.again_table(again, places) if again else None, "payers": shown.by_payer(found.by_source),
        "may_prepare": may_prepare and bool(ready), "finished": len(finished),
        "may_finish": bool(finished) and people.may(actor.role, "payment.result"), "found": found,
    }  # fmt: skip
    return render(request, "payments/cycle.html", context, status=status_of(form))


@require_POST
def finish(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Move on every list that is wholly paid."""
    moved = payments.finish_all(actor=actor_of(request), cycle_id=cycle_id)
    tell(request, "ok", Words(f"{len(moved)} 份清册已发完，转入发放后公告。",
                              f"{len(moved)} lists are paid; their announcement is next."))  # fmt: skip
    return HttpResponseRedirect(reverse("cycle-payments", args=(cycle_id,)))


@require_safe
def opened(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """A batch: totals, hash, files, who did what, its payments."""
    actor = actor_of(request)
    view = payments.batch(actor=actor, batch_id=payment_id)
    cycle = subsidies.cycle(actor=actor, cycle_id=view.cycle_id)
    sheet = payments.sheet_of(actor=actor, batch=view, cycle=cycle)
    towns = {one.code: one.name for one in sheet.townships}
    form = given.Items(request.GET or None, townships=towns, sent=bool(view.file_id))
    told = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = page_of(request)
    found = payments.items(actor=actor, batch_id=payment_id, page=page, **told)
    places = places_told(actor, {one.village for one in found.rows})
    role = actor.role
    context = {
        "view": view, "cycle": cycle, "name": shown.batch_name(view), "period": period_words(cycle),
        "chip": shown.batch_chip(view), "facts": shown.batch_facts(view, period_words(cycle)),
        "townships": shown.shares_table(Words("分乡镇", "By township"), sheet.townships, by="village"),
        "branches": shown.shares_table(Words("分网点", "By branch"), sheet.branches),
        "payers": shown.shares_table(Words("分资金来源", "By payer"), shown.payer_shares(view), counted=False),
        "outcomes": shown.shares_table(Words("结果", "Outcomes"), view.outcomes, by="outcome")
        if view.file_id else None,
        "form": form, "table": shown.items_table(found, places, page, role=role, sent=bool(view.file_id)),
        "files": shown.files_table(documents.files_of(subject=("payment_batch", view.id)), role=role),
        "happenings": shown.happenings(trail.history(("payment_batch", view.id))),
        "hash": grouped(view.content_hash), "file_hash": grouped(view.file_hash),
        "may_decide": view.state == "prepared" and people.may(role, "payment.release")
        and view.prepared_by != actor.account_id,
        "next": _next(actor, view),
        "may_read_back": view.state == "released" and people.may(role, "payment.result"),
    }  # fmt: skip
    return render(request, "payments/batch.html", context)


def _next(actor: Actor, view: payments.BatchView) -> dict[str, Any] | None:
    """What comes next with a batch, and whose it is; None where nothing does."""
    told = {share.code: share.items for share in view.outcomes}
    if view.state == "prepared":
        others = people.who_else(
            actor=actor, act="payment.release", places=(view.county,), without=(view.prepared_by,)
        )
        if view.prepared_by != actor.account_id and people.may(actor.role, "payment.release"):
            return {"what": Words("您来复核：核对笔数、金额和账户，导出发放文件。",
                                  "yours: check counts, amounts and accounts, and release the file.")}  # fmt: skip
        own = (
            Words("本批由您编制，", "you prepared it: ")
            if view.prepared_by == actor.account_id
            else Words("", "")
        )
        return {
            "what": Words(f"{own.zh}须由另一人复核导出。", f"{own.en}another person releases it."),
            "who": others,
        }
    if view.state == "released":
        return {"what": Words("发放文件送一卡通系统；结果文件给回后在这里读入。",
                              "the file goes to the one-card system; what it gives back is read in here.")}  # fmt: skip
    back = told.get("failed", 0) + told.get("returned", 0)
    if view.state == "done" and back:
        zh = f"{back} 笔失败或退回：没有重发的先更正账户，再进下一批。"
        en = f"{back} failed or came back: correct the account, then they go into the next batch."
        return {"what": Words(zh, en)}
    return None


@require_http_methods(_METHODS)
def decide(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Another person releases the batch, or rejects it with a reason."""
    actor = actor_of(request)
    people.require(actor, "payment.release")
    view = payments.batch(actor=actor, batch_id=payment_id)
    if view.state != "prepared":
        raise Refused("already_decided")
    if view.prepared_by == actor.account_id:
        raise people.own_step(actor=actor, act="payment.release", places=(view.county,))
    cycle = subsidies.cycle(actor=actor, cycle_id=view.cycle_id)
    form = given.Decision(posted(request), initial={"seen_hash": view.content_hash})
    back = reverse("payment", args=(payment_id,))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            told = form.cleaned_data
            if told["outcome"] == given.REJECT:
                payments.reject(
                    actor=actor, batch_id=payment_id, seen_hash=told["seen_hash"], reason=told["reason"]
                )
                tell(
                    request,
                    "ok",
                    Words("批次未通过，各笔留待下一批。", "Rejected; its lines wait for the next batch."),
                )
            else:
                payments.release(actor=actor, batch_id=payment_id, seen_hash=told["seen_hash"])
                tell(request, "ok", Words("已导出，发放文件和控制单在下面。",
                                          "Released: the file and its control sheet are below."))  # fmt: skip
            return back

        if answer := _decided(form, act):
            return answer
    sheet = payments.sheet_of(actor=actor, batch=view, cycle=cycle)
    context = {
        "view": view, "name": shown.batch_name(view), "period": period_words(cycle), "form": form, "back": back,
        "townships": shown.shares_table(
            Words("分乡镇", "By township"), sheet.townships, by="village", page=back
        ),
        "payers": shown.shares_table(Words("分资金来源", "By payer"), shown.payer_shares(view), counted=False),
        "hash": grouped(view.content_hash), "cycle": cycle,
    }  # fmt: skip
    return render(request, "payments/decide.html", context, status=status_of(form))


def _decided(form: forms.Form, act: Callable[[], str]) -> HttpResponse | None:
    """As ``done``; money that does not reach is said in words, with what is there."""
    try:
        return HttpResponseRedirect(act())
    except Refused as refused:
        if refused.code == "budget_short":
            form.add_error(None, said(*_short(refused)))
            return None
        if refused.code in {"own_step", "already_decided", "not_in_scope", "not_your_role"}:
            raise
        put(form, refused)
        return None


def _short(refused: Refused) -> tuple[str, str]:
    facts = refused.facts
    source, year = facts["source"], facts["year"]
    needed, there = shown.yuan(facts["needed_fen"]), shown.yuan(facts["there_fen"])
    return (
        f"{year} 年度{source.zh}资金不够：本批需要 {needed} 元，可送发放 {there} 元。请先登记下达的指标。",
        f"The {source.en} money of {year} does not reach: {needed} yuan are needed, {there} are there; allot first.",
    )


@require_safe
def control(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """The control sheet as a paper."""
    actor = actor_of(request)
    view = payments.batch(actor=actor, batch_id=payment_id)
    content = payments.control_paper(actor=actor, batch_id=payment_id)
    name = f"{view.county}-{view.number:02d}-control.pdf"
    return attached(content, name=name, media_type="application/pdf")


@require_http_methods(_METHODS)
def results(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """The result file: tried with every row that does not match, or taken whole."""
    actor = actor_of(request)
    people.require(actor, "payment.result")
    view = payments.batch(actor=actor, batch_id=payment_id)
    if view.file_id is None:
        raise Refused("wrong_stage")
    cycle = subsidies.cycle(actor=actor, cycle_id=view.cycle_id)
    system = payments.format_of(actor=actor, county=view.county)
    doing = request.POST.get("do", "")
    form = given.Upload(posted(request), request.FILES or None)
    found, back = None, reverse("payment", args=(payment_id,))
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data["file"]
        content = sent.read()
        try:
            if doing == "take":
                found = payments.take_results(
                    actor=actor, batch_id=payment_id, content=content, name=str(sent.name)
                )
            else:
                found = payments.try_results(actor=actor, batch_id=payment_id, content=content)
        except Refused as refused:
            if refused.code in {"not_in_scope", "not_your_role", "already_decided"}:
                raise
            put(form, refused)
        else:
            if doing == "take" and not found.problems:
                tell(request, "ok", _taken(found))
                return HttpResponseRedirect(back)
    context = {
        "view": view, "name": shown.batch_name(view), "period": period_words(cycle), "form": form, "back": back,
        "found": found, "figures": files_shown.read_figures(found) if found else (),
        "facts": files_shown.result_facts(view), "expected": files_shown.expected(system), "taking": doing == "take",
        "problems": files_shown.problems_table(found.problems) if found and found.problems else None, "cycle": cycle,
    }  # fmt: skip
    bad = form.errors or (found is not None and found.problems)
    return render(request, "payments/results.html", context, status=422 if bad else 200)


def _taken(found: payments.ResultsRead) -> Words:
    if found.taken_before:
        return Words("这个文件已经读入过，没有变化。", "This very file was read before; nothing changed.")
    return Words(
        f"已读入：成功 {found.paid} 笔，失败 {found.failed} 笔，退回 {found.returned} 笔。",
        f"Read: {found.paid} paid, {found.failed} failed, {found.returned} returned.",
    )


@require_http_methods(_METHODS)
def came_back(request: HttpRequest, payment_id: UUID, item: int) -> HttpResponse:
    """A paid payment came back later."""
    actor = actor_of(request)
    people.require(actor, "payment.result")
    view = payments.batch(actor=actor, batch_id=payment_id)
    found = payments.items(actor=actor, batch_id=payment_id, page=item, size=1).rows if item else ()
    if not found:
        raise Refused("not_in_scope")
    paid = found[0]
    form = given.CameBack(posted(request), initial={"on": actor.on})
    back = reverse("payment", args=(payment_id,))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            payments.record_return(actor=actor, item_id=paid.id, **form.cleaned_data)
            tell(request, "ok", Words("已登记退回，这一笔待重发。", "Entered; the payment is due again."))
            return f"{back}?outcome=returned"

        if answer := done(form, act):
            return answer
    context = {
        "view": view, "name": shown.batch_name(view), "item": paid, "form": form, "back": back,
        "facts": shown.item_facts(paid, places_told(actor, [paid.village])),
    }  # fmt: skip
    return render(request, "payments/came_back.html", context, status=status_of(form))
