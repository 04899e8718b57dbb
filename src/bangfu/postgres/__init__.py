"""The embedded PostgreSQL server: find binaries, start, hold and stop a cluster in a folder.

It knows nothing of the tables that live in it (design §8).
"""

from __future__ import annotations

from bangfu.postgres.binaries import Binaries, find_binaries
from bangfu.postgres.cluster import Cluster
from bangfu.postgres.problems import NoServer, NoTool

__all__ = ["Binaries", "Cluster", "NoServer", "NoTool", "find_binaries"]
