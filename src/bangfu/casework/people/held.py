"""Which roles an account holds on a day."""

from __future__ import annotations

from datetime import date

from bangfu.casework.database.models import standing
from bangfu.casework.people.models import Grant
from bangfu.casework.people.scope import Held, column

__all__ = ["NAMED", "held_by", "place_name"]

# SQL: the name of the place of a grant ``g``, as it is called on {day} or was called last; its code where it has none.
NAMED = """coalesce(
  (select i.name from casework_institution i where i.institution_id = g.place and upper_inf(i.recorded)
    order by i.valid @> {day}::date desc, lower(i.valid) desc nulls last limit 1),
  (select c.name from casework_area c where c.code = g.place and upper_inf(c.recorded)
    order by c.valid @> {day}::date desc, lower(c.valid) desc nulls last limit 1), g.place)"""


def held_by(account_id: int, *, on: date) -> list[Held]:
    """The grants of an account that hold on a day, in the order they were given."""
    rows = Grant.objects.filter(standing(), account_id=account_id, valid__contains=on).order_by("id")
    return [Held(row.pk, row.role, row.place, place_name(row.place, on=on)) for row in rows]


def place_name(place: str, *, on: date) -> str:
    """The name of an area or institution, with the township before a village; the code where there is no name."""
    names = column(
        "select name from (select code as place, name from casework_area"
        " where upper_inf(recorded) and valid @> %s::date"
        " union all select institution_id, name from casework_institution"
        " where upper_inf(recorded) and valid @> %s::date) as named"
        " where place = %s or (length(%s) = 12 and place = left(%s, 9)) order by length(place)",
        [on, on, place, place, place],
    )
    return " ".join(names) or place
