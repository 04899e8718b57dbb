"""Which roles an account holds on a day."""

from __future__ import annotations

from datetime import date

from bangfu.casework.database.models import standing
from bangfu.casework.people.models import Grant
from bangfu.casework.people.scope import Held, column

__all__ = ["held_by", "place_name"]


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
