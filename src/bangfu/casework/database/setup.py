"""A database from nothing, or brought up to date: roles, extensions, migrations, protections. As the role ``owner``."""

from __future__ import annotations

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from bangfu.casework.database.protection import statements

__all__ = ["OWNER", "made_roles", "migrated", "protected"]

OWNER, APP = "owner", "app"
_EXTENSIONS = ("btree_gist", "pg_trgm")


def made_roles(superuser_dsn: str, *, database: str) -> None:
    """On the embedded server: the roles ``owner`` and ``app`` and the database, where they are missing.

    Args:
        superuser_dsn: A connection string of the cluster's superuser.
        database: The database's name.
    """
    with psycopg.connect(superuser_dsn, autocommit=True) as door:
        for role, rights in (
            (OWNER, "login"),
            (APP, "login nosuperuser nobypassrls nocreatedb nocreaterole"),
        ):
            there = door.execute("select from pg_roles where rolname = %s", (role,)).fetchone()
            if there is None:
                door.execute(sql.SQL("create role {} " + rights).format(sql.Identifier(role)))
        if door.execute("select from pg_database where datname = %s", (database,)).fetchone() is None:
            door.execute(
                sql.SQL("create database {} owner {} encoding 'UTF8' template template0").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )
    with psycopg.connect(superuser_dsn, dbname=database, autocommit=True) as door:
        for name in _EXTENSIONS:
            door.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))


def migrated() -> None:
    """All migrations, as the owner, each waiting for no lock longer than three seconds."""
    call_command("migrate", database="owner", interactive=False, verbosity=0, skip_checks=True)


def protected() -> None:
    """Rights, row-level security and triggers of every table, made anew in one transaction."""
    door = connections["owner"]
    app = connections["default"].settings_dict["USER"]
    if app == door.settings_dict["USER"]:
        raise RuntimeError(
            "the site must not run as the owner of its tables: row-level security and rights would be void"
        )
    door.ensure_connection()
    quoted = sql.Identifier(app).as_string(door.connection)
    with door.cursor() as cursor:
        cursor.execute("begin")
        try:
            for statement in statements(quoted):
                cursor.execute(statement)
        except BaseException:
            cursor.execute("rollback")
            raise
        cursor.execute("commit")
