"""Accounts and what they may do, where, from when to when."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from bangfu.casework.database.fields import CodeField, DataClasses, IdField, Period
from bangfu.casework.database.models import BASE_FIELDS, Recording, never_twice
from bangfu.casework.database.protection import Protection


class Account(AbstractBaseUser):
    """A person who may sign in. The second factor's secret lies in the vault."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    must_change_password = models.BooleanField(default=True)
    password_set_at = models.DateTimeField(null=True)
    second_factor_id = models.UUIDField(null=True)
    last_counter = models.BigIntegerField(default=-1)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"

    protection = Protection(
        "myself",
        append_only=False,
        writes=(
            "password",
            "last_login",
            "must_change_password",
            "password_set_at",
            "second_factor_id",
            "last_counter",
            "closed_at",
        ),
    )
    field_classes = DataClasses(
        internal="id username name must_change_password password_set_at last_login opened_at closed_at",
        secret="password second_factor_id last_counter",
    )

    class Meta:
        db_table = "casework_account"


class Grant(Recording):
    """A role in a place (an area's code or an institution's id) for a time."""

    account_id = models.BigIntegerField(db_index=True)
    role = CodeField()
    place = IdField()
    valid = Period()
    why = models.CharField(max_length=200, blank=True)

    protection = Protection("account", closes="recorded")
    field_classes = DataClasses(internal=f"{BASE_FIELDS} account_id role place valid why")

    class Meta:
        db_table = "casework_grant"
        constraints = (never_twice("grant_never_twice", "account_id", "role", "place"),)


class SignIn(models.Model):
    """The sign-in log: who tried, whether it worked, why not."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.BigIntegerField(null=True, db_index=True)
    username = models.CharField(max_length=64)
    at = models.DateTimeField()
    outcome = CodeField()
    address = models.GenericIPAddressField(null=True)

    protection = Protection("account")
    field_classes = DataClasses(internal="id account_id username at outcome", personal="address")

    class Meta:
        db_table = "casework_sign_in"


class Token(Recording):
    """A bank's or county's key to the API: only its hash is kept."""

    token_hash = models.BinaryField(unique=True)
    label = models.CharField(max_length=64)
    account_id = models.BigIntegerField()
    role = CodeField()
    place = IdField()
    may = models.JSONField()
    expires_at = models.DateTimeField()

    protection = Protection("account", closes="recorded")
    field_classes = DataClasses(
        internal=f"{BASE_FIELDS} label account_id role place may expires_at",
        secret="token_hash",
    )

    class Meta:
        db_table = "casework_token"


class Answered(models.Model):
    """What was answered to an idempotency key: asked again, the same is answered and nothing is done twice."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.BigIntegerField()
    key = models.CharField(max_length=128)
    asked_hash = models.BinaryField()
    status = models.SmallIntegerField()
    answer = models.JSONField()
    at = models.DateTimeField()

    protection = Protection("account")
    field_classes = DataClasses(internal="id account_id key asked_hash status answer at")

    class Meta:
        db_table = "casework_answered"
        constraints = (models.UniqueConstraint(fields=["account_id", "key"], name="answered_once"),)


class Asked(models.Model):
    """How often a token asked in a minute: one count for all workers, swept after a day."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.BigIntegerField()
    token = CodeField(max_length=64)
    minute = models.DateTimeField()
    times = models.IntegerField()

    protection = Protection("account", append_only=False, writes=("times",), deletes=True)
    field_classes = DataClasses(internal="id account_id token minute times")

    class Meta:
        db_table = "casework_asked"
        constraints = (models.UniqueConstraint(fields=["token", "minute"], name="asked_in_a_minute"),)
