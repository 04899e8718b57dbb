"""Accounts money is paid to, batches, their items and results; a line is paid once, whatever happens."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bangfu.casework.database.fields import CodeField, DataClasses, FenField, IdField, Period
from bangfu.casework.database.locks import LISTS
from bangfu.casework.database.models import BASE_FIELDS, SCOPE_FIELDS, Recording, Scoped
from bangfu.casework.database.protection import Protection

# These functions see all rows, whoever asks: what they keep must not depend on a reader's scope. (A function's own SET
# of our setting is a superuser's to declare; where it raises, the setting falls back with the statement.)
_DEFINER = "security definer set search_path = pg_catalog, public"
_SEES_ALL = "perform set_config('bangfu.everything', 'on', true);"
_AS_BEFORE = "perform set_config('bangfu.everything', coalesce(seen, ''), true);"
_SEEN = "seen text := current_setting('bangfu.everything', true);"
# An item is of a line that stands and is open, for what the line says, and follows another only where that one's money
# came back. Items and acts on lines wait for each other by the lock of the list: the second of two sees the first.
_ONE_AT_A_TIME = f"""
create or replace function bangfu_paid_once() returns trigger language plpgsql {_DEFINER} as $$
declare wrong uuid; {_SEEN}
begin
  {_SEES_ALL}
  perform pg_advisory_xact_lock({LISTS}, hashtext(one.list_id::text))
    from (select distinct list_id from fresh order by list_id) one;
  select f.line_id into wrong from fresh f
    left join casework_subsidy_line l on l.id = f.line_id and upper_inf(l.recorded) and l.kind <> 'recovery'
      and l.payable_fen = f.amount_fen and l.subsidy_list_id = f.list_id and l.loan_id = f.loan_id
    left join lateral (select a.kind from casework_line_act a where a.line_id = f.line_id and a.kind <> 'explained'
      order by a.id desc limit 1) act on true
    left join casework_payment_item before on before.line_id = f.line_id and before.attempt = f.attempt - 1
    left join lateral (select r.outcome from casework_payment_result r where r.item_id = before.id
      order by r.number desc limit 1) became on true
    where l.id is null or coalesce(act.kind in ('held', 'excluded', 'carried'), false)
      or not (f.attempt = 1 or f.attempt > 1 and coalesce(became.outcome in ('failed', 'returned'), false))
    limit 1;
  if wrong is not null then
    raise exception 'paid_once: line % is under payment, paid, or not to be paid so', wrong using errcode = 'BF002';
  end if;
  {_AS_BEFORE}
  return null;
end $$;
drop trigger if exists bangfu_paid_once on casework_payment_item;
create trigger bangfu_paid_once after insert on casework_payment_item referencing new table as fresh
  for each statement execute function bangfu_paid_once();
"""
# A result is of a batch that was released; a paid item may come back, and then nothing more is said of it.
_ONE_RESULT = f"""
create or replace function bangfu_one_result() returns trigger language plpgsql {_DEFINER} as $$
declare wrong uuid; {_SEEN}
begin
  {_SEES_ALL}
  select f.item_id into wrong from fresh f
    join casework_payment_item i on i.id = f.item_id
    left join casework_payment_export e on e.batch_id = i.batch_id
    left join casework_payment_result before on before.item_id = f.item_id and before.number = f.number - 1
    where not coalesce(
      e.outcome = 'rejected' and f.number = 1 and f.outcome = 'failed'
      or e.outcome = 'released' and f.number = 1 and f.outcome in ('paid', 'failed', 'returned')
      or e.outcome = 'released' and f.number = 2 and f.outcome = 'returned' and before.outcome = 'paid', false)
    limit 1;
  if wrong is not null then
    raise exception 'one_result: item % takes no such result', wrong using errcode = 'BF002';
  end if;
  {_AS_BEFORE}
  return null;
end $$;
drop trigger if exists bangfu_one_result on casework_payment_result;
create trigger bangfu_one_result after insert on casework_payment_result referencing new table as fresh
  for each statement execute function bangfu_one_result();
