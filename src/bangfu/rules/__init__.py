"""Rules: one folder each, a short list of named steps over columns, each step with its clause."""
