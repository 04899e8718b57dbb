"""Field types with their unit in the name, and what each field holds: public, internal, personal, secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models

__all__ = ["AreaField", "CodeField", "DataClasses", "FenField", "IdField", "Period", "RateField", "Recorded"]


# Generic for the type checker alone: Django's own class is not.
if TYPE_CHECKING:
    _Characters = models.CharField[Any, Any]
    _Whole = models.BigIntegerField[Any, Any]
else:
    _Characters, _Whole = models.CharField, models.BigIntegerField


class FenField(_Whole):
    """Money in whole fen (BIGINT)."""


class RateField(_Whole):
    """A rate in 1e-8 (3.75 % is 3,750,000)."""


class Text(_Characters):
    """A short text compared byte by byte, whatever the database's own collation."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("db_collation", "C")
        super().__init__(**options)


class IdField(Text):
    """An identifier of ours or of a file: up to 64 characters, compared byte by byte."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 64)
        super().__init__(**options)


class AreaField(Text):
    """A division code of 2 to 12 digits, compared byte by byte so that a prefix is a range."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 12)
        super().__init__(**options)


class CodeField(Text):
    """One of a closed set of codes."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 32)
        super().__init__(**options)


class Period(DateRangeField):
    """The days on which it was so; the end is exclusive, no end is open."""


class Recorded(DateTimeRangeField):
    """When we knew it; closing the end, once, is the only change an append-only row allows."""


class DataClasses(Mapping[str, str]):
    """What each field of a model holds; a test refuses a field that stands in none (docs/decisions/0044).

    Args:
        public: May be shown to anybody.
        internal: May be shown to those in scope.
        personal: Of a person: never logged, never in a metric, shown by need.
        secret: Never shown at all.
    """

    def __init__(self, *, public: str = "", internal: str = "", personal: str = "", secret: str = "") -> None:
        named = {"public": public, "internal": internal, "personal": personal, "secret": secret}
        self._of = {name: kind for kind, names in named.items() for name in names.split()}

    def __getitem__(self, name: str) -> str:
        return self._of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


OVERLAPS = RangeOperators.OVERLAPS
EQUAL = RangeOperators.EQUAL
