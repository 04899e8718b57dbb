"""Styles and scripts: by names with their content's hash once they were collected, by their own names before."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Collected(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """What ``bangfu serve`` collects; tests and a site that never served go without."""

    def stored_name(self, name: str) -> str:
        """The name with the hash where there is one."""
        if not self.hashed_files:
            return name
        kept: str = super().stored_name(name)
        return kept
