"""Every table of the app, where Django looks for them."""

from __future__ import annotations

from bangfu.casework.audit_trail.models import TrailLink, TrailRow
from bangfu.casework.documents.models import StoredFile
from bangfu.casework.imports.models import ImportBatch, ImportStep
from bangfu.casework.lending.models import Disbursement, FactRow, Loan, LoanEvent, LoanStanding
from bangfu.casework.origination.models import (
    Application,
    ApplicationVersion,
    CoreDecision,
    CreditRating,
    ExceptionApproval,
    ExceptionRequest,
    Filing,
    OwnHousehold,
    Review,
    Stage,
)
from bangfu.casework.people.models import Account, Answered, Asked, Grant, SignIn, Token
from bangfu.casework.personal_data.models import PersonalDatum
from bangfu.casework.registry.models import (
    Acknowledgement,
    Area,
    AreaSuccession,
    Dealings,
    Household,
    Institution,
    LeadBank,
    Member,
    RosterDelivery,
    RosterEntry,
)
from bangfu.casework.requests.models import ChangeDecision, ChangeRequest

__all__ = [
    "Account",
    "Acknowledgement",
    "Answered",
    "Application",
    "ApplicationVersion",
    "Area",
    "AreaSuccession",
    "Asked",
    "ChangeDecision",
    "ChangeRequest",
    "CoreDecision",
    "CreditRating",
    "Dealings",
    "Disbursement",
    "ExceptionApproval",
    "ExceptionRequest",
    "FactRow",
    "Filing",
    "Grant",
    "Household",
    "ImportBatch",
    "ImportStep",
    "Institution",
    "LeadBank",
    "Loan",
    "LoanEvent",
    "LoanStanding",
    "Member",
    "OwnHousehold",
    "PersonalDatum",
    "Review",
    "RosterDelivery",
    "RosterEntry",
    "SignIn",
    "Stage",
    "StoredFile",
    "Token",
    "TrailLink",
    "TrailRow",
]
