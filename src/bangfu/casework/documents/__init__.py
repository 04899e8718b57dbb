"""Uploads and produced papers: checked, hashed, encrypted on disk."""
