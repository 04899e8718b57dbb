"""Carries the engine's batch over a cluster; holds no rule."""

from __future__ import annotations

from bangfu.spark.carry import book, session, settle, write_lines
from bangfu.spark.java import NoJava, java_home

__all__ = ["NoJava", "book", "java_home", "session", "settle", "write_lines"]
