"""Proof that the money reached the household, entered by hand where no card or ledger says so; and recoveries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments import api as payments
from bangfu.casework.payments.api import OUTCOMES, RECOVERED_FROM, UNPROVED
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Fact, Figure, Pager, Tab, Table
from bangfu.web.views import payment_forms as given
from bangfu.web.views import payments_shown as shown
from bangfu.web.views.doing import actor_of, done, posted, status_of
from bangfu.web.views.registry_shown import page_of
from bangfu.web.views.subsidies_shown import YUAN, period_words, without

_METHODS = ["GET", "HEAD", "POST"]
_PAGE = 50
DAYS = Words("天", "days")
_MISSING = (
    Column("who", Words("收款人、贷款", "Payee, loan"), "html"),
    Column("village", Words("村", "Village")),
    Column("to", Words("发到", "Paid to")),
    Column("amount_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("paid_on", Words("发放日期", "Paid on"), "day"),
    Column("days", Words("已过", "Since"), "number", unit=DAYS),
    Column("why", Words("缺什么", "What is missing")),
    Column("do", Words("办理", "Act"), link="url"),
)


def tabs(current: str) -> list[Tab]:
    """What is watched after a payment."""
    known = (("proofs", Words("到户凭证", "Proofs")), ("recoveries", Words("追回", "Recoveries")))
    return [Tab(words, reverse(name), name == current) for name, words in known]


@require_safe
def missing(request: HttpRequest) -> HttpResponse:
    """What is paid and not yet proved to have reached the household, the oldest first."""
    actor = actor_of(request)
    form = given.Missing(request.GET or None)
    paid_to = form.cleaned_data["paid_to"] if form.is_bound and form.is_valid() else ""
    wanted = request.GET.get("cycle") or None
    cycle = subsidies.cycle(actor=actor, cycle_id=wanted) if wanted else None
    page = page_of(request)
    found = payments.proofs_missing(actor=actor, cycle_id=wanted, paid_to=paid_to, page=page)
    places = registry.places_of({one.village for one in found.rows}, on=actor.on)
    may = people.may(actor.role, "proof.write")
    rows = [
        {
            "who": shown.who(one.payee_name, one.loan_id, one.line_id), "village": places.get(one.village, one.village),
            "to": shown.paid_to_words(one.paid_to), "amount_fen": one.amount_fen, "paid_on": one.paid_on,
            "days": one.days, "why": UNPROVED[one.why], "do": Words("登记凭证", "enter a proof"),
            "url": reverse("proof", args=(one.line_id,)),
        }
        for one in found.rows
    ]  # fmt: skip
    pager = Pager(page, max(1, -(-found.total // _PAGE)), found.total)
    table = Table(
        Words("还没有到户凭证的", "Not proved yet"), _MISSING if may else without(_MISSING, "do"), rows, pager=pager,
        empty=Words("已发放的都有到户凭证", "Everything that was paid is proved to have arrived"),
    )  # fmt: skip
    figures = [
        Figure(Words("没有到户凭证", "Not proved"), found.total, unit=Words("笔", "payments"),
               tone="warn" if found.total else "ok"),
        Figure(Words("金额", "Amount"), found.fen, "yuan", YUAN),
        *([Figure(Words("最久", "The oldest"), found.rows[0].days, unit=DAYS)] if found.rows and page == 1 else []),
    ]  # fmt: skip
    context = {
        "form": form, "table": table, "figures": figures, "tabs": tabs("proofs"),
        "period": period_words(cycle) if cycle else None,
    }  # fmt: skip
    return render(request, "proofs/missing.html", context)


@require_http_methods(_METHODS)
def prove(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Enter a paper that proves the arrival of a line's payment."""
    actor = actor_of(request)
    people.require(actor, "proof.write")
    attempts = payments.items_of_line([line_id])
    if not attempts:
        raise Refused("not_in_scope")
    item = attempts[-1]
    form = given.Proof(posted(request), request.FILES or None, initial={"on": actor.on})
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            told = form.cleaned_data
            sent = told["file"]
            payments.prove(
                actor=actor,
                item_id=item.id,
                on=told["on"],
                name=str(sent.name),
                content=sent.read(),
                note=told["note"],
            )
            tell(request, "ok", Words("已登记到户凭证。", "The proof is entered."))
            return reverse("subsidy-line", args=(line_id,))

        if answer := done(form, act):
            return answer
    places = registry.places_of([item.village], on=actor.on)
    facts = [*shown.item_facts(item, places), Fact(Words("结果", "Outcome"), OUTCOMES[item.outcome])]
    context = {"form": form, "item": item, "facts": facts, "back": reverse("proofs")}
    return render(request, "proofs/prove.html", context, status=status_of(form))


