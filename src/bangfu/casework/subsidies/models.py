"""A cycle, its lists, what was computed for each, line by line, and what people said at each step."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q

from bangfu.casework.database.fields import (
    EQUAL,
    OVERLAPS,
    AreaField,
    CodeField,
    DataClasses,
    FenField,
    IdField,
    Period,
    RateField,
    Recorded,
)
from bangfu.casework.database.models import DONE_FIELDS, SCOPE_FIELDS, Done, Scoped
from bangfu.casework.database.protection import Protection

_OPEN = Q(recorded__upper_inf=True)


class SubsidyCycle(models.Model):
    """A county's cycle: a rhythm, a period, the days by which each step is due and the clauses they rest on.

    ``deadlines``: the terms it was opened under: ``{term: {value, clauses, document} | {not_regulated: true}}``.
    """

    id = models.UUIDField(primary_key=True)
    county = AreaField()
    rhythm = CodeField()
    period = Period()
    payment_month = models.DateField()
    list_due_on = models.DateField(null=True)
    submit_due_on = models.DateField(null=True)
    notice_days = models.IntegerField(null=True)
    deadlines = models.JSONField()
    opened_by = models.BigIntegerField()
    opened_name = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)

    protection = Protection("public")
    field_classes = DataClasses(
        public="id county rhythm period payment_month list_due_on submit_due_on notice_days deadlines opened_at",
        internal="opened_by opened_name why",
    )

    class Meta:
        db_table = "casework_subsidy_cycle"
        constraints = (
            ExclusionConstraint(
                name="cycle_once",
                expressions=[("county", EQUAL), ("rhythm", EQUAL), ("period", OVERLAPS)],
            ),
        )


class SubsidyList(Scoped):
    """One branch's list for one township in a cycle (贴息清册): what moves through the steps by itself."""

    id = models.UUIDField(primary_key=True)
    cycle = models.ForeignKey(SubsidyCycle, on_delete=models.PROTECT)
    township = AreaField()
    opened_at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id cycle township opened_at")

    class Meta:
        db_table = "casework_subsidy_list"
        constraints = (
            models.UniqueConstraint(fields=["cycle", "township", "institution_id"], name="subsidy_list_once"),
        )


class SubsidyRun(Scoped):
    """What the core computed for a list: on which facts (as of a day, as known at a moment) and packs."""

    id = models.UUIDField(primary_key=True)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    number = models.IntegerField()
    on = models.DateField()
    known_at = models.DateTimeField()
    facts_hash = models.BinaryField()
    packs_hash = models.BinaryField()
    lines_hash = models.BinaryField()
    packs = models.JSONField()
    lines = models.IntegerField()
    made_by = models.BigIntegerField()
    made_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id subsidy_list number on known_at facts_hash packs_hash lines_hash packs lines "
        "made_by made_name at"
    )

    class Meta:
        db_table = "casework_subsidy_run"
        constraints = (models.UniqueConstraint(fields=["subsidy_list", "number"], name="subsidy_run_once"),)


class SubsidyLine(Scoped):
    """A frozen line. Regular lines of one loan never overlap in time; corrections are lines of their own, later.

    ``payable_fen`` is what this line alone moves: a recovery's is negative. ``corrects`` is the line a supplement,
    recovery or carried line speaks of; ``checks`` is what was verified by the computer, ``told`` the steps.
    """

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(SubsidyRun, on_delete=models.PROTECT)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    number = models.IntegerField()
    kind = CodeField()
    corrects = models.UUIDField(null=True, db_index=True)
    ground = CodeField(blank=True)
    loan_id = IdField(db_index=True)
    product = CodeField()
    period = Period()
    recorded = Recorded()
    borrower_name = models.CharField(max_length=64, blank=True)
    rate_e8 = RateField(null=True)
    method = CodeField(blank=True)
    opening_fen = FenField()
    subsidised_part_fen = FenField()
    days = models.IntegerField()
    interest_fen = FenField()
    central_fen = FenField()
    province_fen = FenField()
    city_fen = FenField()
    county_fen = FenField()
    fiscal_fen = FenField()
    subsidy_fen = FenField()
    borrower_fen = FenField()
    held_back_fen = FenField()
    payable_fen = FenField()
    pay_central_fen = FenField()
    pay_province_fen = FenField()
    pay_city_fen = FenField()
    pay_county_fen = FenField()
    pay_fiscal_fen = FenField()
    claimed_fen = FenField(null=True)
    claimed_rate_e8 = RateField(null=True)
    difference = CodeField(blank=True)
    checks = models.JSONField(default=list)
    told = models.JSONField(default=dict)
    policy = models.CharField(max_length=200)
    clauses = models.JSONField()
    line_hash = models.BinaryField()

    protection = Protection("case", stays=True, closes="recorded")
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id run subsidy_list number kind corrects ground loan_id product period recorded "
        "rate_e8 method opening_fen subsidised_part_fen days interest_fen central_fen province_fen city_fen county_fen "
        "fiscal_fen subsidy_fen borrower_fen held_back_fen payable_fen pay_central_fen "
        "pay_province_fen pay_city_fen pay_county_fen pay_fiscal_fen claimed_fen claimed_rate_e8 "
        "difference policy clauses line_hash",
        personal="borrower_name checks told",
    )

    class Meta:
        db_table = "casework_subsidy_line"
        constraints = (
            ExclusionConstraint(
                name="subsidy_line_once",
                expressions=[
                    (
                        models.Func(
                            F("loan_id"), models.Value(0), function="hashtextextended",
                            output_field=models.BigIntegerField(),
                        ),
                        EQUAL,
                    ),
                    ("period", OVERLAPS),
                    ("recorded", OVERLAPS),
                ],
                condition=Q(kind="regular"),
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=_OPEN & Q(kind="carried"), name="carried_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    subsidy_fen=F("central_fen") + F("province_fen") + F("city_fen") + F("county_fen")
                    + F("fiscal_fen")
                ),
                name="payers_sum_to_subsidy",
            ),
            models.CheckConstraint(
                condition=Q(payable_fen=F("subsidy_fen") - F("held_back_fen")), name="payable_is_what_is_left"
            ),
            models.CheckConstraint(
                condition=Q(
                    payable_fen=F("pay_central_fen") + F("pay_province_fen") + F("pay_city_fen") + F("pay_county_fen")
                    + F("pay_fiscal_fen")
                ),
                name="payers_sum_to_payable",
            ),
            models.CheckConstraint(
                condition=Q(kind="recovery", payable_fen__lt=0) | (~Q(kind="recovery") & Q(payable_fen__gte=0)),
                name="only_recoveries_are_negative",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["subsidy_list", "number"], name="subsidy_line_by_list"),)


