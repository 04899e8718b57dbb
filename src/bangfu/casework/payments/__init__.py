"""One-card payment: batch files, results line by line, returned money, proof that it reached the household."""
