"""The money of the subsidy: by source and year, as a ledger of two sides; what is still to come."""
