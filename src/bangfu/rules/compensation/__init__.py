"""Compensation: the grace before a claim, what the fund bears, and what goes back into it."""
