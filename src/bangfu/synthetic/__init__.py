"""The demonstration county: synthetic people, believable loans, and faults planted beside a list of them."""

from bangfu.synthetic.county import County, build
from bangfu.synthetic.writing import Summary, generate

__all__ = ["County", "Summary", "build", "generate"]
