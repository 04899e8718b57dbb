"""What PostgreSQL itself keeps for each table: who sees which rows, what may be changed, nothing by trust in the code.

Each model says ``protection = Protection(…)``; the statements are made from that, and made again by every
``bangfu init`` (they replace themselves). A test refuses a model without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.apps import apps
from django.db import models

__all__ = ["Kind", "Protection", "models_protected", "statements"]

Kind = Literal["case", "registry", "request", "account", "myself", "signed_in", "public", "dealings", "trail"]

_ALL = "(select bangfu_everything())"
_AREAS = "scope_area like any ((select bangfu_areas())::text[])"
_SERVED = "scope_area like any ((select bangfu_served())::text[])"
_INSTITUTIONS = "institution_id = any ((select bangfu_institutions())::text[])"
_NOWHERE = "scope_area = '' and institution_id is null"
_ME = "account_id = (select bangfu_account())"
_DEALINGS = f"household_id in (select household_id from casework_dealings where {_INSTITUTIONS})"

# Who sees a row. ``scope_area``, ``institution_id``, ``household_id`` and ``account_id`` are columns of the row.
SEEN: dict[str, str] = {
    "case": f"{_ALL} or {_AREAS} or {_INSTITUTIONS}",
    "registry": f"{_ALL} or {_AREAS} or {_SERVED} or {_DEALINGS}",
    "request": (
        f"{_ALL} or {_AREAS} or {_INSTITUTIONS} or asked_by = (select bangfu_account())"
        " or (desk = 'accounts' and (select bangfu_accounts()))"
    ),
    "dealings": f"{_ALL} or {_AREAS} or {_SERVED} or {_INSTITUTIONS}",
    "account": f"{_ALL} or {_ME} or (select bangfu_accounts())",
    "myself": f"{_ALL} or id = (select bangfu_account()) or (select bangfu_accounts())",
    "signed_in": f"{_ALL} or (select bangfu_account()) is not null",
    "public": "true",
    # Acts on accounts and on the site itself have no place: administrators see them.
    "trail": f"{_ALL} or {_ME} or {_AREAS} or {_INSTITUTIONS} or ({_NOWHERE} and (select bangfu_accounts()))",
}


# Tables of the libraries: sessions, failed sign-ins, jobs. They hold no cases.
_LIBRARY_TABLES = (
    "django_session",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
    "axes_accessattemptexpiration",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
)


@dataclass(frozen=True)
class Protection:
    """How a table is kept.

    Attributes:
        seen: Who sees a row (``SEEN``).
        append_only: Rows are never changed or deleted, but for ``closes``.
        closes: A range column whose open end may be closed, once.
        follows: ``scope_area`` alone may be written again, where ``bangfu.following`` is set: the row follows its
            household to another place. It says who may see a row, and is no fact of it.
        stays: The row tells of its time and place, and stays there when its household moves.
        writes: Columns that may be written again where the table is not append-only.
        deletes: Whether rows may be deleted (the vault never; sessions and the like do).
        inserts: Whether the app may add rows itself (links of the trail are added by PostgreSQL alone).
        more: Further statements of the table, each replacing itself.
    """

    seen: Kind
    append_only: bool = True
    inserts: bool = True
    more: tuple[str, ...] = ()
    closes: str = ""
    follows: bool = False
    stays: bool = False
    writes: tuple[str, ...] = ()
    deletes: bool = False


GROUND = """
create or replace function bangfu_text(name text) returns text language sql stable parallel safe as
  $$ select nullif(current_setting(name, true), '') $$;
create or replace function bangfu_areas() returns text[] language sql stable parallel safe as
  $$ select string_to_array(public.bangfu_text('bangfu.areas'), ',') $$;
create or replace function bangfu_served() returns text[] language sql stable parallel safe as
  $$ select string_to_array(public.bangfu_text('bangfu.served'), ',') $$;
create or replace function bangfu_institutions() returns text[] language sql stable parallel safe as
  $$ select string_to_array(public.bangfu_text('bangfu.institutions'), ',') $$;
create or replace function bangfu_account() returns bigint language sql stable parallel safe as
  $$ select public.bangfu_text('bangfu.account')::bigint $$;
