"""The NPL ratio that is not held against a bank."""
