"""The detectors: what inspections look for, each a function from the audit's context to findings."""
