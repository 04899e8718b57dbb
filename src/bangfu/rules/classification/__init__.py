"""The five classes and what is overdue: what of a loan counts as non-performing, and what is past its day."""
