"""The demonstration county: synthetic people, believable loans, and faults planted beside a list of them."""

from bangfu.synthetic.county import County, build
from bangfu.synthetic.faults.plan import NOT_PLANTABLE
from bangfu.synthetic.writing import PACKS, Summary, generate

__all__ = ["NOT_PLANTABLE", "PACKS", "County", "Summary", "build", "generate"]
