"""Files: what they are, whose they are, and the hash of what was uploaded or produced."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import CodeField, DataClasses, IdField
from bangfu.casework.database.models import SCOPE_FIELDS, Scoped
from bangfu.casework.database.protection import Protection


class StoredFile(Scoped):
    """One file of one subject. The content lies encrypted in the site's folder under its id, with its key's number."""

    id = models.UUIDField(primary_key=True)
    subject = IdField(max_length=160, db_index=True)
    kind = CodeField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.IntegerField()
    sha256 = models.BinaryField()
    made_by_us = models.BooleanField(default=False)
    scanned = CodeField(default="none")
    at = models.DateTimeField()
    recorded_by = models.BigIntegerField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id subject kind media_type size sha256 made_by_us scanned at recorded_by",
        personal="name",
    )

    class Meta:
        db_table = "casework_stored_file"
