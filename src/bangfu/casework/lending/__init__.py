"""Contracts, disbursement, the ledger."""
