"""A list on its way to the archive: paid, announced, photographed, with the papers people bring."""

from __future__ import annotations

import io
from datetime import date

from tests.casework.subsidies_made import COUNTY, moment

ANNOUNCED, TAKEN_DOWN, FILED_ON = (2022, 10, 25), (2022, 11, 6), (2022, 11, 10)
PAID_ON = (2022, 10, 20)
BROUGHT = {
    "fund_document": ("finance", 1),
    "approval": ("bureau", 1),
    "work_plan": ("township", 1),
    "signed_list": ("township", 1),
    "bank_statement": ("branch_manager", 1),
    "transfer_slip": ("finance", 1),
}


def picture(seed: int = 0) -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (4, 3), (200, 30, seed % 256)).save(held, "PNG")
    return held.getvalue()


def scan(name: str) -> bytes:
    """A made-up paper as PDF."""
    from tests.reports.cycle_papers_made import answer

    from bangfu.reports.papers import objection_answer

    return objection_answer(answer(number=name))


def stepped(office, state: str, day) -> None:
    """Put the list straight at a step, as if the steps before were done."""
    from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
    from tests.casework.subsidies_made import everything

    from bangfu.casework.database.actor import Actor
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.casework.subsidies.models import ListStage

    actor = Actor.site(now=moment(day))
    with everything():
        view = subsidies.list_of(office.list_id, on=actor.on)
        stage = ListStage.objects.get(subsidy_list_id=view.id, recorded__upper_inf=True)
        stage.recorded = DateTimeTZRange(stage.recorded.lower, actor.now)
        stage.save(update_fields=["recorded"])
        subsidies.begin(
            list_id=view.id, cycle=view.cycle, number=view.stage_number + 1, state=state, actor=actor,
            scope_area=view.township, institution_id=view.institution_id,
        )  # fmt: skip


def photographed(office, kind: str, day) -> None:
    """Near and far of every notice of a kind that stands."""
    from bangfu.casework.notices import api as notices

    person = office.person("township", day=day)
    for told in office.does(person, notices.of_list, list_id=office.list_id, kind=kind):
        for number, part in enumerate(("near", "far")):
            office.does(
                person, notices.photo, notice_id=told.notice.id, part=part, name=f"{part}.png",
                content=picture(number + len(told.notice.area) * (kind == "after")),
            )  # fmt: skip


def announced(office) -> None:
    """The list is paid, its announcement posted, photographed and over."""
    office.posted()
    photographed(office, "before", (2022, 10, 1))
    office.act("close", (2022, 10, 9))
    office.act("submit", (2022, 10, 10), signed=_signed())
    office.act("confirm", (2022, 10, 12))
    stepped(office, "announcement", PAID_ON)
    office.act("post", ANNOUNCED, kind="after")
    photographed(office, "after", ANNOUNCED)
    office.act("close", TAKEN_DOWN)


def brought(office, part: str, *, day=FILED_ON, name: str = "", **given):
    """A paper brought by the first of the people who bring such a one."""
    from bangfu.casework.archive import api as archive

    person = office.person(*BROUGHT[part], day=day)
    wanted = archive.PARTS[part]
    if wanted.at == "list":
        given.setdefault("list_id", office.list_id)
    if wanted.at == "township":
        given.setdefault("place", office.view().township)
    return office.does(
        person, archive.add, cycle_id=office.cycle_id, part=part, name=f"{name or part}.pdf",
        content=scan(name or part), **given,
    )  # fmt: skip


def all_brought(office) -> None:
    for part in BROUGHT:
        brought(office, part)


def _signed():
    from bangfu.casework.subsidies import api as subsidies

    return subsidies.Signed("王书记", "李镇长")


DAY = date(2022, 11, 10)
__all__ = ["ANNOUNCED", "BROUGHT", "COUNTY", "DAY", "FILED_ON", "PAID_ON", "all_brought", "announced", "brought",
           "photographed", "picture", "scan", "stepped"]  # fmt: skip
