"""Fen, rates, the one rounding, day counts, months and working days. Exact integers only."""
