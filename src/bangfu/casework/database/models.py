"""Bases of the tables: when it was recorded and by whom; whose scope it lies in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from bangfu.casework.database.fields import EQUAL, OVERLAPS, AreaField, CodeField, IdField, Recorded

__all__ = [
    "BASE_FIELDS", "DONE_FIELDS", "SCOPE_FIELDS", "Done", "Recording", "Scoped", "closed", "from_now",
    "never_twice", "standing",
]  # fmt: skip

BASE_FIELDS = "id recorded recorded_by batch_id"
SCOPE_FIELDS = "scope_area institution_id household_id"
DONE_FIELDS = "done_by done_name done_role at"


class Recording(models.Model):
    """A fact with the time we knew it. ``recorded`` is open while it stands; a correction closes it and appends."""

    id = models.BigAutoField(primary_key=True)
    recorded = Recorded()
    recorded_by = models.BigIntegerField()
    batch_id = models.UUIDField(null=True)

    class Meta:
        abstract = True


class Scoped(models.Model):
    """In whose scope a row lies: the place (a village, mostly), the bank's branch, the household."""

    scope_area = AreaField(blank=True, db_index=True)
    institution_id = IdField(null=True, db_index=True)
    household_id = IdField(null=True, db_index=True)

    class Meta:
        abstract = True


class Done(models.Model):
    """Who did it, in which role, when."""

    done_by = models.BigIntegerField()
    done_name = models.CharField(max_length=64)
    done_role = CodeField()
    at = models.DateTimeField()

    class Meta:
        abstract = True


def from_now(now: datetime) -> DateTimeTZRange:
    """Known from now on."""
    return DateTimeTZRange(now, None, "[)")


def closed(row: Recording, *, now: datetime) -> datetime:
    """The row stands no more; the moment from which what takes its place holds.

    A row of this very moment held for a moment all the same: an empty range would say that it never was.
    """
    end: datetime = max(now, row.recorded.lower + timedelta(microseconds=1))
    row.recorded = DateTimeTZRange(row.recorded.lower, end)
    row.save(update_fields=["recorded"])
    return end


def standing(known_at: datetime | None = None) -> Q:
    """The rows that stand, or that stood as of a moment."""
    if known_at is None:
        return Q(recorded__upper_inf=True)
    return Q(recorded__contains=known_at)


def never_twice(name: str, *keys: str) -> ExclusionConstraint:
    """Two rows of one key never hold for the same day as known at the same moment.

    Texts are compared by a 64-bit hash: GiST keeps numbers in a third of the time it needs for texts. Of two different
    texts with the same hash (one in 10^19 pairs) the later row would be refused, never taken wrongly.
    """
    pairs: list[tuple[Any, str]] = [(key if key == "account_id" else _hash_of(key), EQUAL) for key in keys]
    return ExclusionConstraint(name=name, expressions=[*pairs, ("valid", OVERLAPS), ("recorded", OVERLAPS)])


def _hash_of(key: str) -> models.Func:
    return models.Func(
        models.F(key),
        models.Value(0),
        function="hashtextextended",
        output_field=models.BigIntegerField(),
    )
