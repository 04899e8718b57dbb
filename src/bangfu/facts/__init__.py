"""Facts: the tables of the programme, one place for names, types, units and Chinese headers; reading and writing."""

from __future__ import annotations

from bangfu.facts.codes import (
    CATEGORIES,
    EVENT_KINDS,
    EVENTS_DOWN,
    EVENTS_OF_MONEY,
    EVENTS_UP,
    FUND_KINDS,
    FUNDINGS,
    GUARANTEES,
    INSURANCE_EVENT_KINDS,
    INTEREST_METHODS,
    LEFT_REASONS,
    LOAN_KINDS,
    PAID_TOS,
    PAYEE_KINDS,
    POVERTY_CAUSES,
    PRODUCTS,
    PURPOSES,
    PURPOSES_FORBIDDEN,
    PURPOSES_LAWFUL,
    RELATIONS,
    REMINDERS,
    RISK_CLASSES,
)
from bangfu.facts.frames import Facts
from bangfu.facts.problems import BadFacts, Problem
from bangfu.facts.read import read_facts
from bangfu.facts.schema import Column, Table
from bangfu.facts.tables import TABLES, empty
from bangfu.facts.template import write_template
from bangfu.facts.write import write_facts

__all__ = [
    "CATEGORIES",
    "EVENTS_DOWN",
    "EVENTS_OF_MONEY",
    "EVENTS_UP",
    "EVENT_KINDS",
    "FUNDINGS",
    "FUND_KINDS",
    "GUARANTEES",
    "INSURANCE_EVENT_KINDS",
    "INTEREST_METHODS",
    "LEFT_REASONS",
    "LOAN_KINDS",
    "PAID_TOS",
    "PAYEE_KINDS",
    "POVERTY_CAUSES",
    "PRODUCTS",
    "PURPOSES",
    "PURPOSES_FORBIDDEN",
    "PURPOSES_LAWFUL",
    "RELATIONS",
    "REMINDERS",
    "RISK_CLASSES",
    "TABLES",
    "BadFacts",
    "Column",
    "Facts",
    "Problem",
    "Table",
    "empty",
    "read_facts",
    "write_facts",
    "write_template",
]
