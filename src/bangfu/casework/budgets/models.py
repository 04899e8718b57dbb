"""Transfers between the accounts of the subsidy's money, one source and year at a time; never changed."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import AreaField, CodeField, DataClasses, FenField, IdField
from bangfu.casework.database.models import SCOPE_FIELDS, Scoped
from bangfu.casework.database.protection import Protection


class BudgetEntry(Scoped):
    """An amount moved from one account to another; of one ``key`` there is one entry, however often asked."""

    id = models.BigAutoField(primary_key=True)
    key = IdField(max_length=160, unique=True)
    county = AreaField()
    year = models.IntegerField()
    source = CodeField()
    on = models.DateField()
    kind = CodeField()
    debit = CodeField()
    credit = CodeField()
    amount_fen = FenField()
    subject = IdField(max_length=100)
    document = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=500, blank=True)
    recorded_by = models.BigIntegerField()
    recorded_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id key county year source on kind debit credit amount_fen subject document why "
        "recorded_by recorded_name at"
    )

    class Meta:
        db_table = "casework_budget_entry"
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="budget_amount_positive"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="budget_two_sides"),
        )
        indexes = (models.Index(fields=["county", "year", "source", "on"], name="budget_by_year"),)
