"""Places, institutions, households and rosters, each with the days it held and the time we knew it."""

from __future__ import annotations

from django.db import models

from bangfu.casework.database.fields import AreaField, CodeField, DataClasses, IdField, Period, Text
from bangfu.casework.database.models import BASE_FIELDS, SCOPE_FIELDS, Recording, Scoped, never_twice
from bangfu.casework.database.protection import Protection

_STANDS = models.Q(recorded__upper_inf=True)


def spelt(column: str) -> models.Func:
    """A name's reading as people type it: ``wang2 guo2 qing4`` is ``wangguoqing``."""
    return models.Func(
        models.F(column), models.Value("12345 "), models.Value(""), function="translate", output_field=Text()
    )


class Area(Recording):
    """A division with its dated code: county (6 digits), township (9), village (12)."""

    code = AreaField()
    name = models.CharField(max_length=64)
    pinyin = models.CharField(max_length=160, blank=True)
    valid = Period()

    protection = Protection("public", closes="recorded")
    field_classes = DataClasses(public="code name pinyin valid", internal=BASE_FIELDS)

    class Meta:
        db_table = "casework_area"
        constraints = (never_twice("area_never_twice", "code"),)


class AreaSuccession(Recording):
    """A village renamed or merged: which code took over which, from which day."""

    old_code = AreaField()
    new_code = AreaField()
    on = models.DateField()
    kind = CodeField()

    protection = Protection("public", closes="recorded")
    field_classes = DataClasses(public="old_code new_code on kind", internal=BASE_FIELDS)

    class Meta:
        db_table = "casework_area_succession"


class Institution(Recording):
    """A county bank or one of its branches, where its outlet stands."""

    institution_id = IdField()
    kind = CodeField()
    name = models.CharField(max_length=100)
    parent_id = IdField(null=True)
    area_code = AreaField()
    valid = Period()

    protection = Protection("public", closes="recorded")
    field_classes = DataClasses(
        public="institution_id kind name parent_id area_code valid", internal=BASE_FIELDS
    )

    class Meta:
        db_table = "casework_institution"
        constraints = (never_twice("institution_never_twice", "institution_id"),)


class LeadBank(Recording):
    """The one lead bank of a township, with an outlet there, as filed (CN2021-4.3, HA2021-3.2)."""

    township = AreaField()
    institution_id = IdField()
    valid = Period()
    named_by = models.CharField(max_length=100)
    filing_number = models.CharField(max_length=100)
    filed_with = models.CharField(max_length=100)
    filed_on = models.DateField()

    protection = Protection("public", closes="recorded")
    field_classes = DataClasses(
        public="township institution_id valid named_by filing_number filed_with filed_on",
        internal=BASE_FIELDS,
    )

    class Meta:
        db_table = "casework_lead_bank"
        constraints = (never_twice("one_lead_bank_a_township", "township"),)


class Dealings(models.Model):
    """That a bank has to do with a household outside the townships it leads: an application or a loan."""

    id = models.BigAutoField(primary_key=True)
    household_id = IdField()
    institution_id = IdField()
    scope_area = AreaField()

    protection = Protection("dealings", follows=True)
    field_classes = DataClasses(internal="id household_id institution_id scope_area")

    class Meta:
        db_table = "casework_dealings"
        constraints = (
            models.UniqueConstraint(fields=["institution_id", "household_id"], name="dealings_once"),
        )


class Household(Recording, Scoped):
    """What a household was, on which days (``scope_area`` is its village)."""

    head_name = Text(max_length=64)
    pinyin = Text(max_length=160, blank=True)
    labour_count = models.IntegerField(null=True)
    poverty_cause = CodeField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    valid = Period()

    protection = Protection("registry", closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} {SCOPE_FIELDS} valid",
        personal="head_name pinyin labour_count poverty_cause address",
    )

    class Meta:
        db_table = "casework_household"
        constraints = (never_twice("household_never_twice", "household_id"),)
        indexes = (
            models.Index(fields=["scope_area", "pinyin", "household_id"], name="household_by_pinyin"),
            models.Index(fields=["pinyin", "household_id"], name="household_sorted", condition=_STANDS),
            models.Index(fields=["head_name"], name="household_by_name", condition=_STANDS),
            models.Index(spelt("pinyin"), name="household_spelt", condition=_STANDS),
        )


class Member(Recording, Scoped):
    """What a member was, on which days; the ID number and phone lie in the vault."""

    member_id = IdField(db_index=True)
    name = Text(max_length=64)
    id_number_id = models.UUIDField(null=True)
    phone_id = models.UUIDField(null=True)
    relation = CodeField(blank=True)
    labour = models.BooleanField(null=True)
    born_on = models.DateField(null=True)
    marital_status = CodeField(blank=True)
    deceased_on = models.DateField(null=True)
    valid = Period()

    protection = Protection("registry", closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} {SCOPE_FIELDS} member_id valid id_number_id phone_id",
        personal="name relation labour born_on marital_status deceased_on",
    )

    class Meta:
        db_table = "casework_member"
        constraints = (never_twice("member_never_twice", "member_id"),)
        indexes = (models.Index(fields=["name"], name="member_by_name", condition=_STANDS),)


class RosterEntry(Recording, Scoped):
    """A household on a list: category, from listed_on until left_on (exclusive), why it left."""

    category = CodeField()
    valid = Period()
    left_reason = CodeField(blank=True)

    protection = Protection("registry", closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} {SCOPE_FIELDS} valid", personal="category left_reason"
    )

    class Meta:
        db_table = "casework_roster_entry"
        constraints = (never_twice("roster_never_twice", "household_id", "category"),)


class RosterDelivery(Scoped):
    """A dated version of the rosters given to a bank (LD2021-3.3, CN2021-5.4): counts, hash, file."""

    id = models.UUIDField(primary_key=True)
    as_of = models.DateField()
    counts = models.JSONField()
    content_hash = models.BinaryField()
    file_id = models.UUIDField(null=True)
    paper_id = models.UUIDField(null=True)
    delivered_by = models.BigIntegerField()
    delivered_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case")
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id as_of counts content_hash file_id paper_id delivered_by delivered_name at"
    )

    class Meta:
        db_table = "casework_roster_delivery"


class Acknowledgement(Scoped):
    """The bank's acknowledgement of a delivery."""

    delivery = models.OneToOneField(RosterDelivery, on_delete=models.PROTECT, primary_key=True)
    acknowledged_by = models.BigIntegerField()
    acknowledged_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case")
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} delivery acknowledged_by acknowledged_name at")

    class Meta:
        db_table = "casework_acknowledgement"
