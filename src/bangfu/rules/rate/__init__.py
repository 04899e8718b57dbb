"""Rate: the ceiling of the contract day, and the rate fixed in the contract."""
