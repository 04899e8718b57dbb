"""Bangfu 帮扶: policy microcredit for households that left poverty or may fall back.

facts × policy → decisions and amounts, each with its legal basis.
"""

__version__ = "0.1.0"
