"""Papers of a cycle by the seven kinds of LD2021-7, and the bundles that were sealed."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import AreaField, CodeField, DataClasses
from bangfu.casework.database.models import SCOPE_FIELDS, Scoped
from bangfu.casework.database.protection import Protection


class ArchivePaper(Scoped):
    """A paper in a cycle's archive: made here or uploaded; ``scope_area`` is the township, or the county for all."""

    id = models.UUIDField(primary_key=True)
    cycle_id = models.UUIDField(db_index=True)
    list_id = models.UUIDField(null=True)
    place = AreaField()
    kind = CodeField()
    part = CodeField()
    name = models.CharField(max_length=200)
    file_id = models.UUIDField()
    sha256 = models.BinaryField()
    made_by_us = models.BooleanField()
    replaces_id = models.UUIDField(null=True, unique=True)
    added_by = models.BigIntegerField()
    added_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id cycle_id list_id place kind part name file_id sha256 made_by_us replaces_id "
        "added_by added_name at"
    )

    class Meta:
        db_table = "casework_archive_paper"


class ArchiveSeal(Scoped):
    """A bundle that was sealed: its file, the hash of its manifest, what was missing by then."""

    id = models.UUIDField(primary_key=True)
    cycle_id = models.UUIDField(db_index=True)
    place = AreaField()
    number = models.IntegerField()
    file_id = models.UUIDField()
    sha256 = models.BinaryField()
    manifest_hash = models.BinaryField()
    missing = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    sealed_by = models.BigIntegerField()
    sealed_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id cycle_id place number file_id sha256 manifest_hash missing sealed_by sealed_name "
        "at",
        personal="reason",
    )

    class Meta:
        db_table = "casework_archive_seal"
        constraints = (
            models.UniqueConstraint(fields=["cycle_id", "place", "number"], name="archive_seal_once"),
        )
