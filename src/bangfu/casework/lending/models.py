"""Loans as signed, pinned to the policy of their day; the ledger, event by event."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import CodeField, DataClasses, FenField, IdField, Period, RateField
from bangfu.casework.database.models import BASE_FIELDS, SCOPE_FIELDS, Recording, Scoped
from bangfu.casework.database.protection import Protection
from bangfu.casework.lending.standing import KEPT


class Loan(Recording, Scoped):
    """A contract. ``area_code`` is the place at signing (the policy's), ``scope_area`` the one that follows it now."""

    loan_id = IdField()
    application_id = IdField(blank=True)
    borrower_id_number_id = models.UUIDField(null=True)
    borrower_name = models.CharField(max_length=64, blank=True)
    lender = models.CharField(max_length=100)
    branch = models.CharField(max_length=100, blank=True)
    product = CodeField()
    kind = CodeField()
    parent_loan_id = IdField(blank=True)
    area_code = IdField(max_length=12, blank=True)
    applied_on = models.DateField(null=True)
    contract_on = models.DateField(null=True)
    matures_on = models.DateField(null=True)
    term = Period(null=True)
    principal_fen = FenField()
    rate_e8 = RateField(null=True)
    interest_method = CodeField(blank=True)
    purpose = CodeField(blank=True)
    guarantee = CodeField(blank=True)
    funding = CodeField(blank=True)
    subsidy_ceiling_fen = FenField(null=True)
    ordinary = models.BooleanField(default=False)
    policy = models.CharField(max_length=200, blank=True)
    pinned = models.JSONField(default=list)
    decided_by = models.BigIntegerField(null=True)

    protection = Protection("case", closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} {SCOPE_FIELDS} loan_id application_id borrower_id_number_id lender branch product "
        "kind parent_loan_id area_code applied_on contract_on matures_on term principal_fen rate_e8 interest_method "
        "purpose guarantee funding subsidy_ceiling_fen ordinary policy pinned decided_by",
        personal="borrower_name",
    )

    class Meta:
        db_table = "casework_loan"
        constraints = (
            models.UniqueConstraint(
                fields=["loan_id"], condition=models.Q(recorded__upper_inf=True), name="loan_stands_once"
            ),
            models.UniqueConstraint(
                fields=["application_id"],
                condition=models.Q(recorded__upper_inf=True) & ~models.Q(application_id=""),
                name="application_signed_once",
            ),
            models.CheckConstraint(condition=models.Q(principal_fen__gt=0), name="loan_principal_positive"),
            models.CheckConstraint(
                condition=models.Q(matures_on__isnull=True)
                | models.Q(matures_on__gt=models.F("contract_on")),
                name="loan_matures_after_signing",
            ),
        )
        indexes = (
            models.Index(fields=["scope_area", "contract_on"], name="loan_by_area_and_day"),
            models.Index(
                "product",
                models.F("contract_on").desc(nulls_last=True),
                "loan_id",
                condition=models.Q(recorded__upper_inf=True, ordinary=False),
                name="loan_by_product_and_day",
            ),
        )


class LoanEvent(Recording, Scoped):
    """One line of the ledger, as the core's ``events`` table names it."""

    loan_id = IdField(db_index=True)
    on = models.DateField()
    kind = CodeField()
    amount_fen = FenField(null=True)
    value = models.CharField(max_length=64, blank=True)
    booked_on = models.DateField()
    source = CodeField()
    source_key = models.CharField(max_length=128, null=True)
    note = models.CharField(max_length=200, blank=True)

    protection = Protection("case", follows=True, closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} {SCOPE_FIELDS} loan_id on kind amount_fen value booked_on source source_key",
        personal="note",
    )

    class Meta:
        db_table = "casework_loan_event"
        constraints = (
            models.UniqueConstraint(
                fields=["institution_id", "source_key"],
                condition=models.Q(source_key__isnull=False),
                name="event_source_once",
            ),
        )


class FactRow(Recording, Scoped):
    """A row of a table that came in by file and is not kept case by case here (subsidies paid, fund, insurance …)."""

    table_name = CodeField(db_index=True)
    row = models.JSONField()

    protection = Protection("case", closes="recorded")
    field_classes = DataClasses(internal=f"{BASE_FIELDS} {SCOPE_FIELDS} table_name", personal="row")

    class Meta:
        db_table = "casework_fact_row"


class Disbursement(Scoped):
    """That a loan signed here was paid out: once, by whom, with the breaker as it stood (LD2021-5.5)."""

    loan_id = IdField(primary_key=True)
    event_id = models.BigIntegerField()
    on = models.DateField()
    amount_fen = FenField()
    breaker = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    paid_by = models.BigIntegerField()
    paid_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} loan_id event_id on amount_fen breaker paid_by paid_name at",
        personal="reason",
    )

    class Meta:
        db_table = "casework_disbursement"


class LoanStanding(Scoped):
    """What the ledger of a loan comes to now. PostgreSQL keeps it itself, from the events, in the same transaction."""

    loan_id = IdField(primary_key=True)
    disbursed_on = models.DateField(null=True)
    disbursed_fen = FenField()
    balance_fen = FenField()
    due_on = models.DateField(null=True)
    extended_times = models.IntegerField()
    recalled_on = models.DateField(null=True)
    risk_class = models.SmallIntegerField()
    settled_on = models.DateField(null=True)

    protection = Protection("case", append_only=False, inserts=False, more=KEPT)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} loan_id disbursed_on disbursed_fen balance_fen due_on extended_times recalled_on "
        "risk_class settled_on",
    )

    class Meta:
        db_table = "casework_loan_standing"
        indexes = (
            models.Index(fields=["due_on"], condition=models.Q(balance_fen__gt=0), name="standing_due"),
        )
