"""Subsidy: the room a loan has, each payer's rate, each payer's amount, what is held back."""