"""
# A line whose money is on its way, or with the household, is neither held, excluded nor carried over: carried over it
# would be paid twice.
_NOT_ON_ITS_WAY = f"""
create or replace function bangfu_not_on_its_way() returns trigger language plpgsql {_DEFINER} as $$
declare last_item uuid; last_outcome text; {_SEEN}
begin
  if new.kind not in ('held', 'excluded', 'carried') then return new; end if;
  {_SEES_ALL}
  perform pg_advisory_xact_lock({LISTS}, hashtext(new.subsidy_list_id::text));
  select i.id, (select r.outcome from casework_payment_result r where r.item_id = i.id order by r.number desc limit 1)
    into last_item, last_outcome
    from casework_payment_item i where i.line_id = new.line_id order by i.attempt desc limit 1;
  {_AS_BEFORE}
  if last_item is null or last_outcome in ('failed', 'returned') then return new; end if;
  raise exception 'paid_once: line % is under payment or paid', new.line_id using errcode = 'BF002';
end $$;
drop trigger if exists bangfu_not_on_its_way on casework_line_act;
create trigger bangfu_not_on_its_way before insert on casework_line_act
  for each row execute function bangfu_not_on_its_way();
"""


class PayeeAccount(Recording, Scoped):
    """The account a household's subsidy is paid to, from a day on; or a branch's own. The number lies in the vault."""

    holder_name = models.CharField(max_length=64)
    account_id = models.UUIDField()
    bank_name = models.CharField(max_length=100, blank=True)
    source = CodeField()
    valid = Period()

    protection = Protection("registry", follows=True, closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} {SCOPE_FIELDS} account_id bank_name source valid", personal="holder_name"
    )

    class Meta:
        db_table = "casework_payee_account"
        constraints = (
            models.UniqueConstraint(
                fields=["household_id"],
                condition=Q(recorded__upper_inf=True),
                name="payee_account_stands_once",
            ),
            models.UniqueConstraint(
                fields=["institution_id"],
                condition=Q(recorded__upper_inf=True, household_id__isnull=True),
                name="bank_account_stands_once",
            ),
        )


class CardFormat(Recording, Scoped):
    """How a county's one-card system wants its file: columns, encoding, separator; a new one closes the old."""

    code = CodeField()
    name = models.CharField(max_length=100)
    spec = models.JSONField()

    protection = Protection("case", stays=True, closes="recorded")
    field_classes = DataClasses(internal=f"{BASE_FIELDS} {SCOPE_FIELDS} code name spec")

    class Meta:
        db_table = "casework_card_format"
        constraints = (
            models.UniqueConstraint(
                fields=["scope_area", "code"],
                condition=Q(recorded__upper_inf=True),
                name="card_format_stands_once",
            ),
        )


class PaymentBatch(Scoped):
    """A batch for the one-card system: prepared by one; what it holds is fixed by its hash."""

    id = models.UUIDField(primary_key=True)
    cycle_id = models.UUIDField(db_index=True)
    number = models.IntegerField()
    format = models.JSONField()
    content_hash = models.BinaryField()
    items = models.IntegerField()
    total_fen = FenField()
    by_source = models.JSONField()
    prepared_by = models.BigIntegerField()
    prepared_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id cycle_id number format content_hash items total_fen by_source prepared_by "
        "prepared_name at"
    )

    class Meta:
        db_table = "casework_payment_batch"
        constraints = (models.UniqueConstraint(fields=["cycle_id", "number"], name="payment_batch_once"),)


class PaymentExport(Scoped):
    """That another person released the batch: the file with its hash, the control sheet; once."""

    batch = models.OneToOneField(PaymentBatch, primary_key=True, on_delete=models.PROTECT)
    outcome = CodeField()
    reason = models.CharField(max_length=500, blank=True)
    file_id = models.UUIDField(null=True)
    control_id = models.UUIDField(null=True)
    file_hash = models.BinaryField(null=True)
    seen_hash = models.BinaryField()
    done_by = models.BigIntegerField()
    done_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} batch outcome file_id control_id file_hash seen_hash done_by done_name at",
        personal="reason",
    )

    class Meta:
        db_table = "casework_payment_export"


