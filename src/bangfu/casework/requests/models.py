"""Requests: asked for by one, decided by another, applied in the same transaction as the decision."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import CodeField, DataClasses, IdField
from bangfu.casework.database.models import SCOPE_FIELDS, Scoped
from bangfu.casework.database.protection import Protection


class ChangeRequest(Scoped):
    """What is asked, why, and what it would do (``effect``), as it was shown."""

    id = models.UUIDField(primary_key=True)
    kind = CodeField(max_length=64)
    desk = CodeField(default="registry")
    subject = IdField(max_length=160, db_index=True)
    details = models.JSONField()
    effect = models.JSONField()
    content_hash = models.BinaryField()
    why = models.CharField(max_length=500)
    asked_by = models.BigIntegerField(db_index=True)
    asked_name = models.CharField(max_length=64)
    asked_role = CodeField()
    asked_at = models.DateTimeField()
    decided_by_act = CodeField(max_length=64)

    protection = Protection("request", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id kind desk subject content_hash asked_by asked_name asked_role asked_at "
        "decided_by_act",
        personal="details effect why",
    )

    class Meta:
        db_table = "casework_change_request"
        indexes = (models.Index(fields=["asked_at"], name="change_request_by_time"),)


class ChangeDecision(Scoped):
    """The one decision of a request: approved (and applied), refused or withdrawn; with the effect as it was seen."""

    request = models.OneToOneField(ChangeRequest, on_delete=models.PROTECT, primary_key=True)
    desk = CodeField(default="registry")
    asked_by = models.BigIntegerField()
    outcome = CodeField()
    reason = models.CharField(max_length=500, blank=True)
    effect = models.JSONField(default=dict)
    seen_hash = models.BinaryField()
    decided_by = models.BigIntegerField()
    decided_name = models.CharField(max_length=64)
    decided_role = CodeField()
    at = models.DateTimeField()

    protection = Protection("request", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} request desk asked_by outcome seen_hash decided_by decided_name decided_role at",
        personal="reason effect",
    )

    class Meta:
        db_table = "casework_change_decision"