create or replace function bangfu_accounts() returns boolean language sql stable parallel safe as
  $$ select coalesce(public.bangfu_text('bangfu.accounts') = 'on', false) $$;
create or replace function bangfu_everything() returns boolean language sql stable parallel safe as
  $$ select coalesce(public.bangfu_text('bangfu.everything') = 'on', false) $$;

create or replace function bangfu_never() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_nargs = 1 and bangfu_text('bangfu.following') = 'on' then
    if to_jsonb(old) - 'scope_area' = to_jsonb(new) - 'scope_area' then return new; end if;
  end if;
  raise exception 'append_only: rows of % are never changed or deleted', tg_table_name using errcode = 'BF001';
end $$;

create or replace function bangfu_close_once() returns trigger language plpgsql as $$
declare before_rest jsonb; after_rest jsonb; before_range text; after_range text; low_kept boolean; ended boolean;
begin
  if tg_nargs = 2 and bangfu_text('bangfu.following') = 'on'
      and to_jsonb(old) - 'scope_area' = to_jsonb(new) - 'scope_area' then
    return new;
  end if;
  before_rest := to_jsonb(old) - tg_argv[0];
  after_rest := to_jsonb(new) - tg_argv[0];
  execute format('select upper_inf(($1).%1$I) and not upper_inf(($2).%1$I) and lower(($1).%1$I) = lower(($2).%1$I)'
    || ' and lower_inc(($2).%1$I) and not isempty(($2).%1$I)', tg_argv[0]) into ended using old, new;
  if before_rest is distinct from after_rest or ended is not true then
    raise exception 'append_only: of % only the open end of % may be closed, once', tg_table_name, tg_argv[0]
      using errcode = 'BF001';
  end if;
  return new;
end $$;
"""


def models_protected() -> Iterator[tuple[type[models.Model], Protection]]:
    """The models of the platform with their protection; one without is an error."""
    for model in apps.get_app_config("casework").get_models():
        protection = getattr(model, "protection", None)
        if not isinstance(protection, Protection):
            raise TypeError(f"{model.__name__} does not say how it is protected")
        yield model, protection


def statements(app: str) -> Iterator[str]:
    """All statements that protect all tables, for the role that serves requests.

    Args:
        app: The role's name, as a quoted identifier.
    """
    yield GROUND
    yield f"revoke all on all tables in schema public from {app}; grant usage on schema public to {app}"
    yield f"grant usage on all sequences in schema public to {app}"
    for table in _LIBRARY_TABLES:
        yield f"grant select, insert, update, delete on {table} to {app}"
    yield f"grant select on django_migrations to {app}"  # whether the database is up to date
    for model, protection in models_protected():
        yield from _of_table(model._meta.db_table, protection, app)


def _of_table(table: str, kept: Protection, app: str) -> Iterator[str]:
    yield f"alter table {table} enable row level security; alter table {table} force row level security"
    yield f"drop policy if exists seen on {table}"
    yield f"create policy seen on {table} using ({SEEN[kept.seen]}) with check ({SEEN[kept.seen]})"
    yield f"grant select{', insert' if kept.inserts else ''} on {table} to {app}"
    yield f"drop trigger if exists bangfu_never on {table}; drop trigger if exists bangfu_no_truncate on {table}"
    yield f"drop trigger if exists bangfu_close_once on {table}"
    yield f"create trigger bangfu_no_truncate before truncate on {table} execute function bangfu_never()"
    follows = "'follows'" if kept.follows else ""
    if kept.follows:
        yield f"grant update (scope_area) on {table} to {app}"
    if kept.closes:
        told = f"'{kept.closes}'{', ' + follows if follows else ''}"
        yield f"grant update ({kept.closes}) on {table} to {app}"
        yield (
            f"create trigger bangfu_close_once before update on {table} for each row "
            f"execute function bangfu_close_once({told})"
        )
        yield f"create trigger bangfu_never before delete on {table} for each row execute function bangfu_never()"
    elif kept.append_only:
        yield (
            f"create trigger bangfu_never before update or delete on {table} for each row "
            f"execute function bangfu_never({follows})"
        )
    elif kept.writes:
        yield f"grant update ({', '.join(kept.writes)}) on {table} to {app}"
    if kept.deletes:
        yield f"grant delete on {table} to {app}"
    yield from kept.more
