"""Term: how long a contract may be."""
