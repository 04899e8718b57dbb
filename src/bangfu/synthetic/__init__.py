"""The demonstration county: synthetic people, believable loans, and faults planted beside a list of them."""