class RunRefusal(Scoped):
    """A loan that stands on no line, and why: no policy, undetermined, no branch known."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(SubsidyRun, on_delete=models.PROTECT)
    loan_id = IdField()
    code = CodeField(max_length=64)
    clauses = models.JSONField()
    facts = models.JSONField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id run loan_id code clauses facts")

    class Meta:
        db_table = "casework_run_refusal"


class BankClaim(Scoped):
    """What the bank itself reckoned for a loan on a list: compared line by line, never paid by.

    Of several rows for the same days the sum, their number and the greatest of them.
    """

    id = models.BigAutoField(primary_key=True)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    loan_id = IdField()
    period = Period()
    amount_fen = FenField()
    rows = models.IntegerField()
    greatest_fen = FenField()
    rate_e8 = RateField(null=True)
    source = CodeField()
    fact_row_id = models.BigIntegerField(null=True)
    file_id = models.UUIDField(null=True)
    recorded = Recorded()
    recorded_by = models.BigIntegerField()

    protection = Protection("case", stays=True, closes="recorded")
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id subsidy_list loan_id period amount_fen rows greatest_fen rate_e8 source "
        "fact_row_id file_id recorded recorded_by"
    )

    class Meta:
        db_table = "casework_bank_claim"
        constraints = (
            models.UniqueConstraint(
                fields=["subsidy_list", "loan_id", "period"], condition=_OPEN, name="claim_once"
            ),
        )


class ListStage(Scoped):
    """Where a list stands, one stage after another; of two who move it at once, one wins by the key."""

    id = models.BigAutoField(primary_key=True)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    number = models.IntegerField()
    state = CodeField()
    recorded = Recorded()
    due_on = models.DateField(null=True)

    protection = Protection("case", stays=True, closes="recorded")
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id subsidy_list number state recorded due_on")

    class Meta:
        db_table = "casework_list_stage"
        constraints = (
            models.UniqueConstraint(fields=["subsidy_list", "number"], name="list_stage_once"),
            models.UniqueConstraint(
                fields=["subsidy_list"], condition=_OPEN, name="one_list_stage_at_a_time"
            ),
        )
        indexes = (models.Index(fields=["state", "scope_area"], condition=_OPEN, name="list_stage_now"),)


class ListAct(Scoped, Done):
    """What one person did at one stage of a list, on which content, with the totals as they were frozen then."""

    id = models.UUIDField(primary_key=True)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    stage_number = models.IntegerField()
    step = CodeField()
    outcome = CodeField()
    opinion = models.CharField(max_length=500, blank=True)
    clauses = models.JSONField(default=list)
    seen_hash = models.BinaryField()
    content_hash = models.BinaryField()
    lines = models.IntegerField()
    payable_fen = FenField()
    payable_by = models.JSONField()
    signed = models.JSONField(default=dict)
    done_place = IdField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} {DONE_FIELDS} id subsidy_list stage_number step outcome clauses seen_hash "
        "content_hash lines payable_fen payable_by done_place",
        personal="opinion signed",
    )

    class Meta:
        db_table = "casework_list_act"
        constraints = (
            models.UniqueConstraint(fields=["subsidy_list", "stage_number"], name="one_act_a_list_stage"),
        )


class LineCheck(Scoped):
    """What the township found for a line: identity, amount, right (LD2021-6)."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    identity = models.BooleanField()
    amount = models.BooleanField()
    right = models.BooleanField()
    checked_by = models.BigIntegerField()
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id line subsidy_list identity amount right checked_by at"
    )

    class Meta:
        db_table = "casework_line_check"


class LineAct(Scoped, Done):
    """A line held, released, excluded, restored or carried, or its difference explained: reason and clause."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(SubsidyLine, on_delete=models.PROTECT)
    subsidy_list = models.ForeignKey(SubsidyList, on_delete=models.PROTECT)
    kind = CodeField()
    reason = models.CharField(max_length=500)
    clause = CodeField(max_length=64, blank=True)
    source = IdField(max_length=100, blank=True)

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} {DONE_FIELDS} id line subsidy_list kind clause source",
        personal="reason",
    )

    class Meta:
        db_table = "casework_line_act"
        indexes = (models.Index(fields=["subsidy_list", "line", "-id"], name="line_act_last"),)
