"""The answer to an objection as a letter: for the desk that sends it, and for who holds the code (LD2021-6)."""

from __future__ import annotations

from bangfu.casework.as_facts.citing import citations
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.notices.models import Notice, NoticeLine, NoticeRow, Objection, ObjectionAct
from bangfu.casework.notices.objecting import of_code
from bangfu.casework.notices.reading import as_uuid
from bangfu.casework.notices.sheets import government_of
from bangfu.casework.notices.views import BEFORE, GROUNDS
from bangfu.casework.people import api as people
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry import api as registry
from bangfu.casework.subsidies import api as subsidies
from bangfu.reports.papers import ObjectionAnswer, objection_answer

__all__ = ["answer_letter", "answer_letter_of"]

_COUNTY, _TOWNSHIP = 6, 9


def answer_letter(*, actor: Actor, objection_id: object) -> bytes:
    """The letter as PDF, for a desk in whose scope the objection lies; who objected is named masked.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``wrong_stage``.
    """
    people.require(actor, "objection.read")
    found = Objection.objects.filter(pk=as_uuid(objection_id)).first()
    if found is None:
        raise Refused("not_in_scope")
    name = personal_data.masked_of([found.name_id]).get(found.name_id, "") if found.name_id else ""
    return objection_answer(_letter(found, name=name))


def answer_letter_of(*, code: str) -> bytes:
    """The same letter for who holds the code; it is addressed to the number, and names nobody.

    Raises:
        Refused: ``not_in_scope`` where no objection has this code, ``wrong_stage``.
    """
    with widened():
        letter = _letter(of_code(code), name="")
    return objection_answer(letter)


def _letter(found: Objection, *, name: str) -> ObjectionAnswer:
    """What the letter says; of who wrote it only the office, as the seal does."""
    last = ObjectionAct.objects.filter(objection=found, kind="decided").first()
    if last is None:
        raise Refused("wrong_stage")
    notice = Notice.objects.get(pk=found.notice_id)
    row = NoticeRow.objects.get(
        pk=NoticeLine.objects.get(notice_id=found.notice_id, line_id=found.line_id).token
    )
    county, township = found.scope_area[:_COUNTY], found.scope_area[:_TOWNSHIP]
    names = registry.names_of([county, township], on=day_of(last.at))
    office = (
        f"{names.get(county, '')}乡村振兴（农业农村）局"
        if last.done_role == "bureau"
        else government_of(names.get(township, "")).zh
    )
    period = subsidies.period_words(notice.period_from, notice.period_to).zh
    return ObjectionAnswer(
        office=office, number=found.number, name=name, objected_on=day_of(found.at),
        notice=f"{notice.area_name}{period}贴息{'公示' if notice.kind == BEFORE else '公告'}",
        line_number=row.number, ground=GROUNDS[found.ground].zh, upheld=last.outcome == "upheld", answer=last.answer,
        decided_on=day_of(last.at), citations=citations(("LD2021-6", *((last.clause,) if last.clause else ()))),
        phone=notice.contact if notice.contact != notice.area_name else "",
    )  # fmt: skip
