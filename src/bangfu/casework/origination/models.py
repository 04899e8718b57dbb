"""Applications: what was asked, where it stands, who said what on which facts."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import CodeField, DataClasses, FenField, IdField, RateField, Recorded
from bangfu.casework.database.models import BASE_FIELDS, SCOPE_FIELDS, Recording, Scoped
from bangfu.casework.database.protection import Protection


class Application(Scoped):
    """An application of a household at a branch; what it asks stands in its versions."""

    id = IdField(primary_key=True)
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id opened_by opened_at")

    class Meta:
        db_table = "casework_application"


class ApplicationVersion(Scoped):
    """The fields of LD2021-form as they stood; a change is a new version with a new hash, and voids what was seen."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    number = models.IntegerField()
    content_hash = models.BinaryField()
    product = CodeField()
    kind = CodeField()
    parent_loan_id = IdField(blank=True)
    applied_on = models.DateField()
    borrower_member_id = IdField()
    borrower_name = models.CharField(max_length=64)
    borrower_sex = CodeField(blank=True)
    borrower_born_on = models.DateField(null=True)
    borrower_marital_status = CodeField(blank=True)
    family_size = models.IntegerField(null=True)
    borrower_id_number_id = models.UUIDField(null=True)
    borrower_phone_id = models.UUIDField(null=True)
    address = models.CharField(max_length=200, blank=True)
    spouse_name = models.CharField(max_length=64, blank=True)
    spouse_born_on = models.DateField(null=True)
    spouse_phone_id = models.UUIDField(null=True)
    spouse_id_number_id = models.UUIDField(null=True)
    amount_fen = FenField()
    purpose = CodeField()
    purpose_text = models.CharField(max_length=500, blank=True)
    term_months = models.IntegerField()
    rate_e8 = RateField(null=True)
    interest_method = CodeField(blank=True)
    guarantee = CodeField(default="none")
    funding = CodeField(blank=True)
    subsidy_ceiling_fen = FenField(null=True)
    recorded_by = models.BigIntegerField()
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id application number content_hash product kind parent_loan_id applied_on "
        "borrower_member_id borrower_id_number_id borrower_phone_id spouse_phone_id spouse_id_number_id amount_fen "
        "purpose term_months rate_e8 interest_method guarantee funding subsidy_ceiling_fen recorded_by at",
        personal="borrower_name borrower_sex borrower_born_on borrower_marital_status family_size address spouse_name "
        "spouse_born_on purpose_text",
    )

    class Meta:
        db_table = "casework_application_version"
        constraints = (
            models.UniqueConstraint(fields=["application", "number"], name="application_version_once"),
        )


class CoreDecision(Scoped):
    """What the core decided for a version on a day: every rule, its facts, its clause; hashes of facts and policy."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    version = models.IntegerField()
    on = models.DateField()
    outcome = CodeField()
    told = models.JSONField()
    policy = models.CharField(max_length=200)
    policy_hash = models.BinaryField()
    facts_hash = models.BinaryField()
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id application version on outcome policy policy_hash facts_hash at",
        personal="told",
    )

    class Meta:
        db_table = "casework_core_decision"


class Stage(Scoped):
    """Where an application stands, one stage after another; of two who move it at once, one wins by the key."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    number = models.IntegerField()
    state = CodeField()
    recorded = Recorded()
    due_on = models.DateField(null=True)

    protection = Protection("case", follows=True, closes="recorded")
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id application number state recorded due_on")

    class Meta:
        db_table = "casework_stage"
        constraints = (
            models.UniqueConstraint(fields=["application", "number"], name="stage_once"),
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(recorded__upper_inf=True),
                name="one_stage_at_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=["state", "scope_area"], condition=models.Q(recorded__upper_inf=True), name="stage_now"
            ),
        )


