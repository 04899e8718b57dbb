"""Imports: one file after another, each with its states, its problems and its way back."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import CodeField, DataClasses
from bangfu.casework.database.models import SCOPE_FIELDS, Scoped
from bangfu.casework.database.protection import Protection


class ImportBatch(Scoped):
    """One file or folder to import: what, by whom, with which hash."""

    id = models.UUIDField(primary_key=True)
    kind = CodeField()
    name = models.CharField(max_length=200)
    sha256 = models.BinaryField()
    file_id = models.UUIDField(null=True)
    undoes_id = models.UUIDField(null=True, unique=True)
    started_by = models.BigIntegerField()
    started_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case")
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id kind name sha256 file_id undoes_id started_by started_name at"
    )

    class Meta:
        db_table = "casework_import_batch"


class ImportStep(Scoped):
    """A state an import reached: read, refused, waiting, importing, done, undone; with counts and problems."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT)
    number = models.IntegerField()
    state = CodeField()
    told = models.JSONField()
    at = models.DateTimeField()

    protection = Protection("case")
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id batch number state at", personal="told")

    class Meta:
        db_table = "casework_import_step"
        constraints = (models.UniqueConstraint(fields=["batch", "number"], name="import_step_once"),)
