"""A cycle on the generated county, computed by the core, and the people at its desks, each act in its own transaction.

The list is the first township's of the first branch in the summer of 2022: three lines in two villages, the payment
month is October. Number 1 of each role sits there, 3 is a colleague in the same place, 2 sits in the next one.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.site import NOW

COUNTY = "522728"
PERIOD = (date(2022, 6, 21), date(2022, 9, 21))
BEGAN, GIVEN, REVIEWED, POSTED = (2022, 9, 25), (2022, 9, 26), (2022, 9, 27), (2022, 9, 28)
LAST_DAY, CLOSED, SUBMITTED, CONFIRMED = (2022, 10, 8), (2022, 10, 9), (2022, 10, 10), (2022, 10, 12)
STAFF = {
    "submit_list": ("branch_manager", 1),
    "review": ("township", 1),
    "post": ("township", 1),
    "close": ("township", 1),
    "submit": ("township", 3),
    "confirm": ("bureau", 1),
}


def moment(day) -> datetime:
    return datetime(*day, 2, 0, tzinfo=UTC)


def everything(day=BEGAN):
    """All rows, for a look behind the desks."""
    from bangfu.casework.database.session import Scope, entered

    return entered(Scope(everything=True))


class Office:
    """The desks: ``office.act("review", day, outcome="forward")`` lets its person do a step of the list."""

    def __init__(self, as_role, cycle_id, list_id) -> None:
        self.as_role, self.cycle_id, self.list_id = as_role, cycle_id, list_id

    def person(self, role, number=1, day=BEGAN, **changes):
        return replace(self.as_role(role, number, now=moment(day)), **changes)

    def does(self, actor, call, **given):
        """A call of an api as somebody, committed."""
        from bangfu.casework.database.session import entered

        with entered(actor.scope):
            return call(actor=actor, **given)

    def view(self, list_id=None):
        from bangfu.casework.subsidies import api as subsidies

        with everything():
            return subsidies.list_of(list_id or self.list_id, on=date(2022, 10, 1))

    def seen(self, list_id=None) -> str:
        from bangfu.casework.subsidies import api as subsidies

        with everything():
            return subsidies.content_hash(subsidies.list_of(list_id or self.list_id, on=date(2022, 10, 1)))

    def lines(self, status="", list_id=None):
        from bangfu.casework.subsidies import api as subsidies

        with everything():
            return subsidies.lines_of([list_id or self.list_id], on=date(2022, 10, 1), status=status)

    def act(self, name, day, *, by=None, list_id=None, seen=None, **given):
        """A step of the list by the person of its desk."""
        from bangfu.casework.notices import api as notices
        from bangfu.casework.subsidies import api as subsidies

        call = getattr(notices if name in ("post", "close") else subsidies, name)
        actor = self.person(*(by or STAFF[name]), day=day)
        if name != "post":
            given["seen_hash"] = seen or self.seen(list_id)
        return self.does(actor, call, list_id=list_id or self.list_id, **given)

    def on_line(self, kind, line, day, *, by=("township", 3), **given):
        from bangfu.casework.subsidies import api as subsidies

        given.setdefault("reason", "核实后办理")
        return self.does(
            self.person(*by, day=day), subsidies.act_on_line, line_id=line.id, kind=kind, **given
        )

    def given(self):
        return self.act("submit_list", GIVEN)

    def reviewed(self, **given):
        self.given()
        return self.act("review", REVIEWED, outcome="forward", **given)

    def posted(self, **given):
        self.reviewed()
        return self.act("post", POSTED, kind="before", **given)

    def closed(self):
        self.posted()
        return self.act("close", CLOSED)

    def submitted(self):
        self.closed()
        return self.act("submit", SUBMITTED, signed=signed())

    def confirmed(self):
        self.submitted()
        return self.act("confirm", CONFIRMED)

    def refused(self, code, name, day, **given):
        """The refusal of a step, by its name; nothing moved."""
        from bangfu.casework.database.refusals import Refused

        before = self.view()
        with pytest.raises(Refused) as told:
            self.act(name, day, **given)
        assert told.value.code == code
        assert self.view() == before
        return told.value


def signed():
    from bangfu.casework.subsidies import api as subsidies

    return subsidies.Signed("王书记", "李镇长")


def at_once(*works):
    """Run works at the same moment in threads; what each said, sorted: done or the code of its refusal."""
    from django.db import connection

    from bangfu.casework.database.refusals import Refused

    said, ready = [], threading.Barrier(len(works))

    def run(work) -> None:
        try:
            ready.wait()
            work()
            said.append("done")
        except Refused as refused:
            said.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def opened(actor, period=PERIOD, **given):
    """A cycle opened and computed, with what was known in the end."""
    from bangfu.casework.database.session import entered
    from bangfu.casework.subsidies import api as subsidies

    with entered(actor.scope):
        cycle = subsidies.open_cycle(
            actor=actor,
            county=COUNTY,
            rhythm="quarter",
            start=period[0],
            end=period[1],
            known_at=NOW,
            **given,
        )
        subsidies.compute_cycle(actor=actor, cycle_id=cycle.id, known_at=NOW)
    return cycle


@pytest.fixture
def office(in_county, as_role) -> Office:
    """The desks before the list, in the cycle that ``county_with_cycle`` holds."""
    from bangfu.casework.notices import api as _notices  # noqa: F401 - its guards are asked
    from bangfu.casework.subsidies import api as subsidies

    made = Office(as_role, None, None)
    (cycle,) = made.does(made.person("bureau"), subsidies.cycles).rows
    made.cycle_id = cycle.id
    town, branch = made.person("township").place, made.person("branch_manager").place
    with everything():
        views = subsidies.lists_of(cycle_id=made.cycle_id, on=date(2022, 9, 25))
    made.list_id = next(one.id for one in views if (one.township, one.institution_id) == (town, branch))
    return made
