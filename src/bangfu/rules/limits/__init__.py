"""Limits: the household's cap, and one loan at a time."""
