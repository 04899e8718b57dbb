"""Few examples and always the same ones in the everyday run; ``BANGFU_EXAMPLES=5000`` asks for thousands."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EVERYDAY = 40
_asked = os.environ.get("BANGFU_EXAMPLES")
_common = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("everyday", max_examples=EVERYDAY, derandomize=True, database=None, **_common)
settings.register_profile("thorough", max_examples=int(_asked or EVERYDAY), **_common)
settings.load_profile("thorough" if _asked else "everyday")
