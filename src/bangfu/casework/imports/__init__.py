"""Whole files through the core's readers: dry run, all or nothing, undoable."""
