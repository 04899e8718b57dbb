"""Eligibility: who may borrow, by household and roster."""
