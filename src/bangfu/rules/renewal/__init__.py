"""Renewal: once in a family, and not too long."""
