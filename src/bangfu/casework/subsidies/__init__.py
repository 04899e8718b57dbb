"""The subsidy cycle: computed, compared, reviewed, submitted, confirmed; each line frozen with its basis."""
