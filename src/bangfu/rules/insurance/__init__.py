"""Insurance: who should be covered and is not, and which claims are due and unpaid."""
