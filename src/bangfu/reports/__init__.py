"""Workbooks and words for people: what a county files, with the basis of every line."""
