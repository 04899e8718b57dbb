"""Migrations, in one line."""
