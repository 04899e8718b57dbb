"""What the rest of casework may ask of the vault."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bangfu.casework.database.keys import KeyFile, KeyFileMissing, key_file
from bangfu.casework.personal_data.envelope import BoundElsewhere, blind_index, bound_to, opened, sealed
from bangfu.casework.personal_data.models import PersonalDatum
from bangfu.casework.personal_data.names import masked_name
from bangfu.facts.identity import fold_id, mask

__all__ = [
    "BoundElsewhere",
    "KeyFile",
    "KeyFileMissing",
    "Plain",
    "kept",
    "look_up",
    "look_up_many",
    "masked_name",
    "masked_of",
    "normal",
    "opened_of",
    "rotated",
    "sealed_rows",
]

# Which fields exist, and how each is shown.
ID_NUMBER, PHONE, ACCOUNT, TOTP_SECRET = "id_number", "phone", "account_number", "totp_secret"
NAME = "name"  # of somebody who speaks in confidence; other names stand in their tables


@dataclass(frozen=True)
class Plain:
    """A value to be kept.

    Attributes:
        table_name: The table of the row it belongs to.
        row_id: That row.
        field: id_number, phone, account_number, name or totp_secret.
        value: The value.
        scope_area: The place of the row.
        institution_id: The institution of the row.
        household_id: The household of the row.
    """

    table_name: str
    row_id: str
    field: str
    value: str
    scope_area: str = ""
    institution_id: str | None = None
    household_id: str | None = None


def normal(field: str, value: str) -> str:
    """One form of each value, so that look-up finds it: full-width folded, blanks gone."""
    if field == ID_NUMBER:
        return fold_id(value)
    if field == NAME:
        return " ".join(value.split())
    return "".join(value.split())


def shown(field: str, value: str) -> str:
    """The masked form that lists and pages show."""
    if field == ID_NUMBER:
        return mask(value)
    if field == TOTP_SECRET:
        return ""
    if field == NAME:
        return masked_name(value)
    kept_start, kept_end = (3, 4) if field == PHONE else (4, 4)
    if len(value) <= kept_start + kept_end:
        return "*" * len(value)
    return value[:kept_start] + "*" * (len(value) - kept_start - kept_end) + value[-kept_end:]


def sealed_rows(values: Iterable[Plain]) -> Iterator[PersonalDatum]:
    """Rows of the vault, not yet written: bulk imports write them by COPY."""
    keys = key_file()
    for one in values:
        value = normal(one.field, one.value)
        binding = bound_to(one.table_name, one.row_id, one.field)
        made = sealed(value, binding=binding, field=one.field, keys=keys)
        yield PersonalDatum(
            id=uuid.uuid4(),
            table_name=one.table_name,
            row_id=one.row_id,
            field=one.field,
            key_id=made.key_id,
            ciphertext=made.ciphertext,
            blind_key_id=made.blind_key_id,
            blind_index=made.blind_index,
            masked=shown(one.field, value),
            scope_area=one.scope_area,
            institution_id=one.institution_id,
            household_id=one.household_id,
        )


def kept(values: Sequence[Plain]) -> list[uuid.UUID]:
    """Keep values; the ids of their rows in the order given."""
    return [row.id for row in PersonalDatum.objects.bulk_create(sealed_rows(values), batch_size=5_000)]


def look_up(field: str, value: str) -> list[tuple[str, str]]:
    """The (table_name, row_id) in scope that hold the value: an exact match, found blindly."""
    keys = key_file()
    value = normal(field, value)
    indexes = [blind_index(value, field=field, key=key) for key in keys.blind.values()]
    rows = PersonalDatum.objects.filter(field=field, blind_index__in=indexes)
    return list(rows.values_list("table_name", "row_id").order_by("table_name", "row_id").distinct())


def look_up_many(field: str, values: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """For each value, in its normal form, the (table_name, row_id) in scope that hold it; few questions for many."""
    keys = key_file()
    by_index: dict[bytes, str] = {}
    for value in {normal(field, one) for one in values}:
        for key in keys.blind.values():
            by_index[blind_index(value, field=field, key=key)] = value
    out: dict[str, list[tuple[str, str]]] = {}
    indexes = list(by_index)
    for start in range(0, len(indexes), 5_000):
        rows = PersonalDatum.objects.filter(field=field, blind_index__in=indexes[start : start + 5_000])
        told = (
            rows.values_list("blind_index", "table_name", "row_id")
            .order_by("table_name", "row_id")
            .distinct()
        )
        for index, table_name, row_id in told:
            out.setdefault(by_index[bytes(index)], []).append((table_name, row_id))
    return out


def masked_of(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """The masked forms of values in scope, by id."""
    return dict(_read("id, masked", ids))


def opened_of(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """The values themselves, in scope.

    Callers show them only after ``people.api.reveal`` wrote the reason down, or
    pass them to the core, which shows none.
    """
    keys = key_file()
    return {
        datum: opened(bytes(ciphertext), key_id=key_id, binding=bound_to(*place), keys=keys)
        for datum, key_id, ciphertext, *place in _read(
            "id, key_id, ciphertext, table_name, row_id, field", ids
        )
    }


def _read(columns: str, ids: Iterable[uuid.UUID | None]) -> list[tuple[Any, ...]]:
    """Columns of values in scope; all ids travel as one parameter, for a payment file asks for tens of thousands."""
    wanted = ",".join(str(one) for one in set(ids) if one is not None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {columns} from casework_personal_datum where id = any(%s::uuid[])", [f"{{{wanted}}}"]
        )
        return list(cursor.fetchall())


def rotated(keys: KeyFile, *, batch: int = 2_000) -> int:
    """Encrypt up to ``batch`` values again with the current key; how many were: 0 when done."""
    rows = list(PersonalDatum.objects.exclude(key_id=keys.current).order_by("id")[:batch])
    for row in rows:
        binding = bound_to(row.table_name, row.row_id, row.field)
        made = sealed(_opened(row, keys), binding=binding, field=row.field, keys=keys)
        row.key_id, row.ciphertext = made.key_id, made.ciphertext
        row.blind_key_id, row.blind_index = made.blind_key_id, made.blind_index
    PersonalDatum.objects.bulk_update(
        rows, ["key_id", "ciphertext", "blind_key_id", "blind_index"], batch_size=500
    )
    return len(rows)


def _opened(row: PersonalDatum, keys: KeyFile) -> str:
    binding = bound_to(row.table_name, row.row_id, row.field)
    return opened(bytes(row.ciphertext), key_id=row.key_id, binding=binding, keys=keys)
