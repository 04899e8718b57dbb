"""Reminders before maturity: told, and told in writing."""
