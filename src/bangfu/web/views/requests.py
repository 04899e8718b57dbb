"""Requests: the list, one with its effect and its decision, the forms that ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words, said
from bangfu.web.fields import DayField
from bangfu.web.marks import tell
from bangfu.web.parts import Fact, Table
from bangfu.web.views.registry_shown import (
    ALL,
    REQUEST_COLUMNS,
    REQUEST_STATES,
    area_choices,
    page_of,
    pager,
    request_rows,
)

SIZE = 50
_NOT_THE_HEAD = ("members", "new_head_id")  # who is head stays, or is followed by another
_SECTIONS = (
    ("rosters", Words("名单、成员", "Rosters and members")),
    ("loans", Words("贷款", "Loans")),
    ("applications", Words("在办申请", "Applications in progress")),
    ("duties", Words("随之要办的事", "What has to be done then")),
)


class Filter(forms.Form):
    """The bar above the list."""

    state = forms.ChoiceField(label=said("状态", "State"), required=False)
    kind = forms.ChoiceField(label=said("事项", "Request"), required=False)
    mine = forms.BooleanField(label=said("仅本人提出的", "Only mine"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        states = [(code, chip.label) for code, chip in REQUEST_STATES.items()]
        self.fields["state"].choices = [ALL, *states]  # type: ignore[attr-defined]
        kinds = [(one.code, one.words) for one in requests.kinds().values()]
        self.fields["kind"].choices = [ALL, *kinds]  # type: ignore[attr-defined]


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The requests in scope, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = Filter(request.GET)
    form.is_valid()
    told, page = form.cleaned_data, page_of(request)
    found = requests.listed(
        actor=actor, state=told.get("state", ""), kind=told.get("kind", ""), mine=told.get("mine", False), page=page,
        size=SIZE,
    )  # fmt: skip
    names = _subjects([one.subject for one in found.rows], on=actor.on)
    table = Table(
        Words("变更申请", "Requests"), REQUEST_COLUMNS, request_rows(found.rows, names),
        pager=pager(page, max(1, -(-found.total // SIZE)), found.total),
        empty=_none(actor, filtered=any(told.values())),
    )  # fmt: skip
    return render(request, "requests/list.html", {"form": form, "table": table})


def _subjects(subjects: Sequence[tuple[str, str]], *, on: date) -> dict[str, str]:
    """What requests are about, by id: heads of households, names of places and of people; one question a sort."""
    by: dict[str, list[str]] = {}
    for concept, subject_id in subjects:
        by.setdefault(concept, []).append(subject_id)
    accounts = people.names_of(int(one) for one in by.get("account", ()) if one.isdecimal())
    return {
        **registry.household_names(by.get("household", ()), on=on),
        **registry.places_of(by.get("area", ()), on=on),
        **{str(account_id): name for account_id, name in accounts.items()},
    }


def _none(actor: Actor, *, filtered: bool) -> Words:
    """What an empty list says: how to see more, or where a request begins for who may make one."""
    if filtered:
        return Words(
            "没有符合条件的申请。点“清除”看全部。", "No request fits the filter. Choose “Clear” to see all."
        )
    if people.may(actor.role, "household.request") or people.may(actor.role, "roster.request"):
        return Words(
            "还没有变更申请。打开一户的页面，在“申请变更”一栏提出。",
            "There is no request yet. Open a household's page and choose what has to change there.",
        )
    if people.may(actor.role, "area.request"):
        return Words(
            "还没有变更申请。村名、并村和主责任银行的变更，在“行政区划”“机构与主责任银行”页提出。",
            "There is no request yet. Changes of places and lead banks begin on their pages.",
        )
    if people.may(actor.role, "account.write"):
        return Words(
            "还没有变更申请。授予岗位、工作交接在账户页提出，由另一名管理员批准。",
            "There is no request yet. Roles and hand-overs begin on the page of an account.",
        )
    return Words("辖区内还没有变更申请。", "Nobody in your scope has asked for a change yet.")


@require_safe
def detail(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request: what is asked, why, what it would do; and the decision, for who may decide."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _shown(request, actor, requests.get(actor=actor, request_id=request_id))


def _shown(
    request: HttpRequest,
    actor: Actor,
    one: requests.RequestView,
    *,
    error: Words | None = None,
    status: int = 200,
) -> HttpResponse:
    kind = requests.kinds()[one.kind]
    effect = one.decided_effect or one.effect_now or one.effect
    others = one.asked_by != actor.account_id
    facts = [
        Fact(Words("事项", "Request"), kind.words, clauses=kind.clauses),
        Fact(Words("申请人", "Asked by"), one.asked_name, note=_role(one.asked_role)),
        Fact(Words("申请时间", "Asked"), one.asked_at, "moment"),
        Fact(Words("理由", "Reason"), one.why),
        *_details(kind, one, actor.on),
    ]
    if one.decided_at is not None:
        facts += [
            Fact(Words("审批人", "Decided by"), one.decided_name, note=_role(one.decided_role)),
            Fact(Words("审批时间", "Decided"), one.decided_at, "moment"),
            Fact(Words("审批意见", "Remark"), one.reason),
        ]
    context = {
        "one": one,
        "kind": kind,
        "facts": facts,
        "state": REQUEST_STATES[one.state],
        "sections": _sections(effect),
        "changed": one.state == requests.OPEN and one.effect_now is not None and one.effect_now != one.effect,
        "may_decide": one.state == requests.OPEN and others and people.may(actor.role, kind.decide_act),
        "may_withdraw": one.state == requests.OPEN and not others,
        "error": error,
        "back": _subject_url(one),
    }
    return render(request, "requests/detail.html", context, status=status)


def _role(code: str) -> Words | str:
    found = people.ROLES.get(code)
    return found.words if found else code


def _sections(effect: Mapping[str, Any]) -> list[tuple[Words, list[tuple[Words, list[str]]]]]:
    return [
        (words, [(requests.said(line), line.get("clauses", [])) for line in effect[name]])
        for name, words in _SECTIONS
        if effect.get(name)
    ]


def _details(kind: requests.Kind, one: requests.RequestView, on: date) -> list[Fact]:
    """The fields as they were filled in, codes and ids in words."""
    told = one.details

    def of(*wanted: str) -> list[str]:
        return [str(told[each.name]) for each in kind.fields if each.kind in wanted and told.get(each.name)]

    names = {
        **registry.household_names(of("household"), on=on),
        **registry.places_of(of("area", "place"), on=on),
        **registry.institution_names(of("institution", "place"), on=on),
    }
    accounts = people.names_of(int(account_id) for account_id in of("account"))
    facts = []
    for field in kind.fields:
        value = told.get("id_masked") if field.kind == "id_number" else told.get(field.name)
        if value in (None, "", []) or field.kind == "id":
            continue
        shown: Words | str = names.get(str(value), str(value))
        if field.kind == "code":
            shown = dict(field.choices).get(str(value), shown)
        elif field.kind == "account":
            shown = accounts.get(int(value), shown)
        elif isinstance(value, list):
            shown = "、".join(value)
        note = str(value) if shown == names.get(str(value)) != str(value) else ""
        facts.append(Fact(field.words, shown, note=note))
    return facts


def _subject_url(one: requests.RequestView) -> str:
    return reverse("household", args=(one.household_id,)) if one.household_id else reverse("requests")


@require_POST
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Approve or refuse what was seen."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        requests.decide(
            actor=actor, request_id=request_id, outcome=request.POST.get("outcome", ""),
            reason=request.POST.get("reason", ""), seen_hash=request.POST.get("seen_hash", ""),
        )  # fmt: skip
    except Refused as refused:
        if refused.code not in {"reason_missing", "content_changed", "bad_field"}:
            raise
        one = requests.get(actor=actor, request_id=request_id)
        return _shown(request, actor, one, error=refused.words, status=422)
    tell(request, "ok", Words("已办理。", "Done."))
    return HttpResponseRedirect(reverse("request", args=(request_id,)))


@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    requests.withdraw(actor=request.actor, request_id=request_id)  # type: ignore[attr-defined]
    tell(request, "ok", Words("申请已撤回。", "The request is withdrawn."))
    return HttpResponseRedirect(reverse("request", args=(request_id,)))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_household(request: HttpRequest, household_id: str, kind: str) -> HttpResponse:
    """Ask for a change of a household or its lists."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if kind not in (*registry.HOUSEHOLD_KINDS, payments.CHANGE.code):
        raise Refused("not_in_scope")
    found = requests.kinds()[kind]
    people.require(actor, found.ask_act)
    home = registry.household(actor=actor, household_id=household_id)
    form = _form(found, actor, request.POST or None, home=home)
    title = Words(f"{found.words.zh}：{home.head_name}户", f"{found.words.en}: {home.head_name}")
    back = reverse("household", args=(household_id,))
    if request.method == "POST" and form.is_valid():
        details = _filled(found, form) | {"household_id": household_id}
        answer = _asked(request, actor, found, ("household", household_id), details, form)
        if answer is not None:
            return answer
    context = {"form": form, "title": title, "back": back, "kind": found, "home": home}
    return render(request, "requests/ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_area(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for a change of places, or for a lead bank."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if kind not in registry.AREA_KINDS:
        raise Refused("not_in_scope")
    found = requests.kinds()[kind]
    people.require(actor, found.ask_act)
    form = _form(found, actor, request.POST or None)
    back = reverse("institutions" if kind == "lead_bank.assign" else "areas")
    if request.method == "POST" and form.is_valid():
        details = _filled(found, form)
        code = str(details.get("code") or details.get("township") or "")
        answer = _asked(request, actor, found, ("area", code), details, form)
        if answer is not None:
            return answer
    context = {"form": form, "title": found.words, "back": back, "kind": found}
    return render(request, "requests/ask.html", context, status=422 if form.errors else 200)


def _asked(
    request: HttpRequest, actor: Actor, kind: requests.Kind, subject: tuple[str, str], details: dict[str, Any],
    form: forms.Form,
) -> HttpResponse | None:  # fmt: skip
    try:
        made = requests.ask(
            actor=actor, kind=kind.code, subject=subject, details=details, why=form.cleaned_data["why"]
        )
    except Refused as refused:
        if refused.code == "duplicate" and refused.field not in form.fields:
            form.add_error(None, forms.ValidationError(said(refused.words.zh, refused.words.en)))
            return None
        if refused.field not in form.fields:
            raise
        form.add_error(refused.field, forms.ValidationError(said(refused.words.zh, refused.words.en)))
        return None
    tell(request, "ok", Words("申请已提交，等待审批。", "Asked; somebody else has to decide it."))
    return HttpResponseRedirect(reverse("request", args=(made.id,)))


def _form(
    kind: requests.Kind, actor: Actor, data: Any, *, home: registry.HouseholdView | None = None
) -> forms.Form:
    """The form of a kind, made from its fields; the household itself is not asked again."""
    fields: dict[str, forms.Field] = {}
    for field in kind.fields:
        if home is None or field.name != "household_id":
            fields[field.name] = _field(field, actor, home)
    fields["why"] = forms.CharField(
        label=said("申请理由", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    made: forms.Form = type("Asking", (forms.Form,), fields)(data)
    return made


def _field(field: requests.Field, actor: Actor, home: registry.HouseholdView | None) -> forms.Field:
    same: dict[str, Any] = {
        "label": said(field.words.zh, field.words.en), "required": field.required,
        "help_text": said(field.help.zh, field.help.en) if field.help else "",
    }  # fmt: skip
    empty = [] if field.required else [("", "—")]
    if field.kind == "day":
        return DayField(**same)
    if field.kind in {"member", "members"} and home is not None:
        living = [
            (one.member_id, f"{one.name}（{registry.RELATIONS.get(one.relation, one.relation)}）")
            for one in home.members
            if one.deceased_on is None and not (one.relation == "head" and field.name in _NOT_THE_HEAD)
        ]
        if field.kind == "members":
            return forms.MultipleChoiceField(choices=living, widget=forms.CheckboxSelectMultiple, **same)
        return forms.ChoiceField(choices=[*empty, *living], **same)
    if field.kind in {"code", "area", "institution"}:
        return forms.ChoiceField(choices=[*empty, *_choices(field, actor)], **same)
    return forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}), **same)


def _choices(field: requests.Field, actor: Actor) -> Iterable[tuple[str, Any]]:
    if field.kind == "code":
        return field.choices
    if field.kind == "institution":
        return [(one.institution_id, one.name) for one in registry.institutions(actor=actor)]
    if field.name == "township":
        return [(one.code, one.name) for one in registry.townships(actor=actor)]
    found = area_choices(registry.tree(actor=actor))
    return [(code, words) for code, words in found if len(code) == 12]  # noqa: PLR2004 - villages


def _filled(kind: requests.Kind, form: forms.Form) -> dict[str, Any]:
    """The details as plain JSON."""
    out: dict[str, Any] = {}
    for field in kind.fields:
        if field.name in form.cleaned_data:
            value = form.cleaned_data[field.name]
            out[field.name] = value.isoformat() if isinstance(value, date) else value or ""
    return out
