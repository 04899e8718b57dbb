"""Accounts, roles in a place for a time, scope, duties, signing in."""
