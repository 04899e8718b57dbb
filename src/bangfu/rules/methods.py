"""Ways of counting interest, as the ledgers name them and as the columns number them."""

from __future__ import annotations

DAILY_360, DAILY_365, WHOLE_PERIODS = 0, 1, 2
METHODS = {"daily_360": DAILY_360, "daily_365": DAILY_365, "whole_periods": WHOLE_PERIODS}
BANK_YEAR_DAYS = 360
CALENDAR_YEAR_DAYS = 365
E6 = 1_000_000
E8_PER_E6 = 100
