"""Guarantee: nothing is taken from the borrower, nothing charged."""
