"""Another fiscal subsidy for the same days of the same loan."""
