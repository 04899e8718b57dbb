"""Payments for the rest of the house: accounts, batches, results, proof that the money reached the household.

Lines of confirmed lists are put into a *batch* (``prepare``), which another person sends out as the one-card
system's file (``release``); what became of each *item* is read back (``take_results``) or comes later
(``record_return``). A line has one attempt after another, never two at once: the triggers of ``models.py``
see to that, whoever writes. Money that is paid is followed to the household (``prove``, ``match_returns``),
money paid too much until it is back (``recovered``); ``track`` tells one line's whole way. Decisions 0064 to
0066 say why.
"""

from __future__ import annotations

from bangfu.casework.payments.account_files import AccountFile, take_account_file, try_account_file
from bangfu.casework.payments.account_requests import CHANGE
from bangfu.casework.payments.accounts import (
    AccountView,
    NewAccount,
    account_of,
    accounts,
    luhn_ok,
    register,
    register_bank,
)
from bangfu.casework.payments.agreeing import Disagreement, disagreements
from bangfu.casework.payments.batches import prepare, reject, release
from bangfu.casework.payments.card_file import FIELDS, FLAWS, Column, FileFormat
from bangfu.casework.payments.control import control_of, sheet_of
from bangfu.casework.payments.control_paper import control_paper
from bangfu.casework.payments.due import DueAgain, due_again, payable
from bangfu.casework.payments.finishing import PaidOf, finish, finish_all, on_its_way, paid_of
from bangfu.casework.payments.formats import (
    DEFAULT,
    EXAMPLES,
    READ_REASONS,
    CardSystem,
    ResultFormat,
    format_of,
    set_format,
    spec_of,
    system_of,
)
from bangfu.casework.payments.lateness import Lateness, lateness
from bangfu.casework.payments.preview import Preview, preview
from bangfu.casework.payments.proofs import (
    Missing,
    MissingPage,
    ProofView,
    match_returns,
    proofs_missing,
    proofs_of,
    prove,
)
from bangfu.casework.payments.reading import batch, batches, items, items_of_line, outcomes_of, tried_again
from bangfu.casework.payments.recoveries import RecoveryView, recovered, recoveries
from bangfu.casework.payments.results import ResultsRead, record_return, take_results, try_results
from bangfu.casework.payments.tables import FileProblem
from bangfu.casework.payments.tracking import Tracked, TrackedLine, track
from bangfu.casework.payments.views import BatchView, Control, ItemPage, ItemView, LeftOut, Payable, Share
from bangfu.casework.payments.waiting import offered
from bangfu.casework.payments.words import (
    BATCH_STATES,
    LEFT_OUT,
    OUTCOMES,
    PAID_TO,
    PROBLEMS,
    PROOFS,
    REASONS,
    RECOVERED_FROM,
    UNPROVED,
)
from bangfu.casework.subsidies import api as subsidies

__all__ = [
    "BATCH_STATES", "CHANGE", "DEFAULT", "EXAMPLES", "FIELDS", "FLAWS", "LEFT_OUT", "OUTCOMES", "PAID_TO", "PROBLEMS",
    "PROOFS", "READ_REASONS", "REASONS", "RECOVERED_FROM", "UNPROVED",
    "AccountFile", "AccountView", "BatchView", "CardSystem",
    "Column", "Control", "Disagreement", "DueAgain", "FileFormat", "FileProblem", "ItemPage", "ItemView", "Lateness",
    "LeftOut", "Missing", "MissingPage", "NewAccount", "PaidOf", "Payable", "Preview", "ProofView", "RecoveryView",
    "ResultFormat", "ResultsRead", "Share", "Tracked", "TrackedLine", "account_of", "accounts", "batch", "batches",
    "control_of", "control_paper", "disagreements", "due_again", "finish", "finish_all", "format_of",
    "items", "items_of_line", "lateness", "luhn_ok", "match_returns", "outcomes_of", "paid_of", "payable", "prepare",
    "preview",
    "proofs_missing", "proofs_of", "prove", "record_return", "recovered", "recoveries", "register", "register_bank",
    "reject", "release", "set_format", "sheet_of", "spec_of", "system_of", "take_account_file", "take_results",
    "track", "tried_again", "try_account_file", "try_results",
]  # fmt: skip

subsidies.guards_lines(on_its_way)
offered()
