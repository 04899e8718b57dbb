"""The one table of ciphertext; elsewhere stand ids of its rows."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import AreaField, CodeField, DataClasses, IdField
from bangfu.casework.database.protection import Protection


class PersonalDatum(models.Model):
    """One value of one field of one row, encrypted; the only rows that may be rewritten (key rotation, a move)."""

    id = models.UUIDField(primary_key=True)
    table_name = CodeField()
    row_id = IdField()
    field = CodeField()
    key_id = models.SmallIntegerField()
    ciphertext = models.BinaryField()
    blind_key_id = models.SmallIntegerField()
    blind_index = models.BinaryField(db_index=True)
    masked = models.CharField(max_length=64)
    scope_area = AreaField(blank=True)
    institution_id = IdField(null=True)
    household_id = IdField(null=True)

    protection = Protection(
        "registry",
        append_only=False,
        writes=("key_id", "ciphertext", "blind_key_id", "blind_index", "scope_area"),
    )
    field_classes = DataClasses(
        internal="id table_name row_id field key_id blind_key_id masked scope_area institution_id household_id",
        secret="ciphertext blind_index",
    )

    class Meta:
        db_table = "casework_personal_datum"
        indexes = (models.Index(fields=["table_name", "row_id"], name="personal_datum_of_row"),)
