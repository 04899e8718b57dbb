"""The seven kinds of papers of a cycle, what is missing of them, and the sealed bundle (LD2021-7)."""
