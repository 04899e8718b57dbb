"""Carries the engine's batch over a cluster; holds no rule."""
