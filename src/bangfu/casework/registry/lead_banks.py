"""Naming the one lead bank of a township: asked for by the bureau, approved by the regulator, filed (HA2021-3.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import from_now, standing
from bangfu.casework.database.questions import value_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.registry.areas import TOWNSHIP, names_of
from bangfu.casework.registry.changing import ended, text_of
from bangfu.casework.registry.following import kept_in_sight
from bangfu.casework.registry.institutions import institution_names, outlets_in
from bangfu.casework.registry.models import LeadBank
from bangfu.casework.registry.reading import below
from bangfu.casework.requests.api import Details, Field, Kind, Place, RequestView, line, register
from bangfu.casework.words import Words

_CLAUSES = ("CN2021-4.3", "HA2021-3.2")
_LONGEST = 100


def _place(actor: Actor, details: Details) -> Place:
    """In the township; ``not_in_scope`` where it is not the asker's."""
    code = str(details.get("township", ""))
    mine = actor.scope.everything or any(code.startswith(area) for area in actor.scope.areas)
    if len(code) != TOWNSHIP or not mine or code not in names_of([code], on=actor.on):
        raise Refused("not_in_scope", field="township")
    return Place(code)


def _effect(actor: Actor, details: Details) -> dict[str, Any]:
    township, bank, on = _asked(actor, details)
    names, banks = names_of([township], on=on), institution_names([bank], on=on)
    if bank not in outlets_in(township, on=on):
        raise Refused("no_outlet", field="institution_id", clauses=("CN2021-4.3",), township=names[township])
    before = _present(township, on, details)
    where, given = below(township, column="scope_area")
    homes = value_of(
        "select count(distinct household_id) from casework_roster_entry where upper_inf(recorded)"
        f" and valid @> %s::date and {where}",
        [actor.on, *given],
    )
    told = {"township": names[township], "bank": banks.get(bank, bank), "on": on.isoformat()}
    duties = [
        line("roster_goes_to", "该乡镇名单（{n} 户）自 {on} 起按季提供给{bank}",
             "the rosters of the township ({n} households) go to {bank} each quarter from {on}",
             clauses=("CN2021-5.4", "LD2021-3.3"), n=homes, **told)
    ]  # fmt: skip
    if before is not None:
        was = institution_names([before.institution_id], on=on).get(
            before.institution_id, before.institution_id
        )
        duties.append(
            line("lead_bank_ends", "{was}自 {on} 起不再任主责任银行；其已发放贷款不受影响",
                 "{was} leads there no more from {on}; the loans it made are not touched", was=was, **told)
        )  # fmt: skip
    return {
        "rosters": [
            line("lead_bank_named", "{township}自 {on} 起由{bank}任主责任银行", "{bank} leads in {township} from {on}",
                 clauses=_CLAUSES, **told)
        ],
        "loans": [],
        "applications": [],
        "duties": duties,
    }  # fmt: skip


def _apply(actor: Actor, request: RequestView, details: Details) -> None:
    del request
    township, bank, on = _asked(actor, details)
    before = _present(township, on, details)
    if before is not None:
        where, given = below(township, column="scope_area")
        kept_in_sight(where, given)  # the bank that leads no more goes on with its own loans
        ended(before, actor=actor, on=on)
    try:
        with transaction.atomic():
            LeadBank.objects.create(
                township=township, institution_id=bank, valid=DateRange(on, None),
                named_by=text_of(details, "named_by", most=_LONGEST),
                filing_number=text_of(details, "filing_number", most=_LONGEST),
                filed_with=text_of(details, "filed_with", most=_LONGEST),
                filed_on=_day(details, "filed_on"),
                recorded=from_now(actor.now), recorded_by=actor.account_id,
            )  # fmt: skip
    except IntegrityError:  # the exclusion constraint: two for one township
        raise Refused("lead_bank_taken", field="township", clauses=_CLAUSES) from None


def _present(township: str, on: date, details: Details) -> LeadBank | None:
    """The lead bank that is to be replaced; one that is not named as such refuses a second."""
    row = LeadBank.objects.filter(standing(), township=township, valid__overlap=DateRange(on, None)).first()
    replaces = str(details.get("replaces") or "")
    if row is None:
        return None
    if row.institution_id != replaces or replaces == details.get("institution_id"):
        raise Refused("lead_bank_taken", field="institution_id", clauses=_CLAUSES, present=row.institution_id)
    return row


def _asked(actor: Actor, details: Details) -> tuple[str, str, date]:
    for name in ("named_by", "filing_number", "filed_with"):
        text_of(details, name, most=_LONGEST)
    _day(details, "filed_on")
    return _place(actor, details).scope_area, text_of(details, "institution_id", most=64), _day(details, "on")


def _day(details: Details, name: str) -> date:
    """A day, past or to come: an assignment may begin next month."""
    try:
        return date.fromisoformat(str(details.get(name, "")))
    except ValueError:
        raise Refused("bad_field", field=name) from None


ASSIGN = register(
    Kind(
        "lead_bank.assign", Words("确定主责任银行", "Name the lead bank"), "lead_bank.request", "lead_bank.approve",
        _effect, _apply, _place,
        (
            Field("township", Words("乡镇", "Township"), "area"),
            Field("institution_id", Words("主责任银行", "Lead bank"), "institution"),
            Field("replaces", Words("替换现主责任银行", "Replaces"), "institution", required=False,
                  help=Words("该乡镇现有主责任银行的，须指明。", "Where the township has one, say which it replaces.")),
            Field("on", Words("自何日起", "From"), "day"),
            Field("named_by", Words("指定机关", "Named by")),
            Field("filing_number", Words("备案文号", "Filing number")),
            Field("filed_with", Words("备案机关", "Filed with")),
            Field("filed_on", Words("备案日期", "Filed on"), "day"),
        ),
        _CLAUSES,
    )
)  # fmt: skip