class Review(Scoped):
    """What one reviewer said at one stage, on which content (``seen_hash``) and which decision of the core."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    stage_number = models.IntegerField()
    step = CodeField()
    outcome = CodeField()
    opinion = models.CharField(max_length=500, blank=True)
    reason_code = CodeField(max_length=64, blank=True)
    attested = models.JSONField(default=dict)
    seen_hash = models.BinaryField()
    decision = models.ForeignKey(CoreDecision, null=True, on_delete=models.PROTECT)
    reviewed_by = models.BigIntegerField()
    reviewed_name = models.CharField(max_length=64)
    reviewed_role = CodeField()
    reviewed_place = IdField()
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id application stage_number step outcome reason_code seen_hash decision reviewed_by "
        "reviewed_name reviewed_role reviewed_place at",
        personal="opinion attested",
    )

    class Meta:
        db_table = "casework_review"
        constraints = (
            models.UniqueConstraint(fields=["application", "stage_number"], name="one_review_a_stage"),
        )


class ExceptionApproval(Scoped):
    """An exception from a limit that holds “in principle”: ground, who asked, who approved, which clause."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    seen_hash = models.BinaryField()
    code = CodeField(max_length=64)
    clauses = models.JSONField()
    ground = models.CharField(max_length=500)
    outcome = CodeField()
    asked_by = models.BigIntegerField()
    asked_name = models.CharField(max_length=64)
    approved_by = models.BigIntegerField()
    approved_name = models.CharField(max_length=64)
    approved_role = CodeField()
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id application seen_hash code clauses outcome asked_by asked_name approved_by "
        "approved_name approved_role at",
        personal="ground",
    )

    class Meta:
        db_table = "casework_exception_approval"


class ExceptionRequest(Scoped):
    """Asking for an exception: what the approver is shown."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    seen_hash = models.BinaryField()
    code = CodeField(max_length=64)
    clauses = models.JSONField()
    ground = models.CharField(max_length=500)
    asked_by = models.BigIntegerField()
    asked_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id application seen_hash code clauses asked_by asked_name at",
        personal="ground",
    )

    class Meta:
        db_table = "casework_exception_request"


class OwnHousehold(Recording):
    """That a household is an account holder's own: they neither enter nor review what it asks for."""

    account_id = models.BigIntegerField(db_index=True)
    household_id = IdField()

    protection = Protection("account", closes="recorded")
    field_classes = DataClasses(internal=f"{BASE_FIELDS} account_id household_id")

    class Meta:
        db_table = "casework_own_household"
        constraints = (
            models.UniqueConstraint(
                fields=["account_id", "household_id"],
                condition=models.Q(recorded__upper_inf=True),
                name="own_household_once",
            ),
        )


class CreditRating(Scoped):
    """The bank's rating of a household before a decision (CN2021-2.1): grade, limit, reasons."""

    id = models.UUIDField(primary_key=True)
    grade = CodeField()
    limit_fen = FenField()
    reasons = models.CharField(max_length=500)
    rated_on = models.DateField()
    recorded_by = models.BigIntegerField()
    recorded_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", follows=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id rated_on recorded_by recorded_name at",
        personal="grade limit_fen reasons",
    )

    class Meta:
        db_table = "casework_credit_rating"


class Filing(Scoped):
    """A monthly report or list, generated and filed (LD2021-2.2c, 2.2d): which month, from whom, to whom."""

    id = models.UUIDField(primary_key=True)
    kind = CodeField()
    month = models.DateField()
    file_id = models.UUIDField()
    workbook_id = models.UUIDField(null=True)
    from_on = models.DateField()
    to_on = models.DateField()
    content_hash = models.BinaryField()
    counts = models.JSONField()
    filed_by = models.BigIntegerField()
    filed_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case")
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id kind month file_id workbook_id from_on to_on content_hash counts filed_by "
        "filed_name at"
    )

    class Meta:
        db_table = "casework_filing"
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "month", "institution_id", "scope_area"],
                name="filed_once",
                nulls_distinct=False,
            ),
        )
