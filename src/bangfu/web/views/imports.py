"""Whole files: uploaded, looked at, confirmed, watched, taken back; and the jobs that do the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.imports import api
from bangfu.casework.people import api as people
from bangfu.casework.words import Words, said
from bangfu.facts import TABLES
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Fact, Happening, Pager, Table, Tone
from bangfu.web.views.documents import XLSX, attached
from bangfu.web.views.registry_shown import page_of

_SIZE = 50
_TONES: Mapping[str, Tone] = {
    "refused": "bad", "read": "wait", "asked": "wait", "waiting": "wait", "importing": "info", "failed": "bad",
    "done": "ok", "undone": "off",
}  # fmt: skip
_JOB_TONES: Mapping[str, Tone] = {"todo": "wait", "doing": "info", "succeeded": "ok", "failed": "bad"}
_RUNNING = frozenset({"waiting", "importing"})
_RESTING: Mapping[str, Words] = {
    "corrections": Words("其中的记录已被更正", "rows of it were corrected since"),
    "events": Words("其贷款的后续流水", "later events of its loans"),
    "loans": Words("其农户的后续贷款", "later loans of its households"),
    "members": Words("其农户的后续成员变动", "later members of its households"),
    "rosters": Words("其农户的后续名单变动", "later list entries of its households"),
    "renewals": Words("其贷款的后续续贷", "later renewals of its loans"),
    "applications": Words("其农户的贷款申请", "applications of its households"),
    "disbursements": Words("其贷款的放款记录", "disbursements of its loans"),
    "ratings": Words("其农户的评级授信", "ratings of its households"),
    "households": Words("登记在其村的农户", "households in its places"),
    "branch_loans": Words("其网点的贷款", "loans of its branches"),
}
_OTHER_TABLES: Mapping[str, Words] = {
    "areas": Words("行政区划", "places"),
    "institutions": Words("机构网点", "branches"),
}


class Upload(forms.Form):
    """A file to import."""

    kind = forms.ChoiceField(
        label=said("导入内容", "What it holds"),
        choices=[(code, said(w.zh, w.en)) for code, w in api.KINDS.items()],
    )
    file = forms.FileField(
        label=said("文件", "File"),
        help_text=said(
            "XLSX、CSV，或由 CSV、Parquet、XLSX 组成的 ZIP，不超过 100 MB。",
            "XLSX or CSV, or a ZIP of CSV, Parquet or XLSX; 100 MB at most.",
        ),
    )
    whole = forms.BooleanField(
        label=said("这是所列各村的完整名单", "The lists of the villages it names are complete"),
        help_text=said(
            "勾选后，这些村现有名单中未出现的户，自导入之日起退出名单。只用于名单。",
            "If ticked, households of these villages that it leaves out leave the lists on the day of the import.",
        ),
        required=False,
    )


class Asking(forms.Form):
    """Why an import is asked for."""

    why = forms.CharField(
        label=said("理由", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class Undoing(forms.Form):
    """Why an import is taken back."""

    reason = forms.CharField(
        label=said("撤销理由", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The imports in scope."""
    page = page_of(request)
    rows, total = api.batches(page=page, size=_SIZE)
    columns = (
        Column("name", Words("文件", "File"), link="url"),
        Column("kind", Words("内容", "Holds")),
        Column("who", Words("经办人", "By")),
        Column("at", Words("时间", "When"), kind="moment", narrow=True),
        Column("state", Words("状态", "State"), kind="chip"),
    )
    cells = [
        {
            "name": one.name, "kind": str(api.KINDS.get(one.kind, one.kind)), "who": one.started_name, "at": one.at,
            "state": _chip(one), "url": reverse("import", args=(one.id,)),
        }
        for one in rows
    ]  # fmt: skip
    pager = Pager(page, max(1, -(-total // _SIZE)), total)
    mine = bool(_kinds_of(request.actor))  # type: ignore[attr-defined]
    table = Table(Words("导入记录", "Imports"), columns, cells, pager=pager, empty=_NONE_YET[mine])
    return render(request, "imports/list.html", {"table": table, "may_new": mine})


_NONE_YET = {
    True: Words(
        "还没有导入过文件。点右上角“上传文件”：先核对、看清差异，再确认导入。",
        "Nothing was imported yet. Upload a file: it is checked first, you see the difference, then you confirm.",
    ),
    False: Words(
        "辖区内还没有导入过文件。名单由乡镇和县局导入，贷款和流水由县联社导入。",
        "Nothing was imported in your area yet. Townships and the bureau import lists, the county bank its loans.",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Upload a file: it is read and compared, and nothing else."""
    actor = request.actor  # type: ignore[attr-defined]
    mine = _kinds_of(actor)
    if not mine:
        raise Refused("not_your_role")
    form = Upload(request.POST or None, request.FILES or None)
    form.fields["kind"].choices = [(code, str(api.KINDS[code])) for code in mine]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = api.inspect(
                actor=actor, name=file.name, content=file.read(api.LARGEST + 1), kind=form.cleaned_data["kind"],
                whole=form.cleaned_data["whole"],
            )  # fmt: skip
        except Refused as refused:
            if refused.field not in form.fields:
                raise
            why = refused.facts.get("why")
            words = str(refused.words) + (f"：{why}" if why else "")
            form.add_error(refused.field, words)
        else:
            return HttpResponseRedirect(reverse("import", args=(batch.id,)))
    context = {"form": form, "kinds": [(code, api.KINDS[code]) for code in mine]}
    return render(request, "imports/new.html", context, status=422 if form.errors else 200)


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The workbook to fill in."""
    del request
    if kind not in api.KINDS:
        raise Refused("not_in_scope")
    name = "bangfu-areas.xlsx" if kind == "areas" else "bangfu-template.xlsx"
    return attached(api.template_workbook(kind), name=name, media_type=XLSX)


@require_safe
def one(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One import: what it would do or did, what stands against it, and the way on."""
    actor = request.actor  # type: ignore[attr-defined]
    batch = api.batch_of(batch_id)
    return render(request, "imports/one.html", _shown(actor, batch))


@require_safe
def progress(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How far it is: a part of the page, asked for again until it is over."""
    batch = api.batch_of(batch_id)
    if batch.state not in _RUNNING and getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": reverse("import", args=(batch.id,))})
    actor = request.actor  # type: ignore[attr-defined]
    return render(request, "imports/progress.html", _shown(actor, batch))


@require_POST
def confirm(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Have it imported as it was seen, or ask for it."""
    actor = request.actor  # type: ignore[attr-defined]
    batch = api.batch_of(batch_id)
    seen_hash = request.POST.get("seen_hash", "")
    if api.may_ask(actor, batch):
        form = Asking(request.POST)
        if not form.is_valid():
            return render(request, "imports/one.html", {**_shown(actor, batch), "asking": form}, status=422)
        api.ask_for(actor=actor, batch_id=batch_id, seen_hash=seen_hash, why=form.cleaned_data["why"])
        tell(request, "ok", Words("已提交申请，等待审批。", "It is asked for and waits for approval."))
    else:
        api.queue_import(actor=actor, batch_id=batch_id, seen_hash=seen_hash)
    return HttpResponseRedirect(reverse("import", args=(batch_id,)))


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Take an import back; what rests on it is named first."""
    actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "import.undo")
    batch = api.batch_of(batch_id)
    if batch.state != "done":
        raise Refused("wrong_stage", state=batch.state)
    form = Undoing(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            api.undo(actor=actor, batch_id=batch_id, reason=form.cleaned_data["reason"])
        except Refused as refused:
            if refused.code == "rests_on":
                form.add_error(None, str(refused.words))
            elif refused.field in form.fields:
                form.add_error(refused.field, str(refused.words))
            else:
                raise
        else:
            tell(request, "ok", Words("导入已撤销。", "The import is undone."))
            return HttpResponseRedirect(reverse("import", args=(batch_id,)))
    resting = [
        {"what": str(_RESTING[name]), "count": told["count"]}
        for name, told in api.resting_on(batch.id).items()
    ]
    columns = (
        Column("what", Words("以其为据的后续记录", "What rests on it")),
        Column("count", Words("数量", "Count"), kind="number"),
    )
    context = {
        "batch": batch,
        "form": form,
        "resting": Table(Words("后续记录", "Later records"), columns, resting),
        "blocked": bool(resting),
    }
    return render(request, "imports/undo.html", context, status=422 if form.errors else 200)


@require_safe
def problems(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The bad rows, to take away."""
    batch = api.batch_of(batch_id)
    actor = request.actor  # type: ignore[attr-defined]
    content = api.problems_workbook(actor=actor, batch=batch)
    return attached(content, name="problems.xlsx", media_type=XLSX)


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """What the worker does and did."""
    actor = request.actor  # type: ignore[attr-defined]
    page = page_of(request)
    rows, total = api.jobs(actor=actor, state=request.GET.get("state", ""), page=page, size=_SIZE)
    columns = (
        Column("id", Words("编号", "No."), narrow=True),
        Column("words", Words("事项", "What"), link="url"),
        Column("who", Words("经办人", "By")),
        Column("at", Words("提交时间", "When"), kind="moment", narrow=True),
        Column("state", Words("状态", "State"), kind="chip"),
        Column("error", Words("原因", "Why")),
        Column("act", Words("操作", "Action"), link="retry"),
    )
    cells = []
    for job in rows:
        failed = job.state == "failed"
        batch = job.arguments.get("batch_id")
        cells.append(
            {
                "id": job.id, "words": str(job.words), "who": job.who, "at": job.asked_at, "error": str(job.error),
                "state": Chip(_JOB_TONES.get(job.state, "off"), job.state_words),
                "url": reverse("import", args=(batch,)) if batch and actor.role != "admin" else "",
                "act": str(Words("重试", "Retry")) if failed else "",
                "retry": reverse("job-retry", args=(job.id,)) if failed else "",
            }
        )  # fmt: skip
    pager = Pager(page, max(1, -(-total // _SIZE)), total)
    table = Table(Words("后台任务", "Jobs"), columns, cells, pager=pager, empty=_NO_JOBS)
    return render(request, "imports/jobs.html", {"table": table})


_NO_JOBS = Words(
    "没有后台任务。确认导入文件后，办理到哪一步在这里看得到。",
    "No jobs. Once an import is confirmed, this page shows how far it is.",
)


@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Have a failed job done again, after a question."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        api.retry(actor=actor, job_id=job_id)
        tell(request, "ok", Words("已重新排队。", "It is queued again."))
        return HttpResponseRedirect(reverse("jobs"))
    context = {
        "question": Words("再办一次这项任务？", "Do this job again?"),
        "facts": [Fact(Words("编号", "No."), str(job_id))],
        "action": reverse("job-retry", args=(job_id,)),
        "back": reverse("jobs"),
    }
    return render(request, "imports/retry.html", context)


def _kinds_of(actor: Actor) -> list[str]:
    """What the actor may import, or ask for."""
    return [
        code for code, acts in api.ACTS.items() if any(act and people.may(actor.role, act) for act in acts)
    ]


def _chip(batch: api.Batch) -> Chip:
    return Chip(_TONES.get(batch.state, "off"), batch.words)


def _table_name(name: str) -> str:
    if name in _OTHER_TABLES:
        return str(_OTHER_TABLES[name])
    return str(Words(TABLES[name].zh, name)) if name in TABLES else name


def _shown(actor: Actor, batch: api.Batch) -> dict[str, Any]:
    """What the page of an import shows."""
    told = batch.told
    done = batch.last("done")
    counts = _in_order((done or told).get("counts", {}))
    direct = people.may(actor.role, api.ACTS.get(batch.kind, ("", ""))[0])
    asks = batch.kind in api.ACTS and api.may_ask(actor, batch)
    failed = batch.last("failed") if batch.state == "failed" else {}
    overtaken = failed.get("code") == "content_changed"
    tables = [step.told for step in batch.steps if step.state == "importing" and "table" in step.told]
    return {
        "batch": batch,
        "chip": _chip(batch),
        "kind": api.KINDS.get(batch.kind, Words(batch.kind, batch.kind)),
        "counts": _counts(batch, counts),
        "sums": _sums(counts),
        "happenings": _happenings(batch),
        "subject": f"import:{batch.id}",
        "may_new": bool(_kinds_of(actor)),
        "problems": _problems(told.get("problems", [])[:_SIZE]),
        "problem_count": told.get("problem_count", 0),
        "notes": [(count, Words(zh, en)) for _, count, zh, en in told.get("notes", [])],
        "changes": _changes(told.get("changes", {})),
        "nothing": not any(row[one] for row in counts.values() for one in ("new", "changed", "ended")),
        "may_confirm": direct and batch.state in {"read", "failed"} and not overtaken,
        "overtaken": overtaken,
        "asks": asks and batch.state == "read",
        "asking": Asking(),
        "may_undo": batch.state == "done" and people.may(actor.role, "import.undo"),
        "seen_hash": api.seen_hash_of(batch),
        "running": batch.state in _RUNNING,
        "failed": Words(failed["zh"], failed["en"]) if failed else "",
        "progress": [(_table_name(one["table"]), one["rows"]) for one in tables],
        "planned": len(told.get("counts", {})),
    }


_HAPPENED: Mapping[str, Words] = {
    "refused": Words("上传，未通过核对", "uploaded and not accepted"),
    "read": Words("上传并核对", "uploaded and checked"),
    "asked": Words("提交申请", "asked for"),
    "waiting": Words("确认导入", "confirmed"),
    "importing": Words("开始导入", "begun"),
    "failed": Words("导入中断", "stopped"),
    "done": Words("导入完成", "imported"),
    "undone": Words("撤销", "undone"),
}
_DID = ("new", "changed", "ended", "same")


def _in_order(counts: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    """The tables in the order in which the templates have them; the database keeps no order of keys."""
    known = [*_OTHER_TABLES, *TABLES]
    return {name: counts[name] for name in sorted(counts, key=known.index)}


def _sums(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {one: sum(row[one] for row in counts.values()) for one in _DID}


def _happenings(batch: api.Batch) -> list[Happening]:
    """The states it went through, the latest first; how far the writing was is left out."""
    shown = []
    for step in reversed(batch.steps):
        if "table" in step.told:
            continue
        told = step.told.get("reason") or step.told.get("why") or ""
        text = Words(step.told["zh"], step.told["en"]) if step.state == "failed" else told
        who = batch.started_name if step is batch.steps[0] else ""
        shown.append(Happening(step.at, _HAPPENED[step.state], text, who=who, tone=_TONES[step.state]))
    return shown


def _caption(batch: api.Batch) -> Words:
    if batch.state == "done":
        return Words("已导入的内容", "What it brought")
    if batch.state == "undone":
        return Words("曾导入、已撤销的内容", "What it had brought, undone since")
    return Words("与现有数据的差异", "The difference to what is known")


def _counts(batch: api.Batch, counts: Mapping[str, Mapping[str, int]]) -> Table:
    columns = (
        Column("table", Words("表", "Table")),
        Column("new", Words("新增", "New"), kind="number"),
        Column("changed", Words("变更", "Changed"), kind="number"),
        Column("ended", Words("结束", "Ended"), kind="number"),
        Column("same", Words("不变", "The same"), kind="number"),
    )
    rows = [{"table": _table_name(name), **row} for name, row in counts.items()]
    totals = {"table": Words("合计", "Total"), **_sums(counts)}
    return Table(_caption(batch), columns, rows, totals=totals if rows else None)


def _problems(problems: list[list[Any]]) -> Table:
    columns = (
        Column("where", Words("位置", "Where")),
        Column("row", Words("行", "Row"), narrow=True),
        Column("column", Words("列", "Column")),
        Column("value", Words("内容", "Cell")),
        Column("what", Words("问题", "Problem")),
    )
    rows = [
        {
            "where": " ".join(part for part in (file, sheet) if part), "row": "" if row is None else row,
            "column": column, "value": value, "what": str(Words(zh, en)),
        }
        for file, sheet, row, column, value, _, zh, en in problems
    ]  # fmt: skip
    return Table(Words("有问题的行", "Bad rows"), columns, rows)


def _changes(changes: Mapping[str, list[Mapping[str, list[str]]]]) -> list[Table]:
    columns = (
        Column("key", Words("编号", "Which")),
        Column("column", Words("项目", "Field")),
        Column("was", Words("现为", "Is")),
        Column("now", Words("改为", "Becomes")),
    )
    tables = []
    for name, rows in changes.items():
        cells = []
        for row in rows:
            key = " ".join(now for was, now in row.values() if was == now)
            cells += [
                {"key": key, "column": _column_name(name, column), "was": was, "now": now}
                for column, (was, now) in row.items()
                if was != now
            ]
        title = Words(
            f"{_table_name(name)}：变更（前 50 条）", f"{_table_name(name)}: changes (the first 50)"
        )
        tables.append(Table(title, columns, cells))
    return tables


def _column_name(table: str, column: str) -> str:
    if table not in TABLES:
        return column
    found = TABLES[table].column(column)
    return str(Words(found.zh, found.name))
