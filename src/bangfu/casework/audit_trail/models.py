"""Trail rows and the links that chain them at commit."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.json import KeyTextTransform

from bangfu.casework.database.fields import AreaField, CodeField, DataClasses, IdField
from bangfu.casework.database.locks import TRAIL
from bangfu.casework.database.protection import Protection

# At commit, one transaction after another: the next number, and a hash over the last one and this row.
LINKED = (
    f"""
    create or replace function bangfu_link() returns trigger language plpgsql security definer
    set search_path = public as $$
    declare last_number bigint; last_hash bytea; seen text := current_setting('bangfu.everything', true);
    begin
      perform set_config('bangfu.everything', 'on', true);
      perform pg_advisory_xact_lock({TRAIL});
      select number, hash into last_number, last_hash from casework_trail_link order by number desc limit 1;
      insert into casework_trail_link (number, row_id, hash) values (
        coalesce(last_number, 0) + 1, new.id,
        sha256(coalesce(last_hash, ''::bytea) || sha256(convert_to(new.content::text, 'UTF8') || new.mac)));
      perform set_config('bangfu.everything', coalesce(seen, ''), true);
      return null;
    end $$
    """,
    "drop trigger if exists bangfu_link on casework_trail_row",
    (
        "create constraint trigger bangfu_link after insert on casework_trail_row"
        " deferrable initially deferred for each row execute function bangfu_link()"
    ),
)


class TrailRow(models.Model):
    """One act. ``content`` is what is hashed; the other columns are made of it by PostgreSQL, for looking up."""

    id = models.BigAutoField(primary_key=True)
    content = models.JSONField()
    mac = models.BinaryField()
    account_id = models.BigIntegerField(null=True)
    scope_area = AreaField(blank=True)
    institution_id = IdField(null=True)
    act = models.GeneratedField(
        expression=KeyTextTransform("act", "content"), output_field=CodeField(max_length=64), db_persist=True
    )
    subject = models.GeneratedField(
        expression=KeyTextTransform("subject", "content"),
        output_field=IdField(max_length=160),
        db_persist=True,
    )
    at = models.GeneratedField(
        expression=KeyTextTransform("at", "content"), output_field=IdField(max_length=40), db_persist=True
    )

    protection = Protection("trail", more=LINKED)
    field_classes = DataClasses(
        internal="id account_id scope_area institution_id act subject at mac", personal="content"
    )

    class Meta:
        db_table = "casework_trail_row"
        indexes = (
            models.Index(fields=["subject", "id"], name="trail_row_of_subject"),
            models.Index(fields=["account_id", "id"], name="trail_row_of_account"),
        )


class TrailLink(models.Model):
    """The chain: written at commit by a trigger, under a lock, one number after another."""

    number = models.BigIntegerField(primary_key=True)
    row = models.OneToOneField(TrailRow, on_delete=models.PROTECT)
    hash = models.BinaryField()

    protection = Protection("signed_in", inserts=False)
    field_classes = DataClasses(internal="number row hash")

    class Meta:
        db_table = "casework_trail_link"


__all__ = ["TrailLink", "TrailRow"]