class PaymentItem(Scoped):
    """One payment of one line: to whom, to which account, how much."""

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT)
    number = models.IntegerField()
    line_id = models.UUIDField()
    list_id = models.UUIDField(db_index=True)
    loan_id = IdField(db_index=True)
    attempt = models.IntegerField()
    amount_fen = FenField()
    by_source = models.JSONField()
    paid_to = CodeField()
    payee_name = models.CharField(max_length=100)
    id_number_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    bank_name = models.CharField(max_length=100, blank=True)

    protection = Protection("case", stays=True, more=(_ONE_AT_A_TIME, _NOT_ON_ITS_WAY))
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id batch number line_id list_id loan_id attempt amount_fen by_source paid_to "
        "id_number_id account_id bank_name",
        personal="payee_name",
    )

    class Meta:
        db_table = "casework_payment_item"
        constraints = (
            models.UniqueConstraint(fields=["line_id", "attempt"], name="line_attempt_once"),
            models.UniqueConstraint(fields=["batch", "number"], name="payment_item_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_positive"),
        )


class PaymentResult(Scoped):
    """What became of an item: paid, failed or returned; a paid one may still come back, once."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(PaymentItem, on_delete=models.PROTECT)
    number = models.IntegerField()
    outcome = CodeField()
    reason_code = CodeField(blank=True)
    reason = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    reference = IdField(blank=True, max_length=100)
    file_id = models.UUIDField(null=True)
    recorded_by = models.BigIntegerField()
    at = models.DateTimeField()

    protection = Protection("case", stays=True, more=(_ONE_RESULT,))
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id item number outcome reason_code on reference file_id recorded_by at",
        personal="reason",
    )

    class Meta:
        db_table = "casework_payment_result"
        constraints = (models.UniqueConstraint(fields=["item", "number"], name="payment_result_once"),)


class ResultFile(Scoped):
    """A result file that was read: of one content one, so that reading it again changes nothing."""

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT)
    sha256 = models.BinaryField()
    file_id = models.UUIDField()
    told = models.JSONField()
    read_by = models.BigIntegerField()
    read_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(internal=f"{SCOPE_FIELDS} id batch sha256 file_id told read_by read_name at")

    class Meta:
        db_table = "casework_result_file"
        constraints = (models.UniqueConstraint(fields=["batch", "sha256"], name="result_file_once"),)


class HouseholdProof(Scoped):
    """Proof that the money of a line reached the household: its card, the ledger, or a paper (HLJ2019-2.4)."""

    id = models.BigAutoField(primary_key=True)
    line_id = models.UUIDField(db_index=True)
    item_id = models.UUIDField()
    loan_id = IdField()
    kind = CodeField()
    on = models.DateField()
    amount_fen = FenField()
    event_id = models.BigIntegerField(null=True)
    file_id = models.UUIDField(null=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.BigIntegerField()
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id line_id item_id loan_id kind on amount_fen event_id file_id recorded_by at",
        personal="note",
    )

    class Meta:
        db_table = "casework_household_proof"
        constraints = (
            models.UniqueConstraint(
                fields=["event_id"], condition=Q(event_id__isnull=False), name="proof_of_an_event_once"
            ),
        )


class Recovered(Scoped):
    """Money of a recovery line that came back: from whom, when, on which voucher."""

    id = models.BigAutoField(primary_key=True)
    line_id = models.UUIDField(db_index=True)
    loan_id = IdField()
    on = models.DateField()
    amount_fen = FenField()
    by_source = models.JSONField()
    from_whom = CodeField()
    voucher = models.CharField(max_length=100)
    recorded_by = models.BigIntegerField()
    at = models.DateTimeField()

    protection = Protection("case", stays=True)
    field_classes = DataClasses(
        internal=f"{SCOPE_FIELDS} id line_id loan_id on amount_fen by_source from_whom voucher recorded_by at"
    )

    class Meta:
        db_table = "casework_recovered"
        constraints = (
            models.UniqueConstraint(fields=["line_id", "voucher"], name="recovered_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="recovered_positive"),
        )