_RECOVERIES = (
    Column("who", Words("借款人、贷款", "Borrower, loan"), "html"),
    Column("village", Words("村", "Village")),
    Column("ground", Words("原因", "Why")),
    Column("due_fen", Words("应追回", "To recover"), "yuan", unit=YUAN),
    Column("back_fen", Words("已追回", "Recovered"), "yuan", unit=YUAN),
    Column("open_fen", Words("还差", "Missing"), "yuan", unit=YUAN),
    Column("last", Words("最近一次", "Last receipt"), "day"),
    Column("chip", Words("状态", "State"), "chip"),
    Column("do", Words("办理", "Act"), link="url"),
)


@require_safe
def recoveries(request: HttpRequest) -> HttpResponse:
    """What was paid too much and is to come back, by receipts."""
    actor = actor_of(request)
    only_open = "all" not in request.GET
    request.current_url = reverse("proofs")  # type: ignore[attr-defined] # one entry of the navigation for both
    every = payments.recoveries(actor=actor)
    listed = [one for one in every if one.open_fen or not only_open]
    page = page_of(request)
    rows = [_recovery(one, actor) for one in listed[(page - 1) * _PAGE : page * _PAGE]]
    pager = Pager(page, max(1, -(-len(listed) // _PAGE)), len(listed))
    table = Table(
        Words("待追回", "To be recovered") if only_open else Words("追回", "Recoveries"), _RECOVERIES, rows,
        pager=pager, empty=Words("没有待追回的", "Nothing is to be recovered"),
    )  # fmt: skip
    due, back = sum(one.due_fen for one in every), sum(one.back_fen for one in every)
    figures = [
        Figure(Words("应追回", "To recover"), due, "yuan", YUAN),
        Figure(Words("已追回", "Recovered"), back, "yuan", YUAN),
        Figure(Words("还差", "Missing"), due - back, "yuan", YUAN, tone="warn" if due > back else "ok"),
    ]  # fmt: skip
    context = {"table": table, "figures": figures, "tabs": tabs("recoveries"), "only_open": only_open}
    return render(request, "proofs/recoveries.html", context)


def _recovery(one: payments.RecoveryView, actor: Actor) -> dict[str, object]:
    line = one.line
    may = people.may(actor.role, "recovery.write") and line.status == "open"
    chip = (
        Chip("ok", Words("已追回", "recovered"))
        if not one.open_fen
        else Chip("wait", Words("未追回", "open"))
    )
    return {
        "who": shown.who(line.borrower_name, line.loan_id, line.id), "village": line.village_name,
        "ground": subsidies.GROUNDS.get(line.ground, line.ground), "due_fen": one.due_fen, "back_fen": one.back_fen,
        "open_fen": one.open_fen or None, "last": one.receipts[-1][0] if one.receipts else None, "chip": chip,
        "do": Words("登记收款", "enter a receipt") if one.open_fen and may else Words("查看", "see"),
        "url": reverse("recovery", args=(line.id,)),
    }  # fmt: skip


_RECEIPTS = (
    Column("on", Words("日期", "Day"), "day"),
    Column("fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("whom", Words("从谁追回", "From whom")),
    Column("voucher", Words("凭证号", "Receipt")),
)


@require_http_methods(_METHODS)
def receipt(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """A recovery with its receipts; another one is entered here."""
    actor = actor_of(request)
    found = next((one for one in payments.recoveries(actor=actor) if one.line.id == line_id), None)
    if found is None:
        raise Refused("not_in_scope")
    may = people.may(actor.role, "recovery.write") and bool(found.open_fen) and found.line.status == "open"
    if request.method == "POST":
        people.require(actor, "recovery.write")
    form = given.Receipt(posted(request), initial={"on": actor.on, "amount": found.open_fen})
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            told = dict(form.cleaned_data)
            payments.recovered(actor=actor, line_id=line_id, amount_fen=told.pop("amount"), **told)
            tell(request, "ok", Words("已登记追回。", "The receipt is entered."))
            return reverse("recovery", args=(line_id,))

        if answer := done(form, act):
            return answer
    rows = [
        {"on": on, "fen": fen, "whom": RECOVERED_FROM[whom], "voucher": voucher}
        for on, fen, whom, voucher in found.receipts
    ]
    line = found.line
    last_day = line.end - timedelta(days=1)
    context = {
        "form": form, "line": line, "last_day": last_day, "may": may, "back": reverse("recoveries"),
        "receipts": Table(Words("已追回的", "Receipts"), _RECEIPTS, rows, empty=Words("还没有", "None yet")),
        "figures": [
            Figure(Words("应追回", "To recover"), found.due_fen, "yuan", YUAN),
            Figure(Words("已追回", "Recovered"), found.back_fen, "yuan", YUAN),
            Figure(Words("还差", "Missing"), found.open_fen, "yuan", YUAN, tone="warn" if found.open_fen else "ok"),
        ],
        "ground": subsidies.GROUNDS.get(line.ground, line.ground),
    }  # fmt: skip
    return render(request, "proofs/receipt.html", context, status=status_of(form))
