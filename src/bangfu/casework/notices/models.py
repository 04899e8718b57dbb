"""Notices as the public reads them, kept apart from the cases they tell of; objections and what became of them."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import AreaField, CodeField, DataClasses, FenField, IdField
from bangfu.casework.database.models import DONE_FIELDS, SCOPE_FIELDS, Done, Scoped
from bangfu.casework.database.protection import Protection


class Notice(models.Model):
    """A notice as posted: before payment (for objections) or after it; for a township or a village."""

    id = models.UUIDField(primary_key=True)
    list_id = models.UUIDField(db_index=True)
    cycle_id = models.UUIDField(db_index=True)
    kind = CodeField()
    level = CodeField()
    area = AreaField(db_index=True)
    area_name = models.CharField(max_length=160)
    bank_name = models.CharField(max_length=160, blank=True)
    period_from = models.DateField()
    period_to = models.DateField()
    posted_at = models.DateTimeField()
    posted_on = models.DateField()
    days = models.IntegerField()
    last_day = models.DateField()
    clauses = models.JSONField()
    why = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200)
    lines = models.IntegerField()
    total_fen = FenField()
    rows_hash = models.BinaryField()
    posted_by = models.BigIntegerField()
    posted_name = models.CharField(max_length=64)

    protection = Protection("public")
    field_classes = DataClasses(
        public="id kind level area area_name bank_name period_from period_to posted_at posted_on days last_day clauses "
        "why contact lines total_fen rows_hash",
        internal="list_id cycle_id posted_by posted_name",
    )

    class Meta:
        db_table = "casework_notice"
        constraints = (
            models.UniqueConstraint(fields=["list_id", "kind", "area", "posted_at"], name="notice_once"),
        )


class NoticeEnd(Done):
    """That a notice no longer stands: its list went back to the branch, or a later notice took its place."""

    notice = models.OneToOneField(Notice, primary_key=True, on_delete=models.PROTECT)
    kind = CodeField()

    protection = Protection("public")
    field_classes = DataClasses(public="notice kind at", internal="done_by done_name done_role")

    class Meta:
        db_table = "casework_notice_end"


class NoticeRow(models.Model):
    """A line of a notice: masked name, village, amount. ``token`` is how an objection names it."""

    token = models.UUIDField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT)
    number = models.IntegerField()
    village = models.CharField(max_length=64)
    masked_name = models.CharField(max_length=64)
    product = CodeField()
    amount_fen = FenField()

    protection = Protection("public")
    field_classes = DataClasses(public="token notice number village masked_name product amount_fen")

    class Meta:
        db_table = "casework_notice_row"
        constraints = (models.UniqueConstraint(fields=["notice", "number"], name="notice_row_once"),)


class NoticeLine(Scoped):
    """Which line of the list a row of a notice stands for; never public."""

    token = models.UUIDField(primary_key=True)
    notice_id = models.UUIDField(db_index=True)
    line_id = models.UUIDField(db_index=True)

    protection = Protection("case", stays=True)
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} token notice_id line_id")

    class Meta:
        db_table = "casework_notice_line"


class Objection(Scoped):
    """What somebody objects to a line: signed or not; answered under a code that the objector alone is given.

    Name and phone lie in the vault. The row names no institution: whom it may speak of, the branch, does not see it.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    code_hash = models.BinaryField(unique=True)
    notice_id = models.UUIDField(db_index=True)
    line_id = models.UUIDField(db_index=True)
    list_id = models.UUIDField(db_index=True)
    loan_id = IdField(db_index=True)
    ground = CodeField()
    text = models.CharField(max_length=1000)
    signed = models.BooleanField()
    name_id = models.UUIDField(null=True)
    phone_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id number notice_id line_id list_id loan_id ground signed name_id phone_id at",
        personal="text",
        secret="code_hash",
    )

    class Meta:
        db_table = "casework_objection"


class ObjectionAct(Scoped, Done):
    """A step with an objection: investigated, decided; ``answer`` is what the objector reads."""

    id = models.BigAutoField(primary_key=True)
    objection = models.ForeignKey(Objection, on_delete=models.PROTECT)
    number = models.IntegerField()
    kind = CodeField()
    outcome = CodeField(blank=True)
    remedy = CodeField(blank=True)
    finding = models.CharField(max_length=1000, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    clause = CodeField(max_length=64, blank=True)

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} {DONE_FIELDS} id objection number kind outcome remedy clause",
        personal="finding answer",
    )

    class Meta:
        db_table = "casework_objection_act"
        constraints = (models.UniqueConstraint(fields=["objection", "number"], name="objection_act_once"),)
