"""What lending rests on: the approval as origination hands it over."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Protocol, cast
from uuid import UUID

from bangfu.casework.database.actor import Actor

__all__ = ["Approved", "approval_of"]


class Approved(Protocol):
    """An approved application, as ``origination.api.approved`` gives it."""

    @property
    def application_id(self) -> str: ...
    @property
    def household_id(self) -> str: ...
    @property
    def borrower_name(self) -> str: ...
    @property
    def borrower_id_number_id(self) -> UUID | None: ...
    @property
    def applied_on(self) -> date: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def rate_e8(self) -> int: ...
    @property
    def term_months(self) -> int: ...
    @property
    def product(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def parent_loan_id(self) -> str: ...
    @property
    def interest_method(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def guarantee(self) -> str: ...
    @property
    def funding(self) -> str: ...
    @property
    def subsidy_ceiling_fen(self) -> int | None: ...
    @property
    def institution_id(self) -> str: ...
    @property
    def scope_area(self) -> str: ...
    @property
    def decided_by(self) -> int: ...
    @property
    def content_hash(self) -> str: ...


def approval_of(*, actor: Actor, application_id: str) -> Approved:
    """The approved application in scope.

    Raises:
        Refused: ``not_in_scope``, ``wrong_stage``.
    """
    origination = import_module("bangfu.casework.origination.api")
    return cast("Approved", origination.approved(actor=actor, application_id=application_id))
