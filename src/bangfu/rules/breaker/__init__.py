"""The breaker: the ratio that stops new loans, and the one that lets them start again."""
